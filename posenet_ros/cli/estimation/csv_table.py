"""The poses of all inputs as a flat table, for spreadsheets and pandas."""

import csv
from dataclasses import astuple, fields
from pathlib import Path

from posenet_ros.boxes import Box, box_of
from posenet_ros.cli.estimation.result_file import ResultFile
from posenet_ros.cli.estimation.results import ImageResult
from posenet_ros.keypoints import PART_NAMES

_BOX = tuple(field.name for field in fields(Box))

#: The names of the columns. Frame and time are empty for single images, and so is a box that is
#: not known.
COLUMNS = (
    'source',
    'frame',
    'time',
    'track_id',
    'score',
    *_BOX,
    *(f'{part}_{value}' for part in PART_NAMES for value in ('x', 'y', 'score')),
)


class CsvTable:
    """Writes a CSV file with one row for each person in each image; it appears when closed."""

    def __init__(self, path: Path) -> None:
        """Create an unfinished file; raises OutputError if it cannot be written."""
        self._file = ResultFile(path)
        self._writer = csv.writer(self._file.text)
        with self._file.output_errors():
            self._writer.writerow(COLUMNS)

    def add(self, result: ImageResult) -> None:
        """Add the people in an image; raises OutputError if the file cannot be written."""
        moment = result.moment
        place = ['', ''] if moment is None else [moment.frame, moment.time]
        with self._file.output_errors():
            for pose in result.poses:
                box = box_of(pose, result.image_size)
                corners = [''] * len(_BOX) if box is None else astuple(box)
                values = [
                    value
                    for (x, y), score in zip(
                        pose.keypoints.tolist(), pose.keypoint_scores.tolist(), strict=True
                    )
                    for value in (x, y, score)
                ]
                person = [pose.track_id, pose.score, *corners]
                self._writer.writerow([result.source, *place, *person, *values])

    def close(self) -> None:
        """Give the file its name; raises OutputError."""
        self._file.close()

    def discard(self) -> None:
        """Remove the unfinished file."""
        self._file.discard()
