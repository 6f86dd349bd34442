"""One video, webcam or sequence of numbered images in `posenet estimate`."""

from contextlib import ExitStack
import math
from pathlib import Path

from posenet_ros.cli.batches.batch_progress import BatchProgress, VIDEOS
from posenet_ros.cli.estimation.annotations import AnnotatedVideo
from posenet_ros.cli.estimation.job import Job
from posenet_ros.cli.estimation.report.sections import Section
from posenet_ros.cli.estimation.results import ImageResult, Moment
from posenet_ros.cli.estimation.video_summary import VideoSummary
from posenet_ros.cli.signals import Interruption
from posenet_ros.framing.framing import Size
from posenet_ros.processes.watcher import Watcher
from posenet_ros.videos.background import ReadAhead
from posenet_ros.videos.frames import FrameSelection, FrameSource, VideoFrame
from posenet_ros.videos.inputs import open_frames


def process_video(name: str, job: Job, interruption: Interruption) -> None:
    """
    Find and follow the people in the frames of an input that is not a single image.

    Shows the progress, and prints what was in the frames. Whatever ends this early, the outputs
    have all frames that were processed, and some of them may have the next one. Raises ImageError
    if the input is broken or an output cannot be written, and what `PersonFollower.follow` raises.
    """
    max_pixels = job.estimator.settings.max_image_pixels
    has_bar = not job.outputs.fill_the_terminal
    with open_frames(name, rate=job.rate, max_pixels=max_pixels) as source:
        with BatchProgress(1, VIDEOS, interruption, has_bar=has_bar) as progress:
            run = VideoRun(source, job, progress)
            try:
                summary = run.run()
            except KeyboardInterrupt:
                progress.notice(run.describe_progress())
                raise
            finally:
                run.note_missing_ids()
        job.outputs.summarize(summary.describe())


class VideoRun:
    """
    Processes one video.

    Reading frames, finding people, and drawing and writing the annotated video overlap.
    """

    def __init__(self, source: FrameSource, job: Job, watcher: Watcher) -> None:
        """Process the frames of an open source, and report the progress to the watcher."""
        self._source = source
        self._job = job
        self._watcher = watcher
        self._follower = job.new_follower()
        # What was processed so far.
        self._count = 0
        self._newest: VideoFrame | None = None
        self._size: Size | None = None
        self._max_people = 0
        self._ids: set[int] = set()
        has_report = job.outputs.report is not None
        self._section = Section(source.name, is_video=True) if has_report else None
        self._annotated: AnnotatedVideo | None = None

    def run(self) -> VideoSummary:
        """Process all frames, and return what was in them; raises as `process_video` does."""
        total = count_frames(self._source, self._job.selection)
        self._watcher.begin(Path(self._source.name), total)
        try:
            with ExitStack() as stack:
                frames = stack.enter_context(ReadAhead(self._source.frames(self._job.selection)))
                self._annotated = self._new_annotated(stack)
                for frame in frames:
                    self._process(frame)
                    self._watcher.advance()
                    self._watcher.check()
        finally:
            self._add_to_report()
        return self._summary()

    def describe_progress(self) -> str:
        """Return how far a run came that was interrupted."""
        if self._newest is None:
            return f'{self._source.name}: stopped before the first frame'
        text = (
            f'{self._source.name}: stopped after frame {self._newest.index} '
            f'({self._newest.time:.3f} s); results are complete up to there'
        )
        path = self._annotated_path()
        return text if path is None else f'{text}, and so is {path}'

    def note_missing_ids(self) -> None:
        """Say why nobody has an id if there are too few frames."""
        least = self._job.tracking.track_min_hits
        if 0 < self._count < least:
            self._watcher.notice(
                f'{self._source.name}: nobody has an id, because a person needs to be found in '
                f'{least} frames for it (--track-min-hits), and {self._count} were processed'
            )

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

    def _process(self, frame: VideoFrame) -> None:
        poses = self._follower.follow(frame.image, time=frame.time)
        result = self._job.result(
            self._source.name,
            frame.image,
            poses,
            moment=Moment(frame.index, frame.time),
            tracked=True,
        )
        self._job.outputs.add(result)
        if self._annotated is not None:
            self._annotated.add(frame.image, poses, frame.time)
        if self._section is not None:
            self._section.add(result)
        self._note(frame, result)

    def _add_to_report(self) -> None:
        report, path = self._job.outputs.report, self._annotated_path()
        if report is not None and self._section is not None and path is not None:
            report.add_video(self._section, path)

    def _note(self, frame: VideoFrame, result: ImageResult) -> None:
        if self._size not in (None, result.image_size):
            self._watcher.notice(
                f'{self._source.name}: frame {frame.index} and the one before it differ in size, '
                'so ids start again at 1'
            )
        self._size, self._newest = result.image_size, frame
        self._count += 1
        self._max_people = max(self._max_people, len(result.poses))
        self._ids |= {pose.track_id for pose in result.poses if pose.track_id}

    def _summary(self) -> VideoSummary:
        height, width = self._size or (0, 0)
        return VideoSummary(
            source=self._source.name,
            frames=self._count,
            width=width,
            height=height,
            end=0.0 if self._newest is None else self._newest.time,
            max_people=self._max_people,
            ids=len(self._ids),
        )

    def _annotated_path(self) -> Path | None:
        """Return the path of the annotated video, if it is finished."""
        video = self._annotated
        return video.path if video is not None and video.is_finished else None


def count_frames(source: FrameSource, selection: FrameSelection) -> int:
    """Return about how many frames will be processed; 0 if not known."""
    end = min(selection.end, math.inf if source.duration is None else source.duration)
    if math.isinf(end):
        return 0
    return max(0, math.ceil((end - selection.start) * source.rate / selection.every))
