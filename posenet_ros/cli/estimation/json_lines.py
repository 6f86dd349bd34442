"""A file with one line of JSON for each image or frame, as `--json` prints them."""

from pathlib import Path

from posenet_ros.cli.estimation.result_file import ResultFile
from posenet_ros.cli.estimation.results import ImageResult, to_json


class JsonLines:
    """Writes results as lines of JSON into a file, which appears when closed."""

    def __init__(self, path: Path) -> None:
        """Create an unfinished file; raises OutputError if it cannot be written."""
        self._file = ResultFile(path)

    def add(self, result: ImageResult) -> None:
        """Add a line; raises OutputError if the file cannot be written."""
        with self._file.output_errors():
            self._file.text.write(to_json(result) + '\n')

    def close(self) -> None:
        """Give the file its name; raises OutputError."""
        self._file.close()

    def discard(self) -> None:
        """Remove the unfinished file."""
        self._file.discard()
