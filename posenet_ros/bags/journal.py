"""
The journal of a conversion: what became of each image so far.

It has a line for what is converted and how, and a line for each image, in the order of the bag. A
conversion that is killed leaves it behind, maybe with half a line at its end. The next one reads
it, and so runs the network only on images that are not in it.
"""

import json
from pathlib import Path

from posenet_ros.bags.outcome import from_line, Outcome, to_line
from posenet_ros.processes.unfinished_folder import lock_unfinished


class Journal:
    """
    The open journal of one conversion; only one process can have it open.

    `recall` is called for all images in order until it returns None, and `note` for all others.
    """

    def __init__(self, path: Path, key: str) -> None:
        """
        Open a journal, and read it if it has this key, which says what is converted and how.

        Otherwise it becomes empty. Raises FolderInUseError if another process has it open,
        PosenetError if its folder has something else, and OSError.
        """
        self._recalling = False
        # Where the next outcome begins.
        self._end = 0
        self._file = lock_unfinished(path)
        try:
            self._start(key)
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the journal."""
        self._file.close()

    def recall(self, topic: str, time: int) -> Outcome | None:
        """
        Return what became of the next image, with this topic and time of recording.

        Returns None from the first image on that is not in the journal.
        """
        if not self._recalling:
            return None
        line = self._file.readline()
        outcome = from_line(line) if line.endswith(b'\n') else None
        if outcome is None or (outcome.topic, outcome.time) != (topic, time):
            self._recalling = False
            return None
        self._end += len(line)
        return outcome

    def note(self, outcome: Outcome) -> None:
        """Note what became of the next image; raises OSError."""
        if self._file.tell() != self._end:
            self._file.truncate(self._end)  # drop half a line
            self._file.seek(self._end)
        line = to_line(outcome)
        self._file.write(line)
        self._file.flush()
        self._end += len(line)

    def _start(self, key: str) -> None:
        self._file.seek(0)
        line = json.dumps({'key': key}).encode() + b'\n'
        self._recalling = self._file.readline() == line
        if not self._recalling:
            self._file.truncate(0)
            self._file.seek(0)
            self._file.write(line)
            self._file.flush()
        self._end = len(line)
