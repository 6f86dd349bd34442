from typing import Any

import pytest

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.errors import SettingError
from posenet_ros.poses import MIN_KEYPOINT_SCORE
from posenet_ros.settings import rows, Setting
from posenet_ros.tracking.tracking_settings import TrackingSettings


def test_keypoints_that_are_not_drawn_do_not_count() -> None:
    assert DrawingSettings().draw_min_keypoint_score == MIN_KEYPOINT_SCORE


@pytest.mark.parametrize('row', rows(TrackingSettings), ids=lambda row: row.name)
def test_values_out_of_range_are_refused(row: Setting) -> None:
    values: dict[str, Any] = {row.name: -1}
    with pytest.raises(SettingError, match=row.name):
        TrackingSettings(**values)
