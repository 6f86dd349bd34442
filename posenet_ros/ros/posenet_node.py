"""The managed node: it loads one network and processes the images of all cameras with it."""

from typing import Any

from rclpy.clock import Clock
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from posenet_ros.errors import ThreadDiedError
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.estimation.loading import load_estimator
from posenet_ros.estimation.quality import QualitySettings
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.ros.autostart import Autostart
from posenet_ros.ros.callbacks.guarded_node import GuardedNode
from posenet_ros.ros.diagnostics.monitor import Monitor
from posenet_ros.ros.diagnostics.node_status import NodeState
from posenet_ros.ros.parameters.declaration import declare_settings
from posenet_ros.ros.parameters.live_settings import LiveSettings
from posenet_ros.ros.parameters.node_settings import NodeSettings
from posenet_ros.ros.parameters.parameter_mistakes import warn_of_mistakes, warn_of_qos_mistakes
from posenet_ros.ros.parameters.parameter_table import PARAMETERS
from posenet_ros.ros.pipeline.camera import Camera, open_camera
from posenet_ros.ros.pipeline.pipeline import Pipeline
from posenet_ros.ros.rclpy_release import ClockType
from posenet_ros.ros.topics.camera_topics import camera_topics
from posenet_ros.ros.transitions import Transitions

# Seconds between two reports on /diagnostics.
_REPORT_PERIOD = 1.0


class PosenetNode(GuardedNode, LifecycleNode):
    """
    Finds people in the images of one or more cameras.

    The transition configure loads the network and opens the publishers, activate starts the
    pipeline, deactivate stops it, cleanup frees everything. `autostart` configures and activates
    as soon as the node spins, unless somebody else requests a transition first.

    The executor that spins the node serves everything but images, which have their own threads.
    """

    # Set here because the constructor may fail before it sets anything (see destroy_node).
    _pipeline: Pipeline | None = None

    def __init__(self, **options: Any) -> None:
        """
        Read the parameters; raises SettingError for one that is not allowed.

        With autostart, spinning the node also raises SettingError, for QoS overrides that are not
        allowed. If the model cannot be loaded, the node logs why and stays unconfigured.
        """
        super().__init__('posenet', **options)
        warn_of_mistakes(self, *PARAMETERS)
        self._settings = declare_settings(self, NodeSettings)
        self._quality = declare_settings(self, QualitySettings)
        defaults = self._quality.defaults
        self._model = declare_settings(self, ModelSettings, defaults=defaults)
        self._runtime = declare_settings(self, RuntimeSettings, defaults=defaults)
        self._live = LiveSettings(self, defaults)
        self._topics = camera_topics(self, self._settings.topics)
        self._cameras: list[Camera] = []
        self._estimator: PoseEstimator | None = None
        self._transitions = Transitions(self)
        self._dead_thread: str | None = None
        self._death_was_reported = False
        self._finalized = False
        self._monitor = Monitor(self, timeout=self._settings.image_timeout)
        warn_of_qos_mistakes(self, self._topics)
        # With a steady clock, reports continue while simulated time is paused.
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(_REPORT_PERIOD, self._report, clock=steady)
        timeout = self._settings.transition_listener_timeout
        self._autostart = Autostart(self, self._start, timeout=timeout, clock=steady)
        if not self._settings.autostart:
            self._autostart.cancel()
            commands = self._transitions.commands('configure')
            self.get_logger().info(f'unconfigured; to start, run: {commands}')

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load the network and open the publishers."""
        self._autostart.cancel()
        return self._transitions.attempt('configure', self._configure, undo=self._free)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Start the pipeline."""
        return self._transitions.attempt('activate', self._activate, undo=self._stop)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop the pipeline and keep the network."""
        self._stop()
        return self._ended('deactivated: the node receives no images and keeps the model')

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the network and close the publishers."""
        return self._clean_up('cleaned up: the model is freed and the publishers are closed')

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop and free everything."""
        self._autostart.cancel()
        self._finalized = True
        return self._clean_up('shut down: the node cannot start again; end or restart its process')

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Return to the state unconfigured, so that the node can be configured again."""
        return self._clean_up('unconfigured after an error')

    def destroy_node(self) -> None:
        """
        Stop the pipeline and close the node.

        Since Kilted, rclpy calls this at the end of the process even if the constructor failed.
        """
        if self._pipeline is not None:
            self._stop()
        super().destroy_node()

    def _start(self) -> None:
        self._transitions.start(self.trigger_configure, self.trigger_activate)

    def _configure(self) -> None:
        self._estimator = load_estimator(
            self._model, self._live.now.poses, self._runtime, report=self.get_logger().warning
        )
        network = self._estimator.network
        for topics in self._topics:
            self._cameras.append(open_camera(self, topics))
        runs = f'output stride {network.output_stride}, on {network.execution_provider}'
        self.get_logger().info(f'{network.model}, {runs}')
        attention = self._live.now.attention.attention
        self.get_logger().info(f'quality {self._quality.quality}, attention {attention}')

    def _activate(self) -> None:
        assert self._estimator is not None  # created by _configure
        self._pipeline = Pipeline(
            self,
            self._estimator,
            lambda: self._live.now,
            max_batch_size=self._settings.max_batch_size,
            lazy=self._settings.lazy,
            spatial=self._settings.spatial,
        )
        self._pipeline.start(self._cameras)
        self._monitor.watch(self._cameras, self._pipeline.activity)
        for camera in self._cameras:
            self.get_logger().info(f'{camera.name} -> {camera.topics.poses.resolved}')

    def _stop(self) -> None:
        self._monitor.release()
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            pipeline.stop()
            self._dead_thread = self._dead_thread or pipeline.failure

    def _free(self) -> None:
        self._stop()
        for camera in self._cameras:
            camera.outputs.close()
        self._cameras = []
        self._estimator = None

    def _report(self) -> None:
        """Report to /diagnostics; raises ThreadDiedError in the second report of a dead thread."""
        pipeline = self._pipeline
        if self._dead_thread is None and pipeline is not None:
            self._dead_thread = pipeline.failure
        network = self._estimator.network if self._estimator else None
        try:
            self._monitor.report(self._state(), network)
        finally:  # even if reporting fails
            if self._dead_thread is not None and self._death_was_reported:
                raise ThreadDiedError(self._dead_thread)
            self._death_was_reported = self._dead_thread is not None

    def _state(self) -> NodeState:
        loaded = 'active' if self._pipeline else 'inactive'
        unloaded = 'finalized' if self._finalized else 'unconfigured'
        return NodeState(
            state=loaded if self._estimator else unloaded,
            failed_transition=self._transitions.failure,
            notice=self._estimator.network.warning if self._estimator else None,
            dead_thread=self._dead_thread,
        )

    def _clean_up(self, success: str) -> TransitionCallbackReturn:
        self._free()
        self._transitions.failure = None
        return self._ended(success)

    def _ended(self, success: str) -> TransitionCallbackReturn:
        """Return the result of a transition that stops the pipeline; log its success."""
        if self._dead_thread is not None:
            return TransitionCallbackReturn.ERROR
        self.get_logger().info(success)
        return TransitionCallbackReturn.SUCCESS
