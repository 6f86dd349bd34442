"""Where the results of `posenet estimate` go: standard output, a CSV file and a page."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
import sys

from posenet_ros.cli.estimation.csv_table import CsvTable
from posenet_ros.cli.estimation.report.page import Report
from posenet_ros.cli.estimation.results import ImageResult, print_json, print_table
from posenet_ros.cli.output import print_text


class Outputs:
    """The outputs of one run, as a context manager."""

    def __init__(self, *, json: bool, csv: Path | None, report: Path | None = None) -> None:
        """
        Print results as JSON or as tables, and create the unfinished files.

        Raises OutputError if a file cannot be written, and MissingDependencyError.
        """
        self._json = json
        self._print: Callable[[ImageResult], None] = print_json if json else print_table
        self._table = None if csv is None else CsvTable(csv)
        try:
            #: The page, to which results are added when their annotated copies are written.
            self.report = None if report is None else Report(report)
        except BaseException:
            if self._table is not None:
                self._table.discard()
            raise

    def __enter__(self) -> 'Outputs':
        return self

    def __exit__(self, *_: object) -> None:
        """Complete the files with the results so far, whatever ended the block."""
        with ExitStack() as stack:
            for file in (self.report, self._table):
                if file is not None:
                    stack.callback(file.close)

    @property
    def fill_the_terminal(self) -> bool:
        """Return whether lines for each frame of a video appear on a terminal."""
        return self._json and sys.stdout.isatty()

    def add(self, result: ImageResult) -> None:
        """
        Write a result; raises OutputError.

        The frames of a video are not printed as tables, which would be too long to read.
        """
        if self._json or result.moment is None:
            self._print(result)
        if self._table is not None:
            self._table.add(result)

    def summarize(self, text: str) -> None:
        """Print a line about a video, unless its frames were printed; raises OutputError."""
        if not self._json:
            print_text(text)
