"""One run of the conversion of a bag: each image from the recording to the new bag."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
import shutil

from rosbags.interfaces import Connection

from posenet_ros.attention.observer import Observer
from posenet_ros.bags.bag_image import (
    BagImage,
    conversion_error,
    describe_image,
    TrackedImage,
)
from posenet_ros.bags.camera_people import CameraPeople
from posenet_ros.bags.conversion_settings import ConversionSettings
from posenet_ros.bags.image_reader import ImageReader, ReadMessage
from posenet_ros.bags.image_topics import BagCamera
from posenet_ros.bags.journal import Journal
from posenet_ros.bags.outcome import Outcome
from posenet_ros.bags.output_topics import Output, outputs_of
from posenet_ros.bags.storage.bag_writer import BagWriter, open_writer
from posenet_ros.bags.storage.message_types import MessageTypes
from posenet_ros.bags.storage.recording import Recording
from posenet_ros.bags.summary import Summary
from posenet_ros.errors import BagError
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.poses import Pose
from posenet_ros.processes.watcher import Watcher
from posenet_ros.quoting import reason_of
from posenet_ros.videos.background import ReadAhead

#: The key of our entry in the metadata of a bag.
METADATA_KEY = 'posenet_ros'

# Messages that are read while the network runs; an image may have 100 MB.
_READ_AHEAD = 3


class ConversionRun:
    """One run of the conversion of a bag."""

    def __init__(
        self,
        recording: Recording,
        cameras: tuple[BagCamera, ...],
        types: MessageTypes,
        journal: Journal,
        watcher: Watcher,
    ) -> None:
        """Convert the images of these cameras, and note in the journal what became of them."""
        self._recording = recording
        self._cameras = cameras
        self._types = types
        self._journal = journal
        self._watcher = watcher
        self._summary = Summary(topics={one.topic: one.names.poses for one in cameras})
        self._outputs: dict[str, list[Output]] = {}
        # How many images of each topic were read.
        self._read: Counter[str] = Counter()

    def write(
        self,
        folder: Path,
        estimator: PoseEstimator,
        settings: ConversionSettings,
        describe: Callable[[Summary], str],
    ) -> Summary:
        """
        Write the new bag into a new folder, and what `describe` returns into its metadata.

        Raises BagError; then there is no such folder.
        """
        shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
        try:
            storage = settings.storage or self._recording.storage
            with open_writer(folder, storage, self._types) as writer:
                self._convert(writer, estimator, settings)
                writer.note(METADATA_KEY, describe(self._summary))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return self._summary

    def _convert(
        self, writer: BagWriter, estimator: PoseEstimator, settings: ConversionSettings
    ) -> None:
        """Write all messages."""
        observer = Observer(estimator)
        people = {
            one.topic: CameraPeople(estimator, observer, settings.observation)
            for one in self._cameras
        }
        for one in self._cameras:
            self._outputs[one.topic] = outputs_of(
                one.names, self._types, settings.observation, annotations=settings.annotations
            )
        connections = self._add_topics(writer, copy=settings.copy)
        reader = ImageReader(
            self._types,
            self._journal,
            topics=set(self._outputs),
            max_pixels=settings.observation.poses.max_image_pixels,
        )
        messages = reader.read(self._recording, connections)
        with ReadAhead(messages, depth=_READ_AHEAD) as read:
            for message in read:
                self._process(message, people, writer)
        self._check_counts()

    def _add_topics(self, writer: BagWriter, *, copy: bool) -> list[Connection]:
        """Add the topics of the new bag, and return the connections that must be read for it."""
        images = [one for camera in self._cameras for one in camera.connections]
        outputs = [one for camera in self._outputs.values() for one in camera]
        for output in outputs:
            writer.add_topic(output.topic, output.message_type)
        if not copy:
            return images
        written = {output.topic for output in outputs}
        read = [one for one in self._recording.connections if one.topic not in written]
        for connection in read:
            writer.add_copy(connection)
        for topic in sorted(written & {one.topic for one in self._recording.connections}):
            self._watcher.notice(
                f'{self._recording.path}: {topic} is not copied: a new output is on this topic'
            )
        return read

    def _process(
        self, read: ReadMessage | str, people: dict[str, CameraPeople], writer: BagWriter
    ) -> None:
        """Process one message, or note why nothing more can be read."""
        if isinstance(read, str):
            self._note_damage(read)
            return
        writer.copy(read.message)
        image = read.image
        if image is None:
            return
        self._read[image.topic] += 1
        outcome = self._outcome_of(image, people[image.topic])
        if outcome.refusal or outcome.size is None or image.header is None:
            line = f'{describe_image(image.topic, image.time)}: {outcome.refusal}'
            self._summary = self._summary.refuse(line)
        else:
            poses = self._track(image, outcome, people[image.topic])
            tracked = TrackedImage(image.header, outcome.size, poses)
            for output in self._outputs[image.topic]:
                writer.write(output.topic, image.time, output.convert(tracked))
            self._summary = self._summary.processed(len(poses))
        self._watcher.advance(recalled=image.recalled)

    def _outcome_of(self, image: BagImage, people: CameraPeople) -> Outcome:
        """Return the outcome of an image; the network runs only if it is not known."""
        outcome = image.outcome
        if image.recalled and outcome:
            people.recall(image, outcome)
            return outcome
        try:
            outcome = outcome or people.find(image)
        except Exception as error:  # not noted in the journal, so that the next run tries again
            self._watcher.check()  # a signal may have become another error
            raise conversion_error(image.topic, image.time, error) from error
        self._watcher.check()
        self._journal.note(outcome)
        return outcome

    def _track(self, image: BagImage, outcome: Outcome, people: CameraPeople) -> list[Pose]:
        """Return the poses in an image with their track ids; if that fails, without."""
        assert outcome.size is not None
        try:
            return people.track(image, outcome.poses, outcome.size)
        except Exception as error:  # as in the node: poses are useful without ids, too
            line = f'{describe_image(image.topic, image.time)}: {reason_of(error)}'
            self._summary = self._summary.lose_ids(line)
            return outcome.poses

    def _check_counts(self) -> None:
        """Note if there were more or fewer images than the bag states."""
        if self._summary.damage:
            return
        for camera in self._cameras:
            stated, read = camera.image_count, self._read[camera.topic]
            if stated != read:
                # rosbags skips topics whose type differs between the metadata and the file.
                self._note_damage(
                    f'{self._recording.path} states {stated} images on {camera.topic}, but {read} '
                    'were read; run: ros2 bag reindex, or convert the .mcap or .db3 file in it'
                )
                return

    def _note_damage(self, reason: str) -> None:
        """Note why images are missing; raises BagError if there are none at all."""
        if not self._summary.images:
            raise BagError(reason)
        self._summary = replace(self._summary, damage=reason)
