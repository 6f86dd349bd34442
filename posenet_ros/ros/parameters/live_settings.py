"""The settings of posenet_node that can change while it runs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rcl_interfaces.msg import SetParametersResult
from rclpy.node import Node
from rclpy.parameter import Parameter

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.errors import SettingError
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.ros.log_text import cut
from posenet_ros.ros.parameters.declaration import AnyGroup, declare_settings
from posenet_ros.ros.pipeline.image_settings import ImageSettings, OutputSettings
from posenet_ros.ros.rclpy_release import call_after_setting_parameters
from posenet_ros.settings import PoseSettings, rows
from posenet_ros.tracking.tracking_settings import TrackingSettings


class LiveSettings:
    """
    The settings of a node that can change while it runs.

    `now` holds the current settings. A change replaces all of them in one assignment, so that any
    thread can read them without a lock.
    """

    def __init__(self, node: Node, defaults: Mapping[str, Any] | None = None) -> None:
        """
        Declare the parameters and follow their changes.

        `defaults` replaces the defaults of some, by name. Parameters that are set together change
        together. If one value is not allowed, none changes, and the caller receives the reason.
        Raises SettingError if an initial value is not allowed.
        """

        def declare(group: type[AnyGroup]) -> AnyGroup:
            return declare_settings(node, group, changeable=True, defaults=defaults)

        self.now = ImageSettings(
            poses=declare(PoseSettings),
            attention=declare(AttentionSettings),
            tracking=declare(TrackingSettings),
            output=declare(OutputSettings),
            drawing=declare(DrawingSettings),
        )
        node.add_on_set_parameters_callback(self._check)
        call_after_setting_parameters(node, self._apply)

    def _check(self, parameters: Sequence[Parameter]) -> SetParametersResult:
        try:
            self._changed(parameters)
        except SettingError as error:
            return SetParametersResult(successful=False, reason=cut(str(error)))
        return SetParametersResult(successful=True)

    def _apply(self, parameters: Sequence[Parameter]) -> None:
        self.now = self._changed(parameters)

    def _changed(self, parameters: Sequence[Parameter]) -> ImageSettings:
        """Return the current settings with the given parameters changed; raises SettingError."""
        values = {parameter.name: parameter.value for parameter in parameters}
        return ImageSettings(
            poses=_change(self.now.poses, values),
            attention=_change(self.now.attention, values),
            tracking=_change(self.now.tracking, values),
            output=_change(self.now.output, values),
            drawing=_change(self.now.drawing, values),
        )


def _change(group: AnyGroup, values: Mapping[str, Any]) -> AnyGroup:
    """Return the group with its own values among `values` replaced; raises SettingError."""
    own = {row.name: values[row.name] for row in rows(type(group)) if row.name in values}
    return replace(group, **own)
