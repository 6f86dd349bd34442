"""Reading of the messages of a bag, with the pixels of the images that are to be converted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rosbags.interfaces import Connection

from posenet_ros.bags.bag_image import BagImage, conversion_error, read_image
from posenet_ros.bags.journal import Journal
from posenet_ros.bags.storage.message_types import MessageTypes
from posenet_ros.bags.storage.recording import RecordedMessage, Recording
from posenet_ros.errors import BagError


@dataclass(frozen=True, eq=False)
class ReadMessage:
    """A message of a bag, and its image if it is to be converted."""

    message: RecordedMessage
    image: BagImage | None = None


class ImageReader:
    """Reads the messages of a bag; the iterator may run in a thread of its own."""

    def __init__(
        self, types: MessageTypes, journal: Journal, *, topics: set[str], max_pixels: int
    ) -> None:
        """Convert the images on these topics, unless the journal has their outcome."""
        self._types = types
        self._journal = journal
        self._topics = topics
        self._max_pixels = max_pixels

    def read(
        self, recording: Recording, connections: Sequence[Connection]
    ) -> Iterator[ReadMessage | str]:
        """
        Return the messages in the order of recording; if the bag is damaged, a line about that.

        Raises BagError if an image cannot be converted for a reason that is not in the bag.
        """
        messages = recording.messages(connections)
        while True:
            try:
                message = next(messages, None)
            except BagError as error:
                yield str(error)
                return
            if message is None:
                return
            yield ReadMessage(message, self._image(message))

    def _image(self, message: RecordedMessage) -> BagImage | None:
        topic = message.connection.topic
        if topic not in self._topics:
            return None
        known = self._journal.recall(topic, message.time)
        try:
            return read_image(message, self._types, known=known, max_pixels=self._max_pixels)
        except Exception as error:  # the image did not cause it, so the next run tries again
            raise conversion_error(topic, message.time, error) from error
