"""One run of the conversion of a bag: each image from the recording to the new bag."""

from collections.abc import Callable, Iterator
import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
import shutil
from typing import Protocol, TypeAlias

from rosbags.interfaces import Connection

from posenet_ros.attention.observation import ObservationSettings
from posenet_ros.attention.observer import Observer
from posenet_ros.bags.bag_image import BagImage, read_image, TrackedImage
from posenet_ros.bags.camera_people import CameraPeople
from posenet_ros.bags.image_topics import BagCamera
from posenet_ros.bags.journal import Journal
from posenet_ros.bags.outcome import Outcome
from posenet_ros.bags.output_topics import Output, outputs_of
from posenet_ros.bags.read_ahead import read_ahead
from posenet_ros.bags.storage.bag_writer import BagWriter, open_writer
from posenet_ros.bags.storage.message_types import MessageTypes
from posenet_ros.bags.storage.recording import RecordedMessage, Recording
from posenet_ros.bags.summary import Summary
from posenet_ros.errors import BagError
from posenet_ros.estimation.estimator import PoseEstimator

#: The key of our entry in the metadata of a bag.
METADATA_KEY = 'posenet_ros'

# Messages that are read while the network runs; an image may have 100 MB.
_READ_AHEAD = 3

# A message, and its image if it is to be converted; or why nothing more can be read.
_Item: TypeAlias = 'tuple[RecordedMessage, BagImage | None] | str'


@dataclass(frozen=True, eq=False, kw_only=True)
class ConversionSettings:
    """What is converted, and how."""

    observation: ObservationSettings
    #: The image topics; empty for one in each namespace.
    topics: tuple[str, ...] = ()
    #: Whether all topics of the bag are copied.
    copy: bool = False
    #: MCAP or SQLITE3; empty for that of the bag.
    storage: str = ''


class Watcher(Protocol):
    """Who is told how far a conversion is."""

    def begin(self, source: Path, images: int) -> None:
        """Note that a bag with this number of images is being converted."""

    def advance(self) -> None:
        """Note that one more image is done."""

    def notice(self, line: str) -> None:
        """Show a line about what is unusual."""

    def check(self) -> None:
        """Raise KeyboardInterrupt if the conversion should end."""


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
        self._outputs: dict[str, list[Output]] = {
            one.topic: outputs_of(one.names, types) for one in cameras
        }

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
        connections = self._add_topics(writer, copy=settings.copy)
        read = self._items(connections, settings.observation.poses.max_image_pixels)
        with contextlib.closing(read_ahead(read, depth=_READ_AHEAD)) as items:
            for item in items:
                self._take(item, people, writer)

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
                f'{self._recording.path}: {topic} is not copied: the new poses are on this topic'
            )
        return read

    def _items(self, connections: list[Connection], max_pixels: int) -> Iterator[_Item]:
        """Return the messages of the bag; this runs in a thread of its own."""
        try:
            for message in self._recording.messages(connections):
                topic = message.connection.topic
                if topic not in self._outputs:
                    yield message, None
                    continue
                known = self._journal.recall(topic, message.time)
                yield message, read_image(message, self._types, known=known, max_pixels=max_pixels)
        except BagError as error:
            yield str(error)

    def _take(self, item: _Item, people: dict[str, CameraPeople], writer: BagWriter) -> None:
        """Process one message."""
        if isinstance(item, str):
            if not self._summary.images:
                raise BagError(item)
            self._summary = replace(self._summary, damage=item)
            return
        message, image = item
        writer.copy(message)
        if image is None:
            return
        outcome = self._settle(image, people[image.topic])
        if outcome.refusal or outcome.size is None or image.header is None:
            line = f'{image.topic}, recorded at {image.time / 1e9:.9f}: {outcome.refusal}'
            self._summary = self._summary.refuse(line)
        else:
            poses = people[image.topic].track(image, outcome.poses, outcome.size)
            tracked = TrackedImage(image.header, outcome.size, poses)
            for output in self._outputs[image.topic]:
                writer.write(output.topic, image.time, output.convert(tracked))
            self._summary = self._summary.processed(len(poses))
        self._watcher.advance()

    def _settle(self, image: BagImage, people: CameraPeople) -> Outcome:
        """Return the outcome of an image; the network runs only if it is not known."""
        outcome = image.outcome
        if image.recalled and outcome:
            people.recall(image, outcome)
            return outcome
        outcome = outcome or people.find(image)
        self._watcher.check()  # a signal may have become another error
        self._journal.note(outcome)
        return outcome
