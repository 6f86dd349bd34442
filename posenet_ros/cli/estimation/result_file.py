"""A text file with results, which appears when it is complete."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from posenet_ros.cli.output import OutputError
from posenet_ros.regular_files import UnfinishedFile


class ResultFile:
    """A text file that appears when it is closed."""

    def __init__(self, path: Path) -> None:
        """Create an unfinished file; raises OutputError if it cannot be written."""
        self._path = path
        with self.output_errors():
            self._unfinished = UnfinishedFile(path)
            #: The open file; write to it within `output_errors`.
            self.text = open(  # noqa: SIM115
                self._unfinished.path, 'w', newline='', encoding='utf-8', errors='backslashreplace'
            )

    def close(self) -> None:
        """Give the file its name; raises OutputError."""
        try:
            with self.output_errors():
                self.text.close()
                self._unfinished.finish()
        except OutputError:
            self.discard()
            raise

    def discard(self) -> None:
        """Remove the unfinished file."""
        with suppress(OSError):
            self.text.close()
        self._unfinished.discard()

    @contextmanager
    def output_errors(self) -> Iterator[None]:
        """Raise OutputError instead of OSError."""
        try:
            yield
        except OSError as error:
            raise OutputError(f'cannot write {self._path}: {error.strerror}') from error
