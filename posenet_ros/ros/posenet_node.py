"""The node: images of all cameras through one estimator."""

from collections.abc import Mapping
from typing import Any

from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from posenet_ros.errors import PosenetError
from posenet_ros.estimation import load_network, PoseEstimator
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.ros.diagnostics.monitor import Monitor
from posenet_ros.ros.parameters.parameters import declare, LiveSettings, NodeSettings
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.pipeline import Pipeline
from posenet_ros.ros.topics.camera_topics import camera_topics


class PosenetNode(LifecycleNode):
    """
    Finds people in the images of one or more cameras: a managed node.

    Configuring loads the model and opens the outputs, activating takes images, deactivating lets
    go of them and keeps the model, cleaning up frees it. With `autostart` it goes to active by
    itself.

    The executor's thread serves parameters, transitions and diagnostics; those of `Pipeline`
    receive images, work on them and publish.
    """

    def __init__(self, **options: Any) -> None:
        """
        Read the parameters and, with autostart, configure and activate.

        Raises SettingError for a parameter that is not allowed. A model that cannot be loaded
        leaves the node unconfigured, after one line that says why.
        """
        super().__init__('posenet', **options)
        self._settings = declare(self, NodeSettings)
        self._model = declare(self, ModelSettings)
        self._runtime = declare(self, RuntimeSettings)
        self._live = LiveSettings(self)
        self._topics = camera_topics(
            self,
            self._settings.image_topics,
            image_transport=self._settings.image_transport,
        )
        self._cameras: list[Camera] = []
        self._estimator: PoseEstimator | None = None
        self._pipeline: Pipeline | None = None
        self._failure: str | None = None
        self._finalized = False
        timeout = self._settings.image_timeout
        self._monitor = Monitor(self, self._state, self._facts, timeout=timeout)
        if self._settings.autostart:
            self._start()
        else:
            self.get_logger().info(f'waits unconfigured; run: {self._command("configure")}')

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load the model and open the outputs."""
        try:
            self._configure()
        except Exception as error:  # rclpy would keep silent about it
            self._say_failed('configure', error)
            self._free()
            return TransitionCallbackReturn.FAILURE
        self._failure = None
        return TransitionCallbackReturn.SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Take images."""
        try:
            self._activate()
        except Exception as error:  # as above
            self._say_failed('activate', error)
            self._stop()
            return TransitionCallbackReturn.FAILURE
        self._failure = None
        return TransitionCallbackReturn.SUCCESS

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Take no more images; the model stays."""
        self._stop()
        return TransitionCallbackReturn.SUCCESS

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the model and close the outputs."""
        self._free()
        self._failure = None
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop and free everything."""
        self._finalized = True
        return self.on_cleanup(state)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Go back to unconfigured, from where it can be tried again."""
        return self.on_cleanup(state)

    def destroy_node(self) -> None:
        """Finish the image that is worked on, drop the others, and close the node."""
        self._stop()
        super().destroy_node()

    def _start(self) -> None:
        try:
            if self.trigger_configure() == TransitionCallbackReturn.SUCCESS:
                self.trigger_activate()
        except BaseException:
            # A signal has shut the context down. Nobody gets this node to stop its threads, and
            # one that waits in rclpy while Python ends would abort the process.
            self._stop()
            raise

    def _configure(self) -> None:
        network = load_network(self._model, self._runtime, self._live.now.poses, report=self._warn)
        self._estimator = PoseEstimator(network)
        for topics in self._topics:
            self._cameras.append(Camera(self, topics))
        self.get_logger().info(
            f'{network.model}, output stride {network.output_stride}, '
            f'on {network.execution_provider}'
        )

    def _activate(self) -> None:
        assert self._estimator is not None  # made by _configure
        self._pipeline = Pipeline(
            self,
            self._estimator,
            self._live,
            max_batch_size=self._settings.max_batch_size,
            lazy=self._settings.lazy,
        )
        self._pipeline.start(self._cameras)
        self._monitor.watch(self._cameras, self._pipeline.attention)
        for camera in self._cameras:
            self.get_logger().info(f'{camera.name} -> {camera.poses_topic}')

    def _warn(self, line: str) -> None:
        self.get_logger().warning(line)

    def _say_failed(self, transition: str, error: Exception) -> None:
        reason = str(error) if isinstance(error, PosenetError) else repr(error)
        self._failure = f'cannot {transition}: {reason}'
        self.get_logger().error(
            f'{self._failure}; once that is mended, run: {self._command(transition)}'
        )

    def _command(self, transition: str) -> str:
        return f'ros2 lifecycle set {self.get_fully_qualified_name()} {transition}'

    def _stop(self) -> None:
        self._monitor.release()
        if self._pipeline is not None:
            self._pipeline.stop()
            self._pipeline = None

    def _free(self) -> None:
        self._stop()
        for camera in self._cameras:
            camera.close()
        self._cameras = []
        self._estimator = None

    def _state(self) -> tuple[str, str | None, str | None]:
        """Return the lifecycle state, why the last transition failed, and the network's notice."""
        if self._estimator is None:
            return 'finalized' if self._finalized else 'unconfigured', self._failure, None
        notices = self._estimator.network.notices
        state = 'inactive' if self._pipeline is None else 'active'
        return state, self._failure, notices[-1] if notices else None

    def _facts(self, camera: Camera) -> Mapping[str, str]:
        """Return what diagnostics say of a camera that does not change from image to image."""
        estimator, image_size = self._estimator, camera.image_size
        if estimator is None:
            return {}
        settings = self._live.now.poses
        size = image_size and estimator.frame(image_size, settings).input_size
        return {
            'model': estimator.network.model,
            'output stride': str(estimator.network.output_stride),
            'input size': f'{size[0]}x{size[1]}' if size else '-',
            'execution provider': estimator.network.execution_provider,
            'execution provider notices': '; '.join(estimator.network.notices) or '-',
        }
