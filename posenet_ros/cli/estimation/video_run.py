"""One video, webcam or sequence of numbered images in `posenet estimate`."""

from contextlib import ExitStack
import math
from pathlib import Path

from posenet_ros.cli.estimation.annotations import AnnotatedVideo
from posenet_ros.cli.estimation.job import Job
from posenet_ros.cli.estimation.report.sections import Section
from posenet_ros.cli.estimation.results import ImageResult, Moment
from posenet_ros.cli.output import print_message
from posenet_ros.cli.progress_bar import ProgressBar
from posenet_ros.framing.framing import Size
from posenet_ros.videos.background import ReadAhead
from posenet_ros.videos.frames import FrameSelection, FrameSource, VideoFrame
from posenet_ros.videos.inputs import open_frames


def process_video(name: str, job: Job) -> None:
    """
    Find and follow the people in the frames of an input that is not a single image.

    Reading frames, finding people, and drawing and writing the annotated video overlap. Whatever
    ends this early, the outputs have all frames that were processed, and some of them may have the
    next one. Raises ImageError if the input is broken or an output cannot be written, and what
    `PersonFollower.follow` raises.
    """
    max_pixels = job.estimator.settings.max_image_pixels
    with open_frames(name, rate=job.rate, max_pixels=max_pixels) as source:
        _VideoRun(source, job).run()


class _VideoRun:
    """Processes one video."""

    def __init__(self, source: FrameSource, job: Job) -> None:
        self._source = source
        self._job = job
        self._follower = job.new_follower()
        self._total = count_frames(source, job.selection)
        # What was processed so far.
        self._count = 0
        self._newest: VideoFrame | None = None
        self._size: Size | None = None
        self._max_people = 0
        self._ids: set[int] = set()
        has_report = job.outputs.report is not None
        self._section = Section(source.name, is_video=True) if has_report else None

    def run(self) -> None:
        """Process all frames, and print what was in them."""
        annotated: AnnotatedVideo | None = None
        try:
            with ExitStack() as stack:
                frames = stack.enter_context(ReadAhead(self._source.frames(self._job.selection)))
                bar = stack.enter_context(ProgressBar(self._source.name, unit='frames'))
                annotated = self._new_annotated(stack)
                for frame in frames:
                    self._process(frame, annotated)
                    if not self._job.outputs.fill_the_terminal:
                        bar.update('', self._count, max(self._total, self._count))
                    self._job.interruption.check()
        except KeyboardInterrupt:
            print_message(self._describe_progress(annotated))
            raise
        finally:
            self._add_to_report(annotated)
            self._note_missing_ids()
        self._job.outputs.summarize(self._summary())

    def _new_annotated(self, stack: ExitStack) -> AnnotatedVideo | None:
        job = self._job
        if job.annotated is None:
            return None
        path = job.annotated.path_for(self._source.name, '.mp4')
        rate = self._source.rate / job.selection.every
        video = AnnotatedVideo(
            path, rate=rate, draw=lambda image, poses: job.draw(image, poses, tracked=True)
        )
        return stack.enter_context(video)

    def _process(self, frame: VideoFrame, annotated: AnnotatedVideo | None) -> None:
        poses = self._follower.follow(frame.image, time=frame.time)
        result = self._job.result(
            self._source.name,
            frame.image,
            poses,
            moment=Moment(frame.index, frame.time),
            tracked=True,
        )
        self._job.outputs.add(result)
        if annotated is not None:
            annotated.add(frame.image, poses, frame.time)
        if self._section is not None:
            self._section.add(result)
        self._note(frame, result)

    def _add_to_report(self, annotated: AnnotatedVideo | None) -> None:
        report = self._job.outputs.report
        path = _finished_path(annotated)
        if report is not None and self._section is not None and path is not None:
            report.add_video(self._section, path)

    def _note(self, frame: VideoFrame, result: ImageResult) -> None:
        if self._size not in (None, result.image_size):
            print_message(
                f'{self._source.name}: frame {frame.index} and the one before it differ in size, '
                'so ids start again at 1'
            )
        self._size, self._newest = result.image_size, frame
        self._count += 1
        self._max_people = max(self._max_people, len(result.poses))
        self._ids |= {pose.track_id for pose in result.poses if pose.track_id}

    def _note_missing_ids(self) -> None:
        """Say why nobody has an id if there are too few frames."""
        least = self._job.tracking.track_min_hits
        if 0 < self._count < least:
            print_message(
                f'{self._source.name}: nobody has an id, because a person needs to be found in '
                f'{least} frames for it (--track-min-hits), and {self._count} were processed'
            )

    def _describe_progress(self, annotated: AnnotatedVideo | None) -> str:
        if self._newest is None:
            return f'{self._source.name}: stopped before the first frame'
        text = (
            f'{self._source.name}: stopped after frame {self._newest.index} '
            f'({self._newest.time:.3f} s); results are complete up to there'
        )
        path = _finished_path(annotated)
        return text if path is None else f'{text}, and so is {path}'

    def _summary(self) -> str:
        if self._size is None or self._newest is None:
            return f'{self._source.name}: no frames in the chosen part'
        height, width = self._size
        return (
            f'{self._source.name} ({width}x{height}): {_counted(self._count, "frame", "frames")} '
            f'up to {self._newest.time:.3f} s, at most '
            f'{_counted(self._max_people, "person", "people")} at once, '
            f'{_counted(len(self._ids), "id", "ids")}'
        )


def _finished_path(annotated: AnnotatedVideo | None) -> Path | None:
    return annotated.path if annotated is not None and annotated.is_finished else None


def _counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f'{number} {one if number == 1 else many}'


def count_frames(source: FrameSource, selection: FrameSelection) -> int:
    """Return about how many frames will be processed; 0 if not known."""
    end = min(selection.end, math.inf if source.duration is None else source.duration)
    if math.isinf(end):
        return 0
    return max(0, math.ceil((end - selection.start) * source.rate / selection.every))
