"""Where the results of `posenet estimate` go: standard output, files and a page."""

from contextlib import ExitStack
from pathlib import Path
import sys

from posenet_ros.cli.estimation.csv_table import CsvTable
from posenet_ros.cli.estimation.json_lines import JsonLines
from posenet_ros.cli.estimation.report.page import Report
from posenet_ros.cli.estimation.results import ImageResult, print_table, to_json
from posenet_ros.cli.output import print_text


class Outputs:
    """The outputs of one run, as a context manager."""

    def __init__(
        self,
        *,
        json: bool = False,
        json_lines: Path | None = None,
        csv: Path | None = None,
        report: Path | None = None,
    ) -> None:
        """
        Print results as JSON or as tables, and create the unfinished files.

        Raises OutputError if a file cannot be written, and MissingDependencyError.
        """
        self._json = json
        with ExitStack() as created:
            self._files: list[JsonLines | CsvTable] = []
            if json_lines is not None:
                self._files.append(JsonLines(json_lines))
                created.callback(self._files[-1].discard)
            if csv is not None:
                self._files.append(CsvTable(csv))
                created.callback(self._files[-1].discard)
            #: The page, to which results are added when their annotated copies are written.
            self.report = None if report is None else Report(report)
            created.pop_all()

    def __enter__(self) -> 'Outputs':
        return self

    def __exit__(self, *_: object) -> None:
        """Complete the files with the results so far, whatever ended the block."""
        with ExitStack() as stack:
            for file in self._files:
                stack.callback(file.close)
            if self.report is not None:
                stack.callback(self.report.close)

    @property
    def fill_the_terminal(self) -> bool:
        """Return whether lines for each frame of a video appear on a terminal."""
        return self._json and sys.stdout.isatty()

    def add(self, result: ImageResult) -> None:
        """
        Write a result; raises OutputError.

        The frames of a video are not printed as tables, which would be too long to read.
        """
        if self._json:
            print_text(to_json(result))
        elif result.moment is None:
            print_table(result)
        for file in self._files:
            file.add(result)

    def summarize(self, text: str) -> None:
        """Print a line about a video, unless its frames were printed; raises OutputError."""
        if not self._json:
            print_text(text)
