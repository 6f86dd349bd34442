"""A small folder laid out as COCO's validation set, with people whose keypoints are known."""

from collections.abc import Sequence
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from posenet_ros.poses import Pose

#: Where the keypoints of a made person are in the box, as shares of width and height.
_PLACES = np.random.default_rng(3).uniform(0.1, 0.9, (17, 2))
#: Width and height of the pictures.
SIZE = (640, 480)


def make_person(
    picture: int, box: Sequence[float], *, keypoints: int = 17, crowd: bool = False
) -> dict[str, Any]:
    """Return an annotation of a person in a box (left, top, width, height)."""
    left, top, width, height = box
    rows = [(left + x * width, top + y * height, 2) for x, y in _PLACES.tolist()]
    rows[keypoints:] = [(0.0, 0.0, 0)] * (17 - keypoints)
    return {
        'id': 0,
        'image_id': picture,
        'category_id': 1,
        'bbox': list(box),
        'area': 0.5 * width * height,
        'iscrowd': int(crowd),
        'num_keypoints': keypoints,
        'keypoints': [value for row in rows for value in row],
    }


def make_pose(box: Sequence[float], *, right: float = 0.0, score: float = 0.5) -> Pose:
    """Return the pose of a person in a box, moved to the right by some pixels."""
    keypoints = np.array(box[:2]) + _PLACES * box[2:] + np.array([right, 0.0])
    return Pose(score, keypoints, np.full(17, score, np.float32))


def make_annotations(people: Sequence[dict[str, Any]], pictures: Sequence[int]) -> dict[str, Any]:
    """Return an annotation file with these people and pictures."""
    width, height = SIZE
    return {
        'images': [
            {'id': number, 'file_name': f'{number:012}.jpg', 'width': width, 'height': height}
            for number in pictures
        ],
        'annotations': [{**one, 'id': index} for index, one in enumerate(people, start=1)],
        'categories': [{'id': 1, 'name': 'person'}],
    }


def write_coco(folder: Path, annotations: dict[str, Any]) -> Path:
    """Write an annotation file, and its pictures in grey, into a folder; return the folder."""
    (folder / 'annotations').mkdir()
    (folder / 'val2017').mkdir()
    path = folder / 'annotations' / 'person_keypoints_val2017.json'
    path.write_text(json.dumps(annotations))
    for one in annotations['images']:
        grey = np.full((one['height'], one['width'], 3), 128, np.uint8)
        cv2.imwrite(str(folder / 'val2017' / one['file_name']), grey)
    return folder
