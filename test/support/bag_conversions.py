"""Conversions of bags in tests, their progress, and estimators that fail or wait."""

from collections.abc import Sequence
from pathlib import Path
import signal
from typing import Any

from made_bags import film, Made, Rgb, write_bag
from networks import load
from walking_people import people_at

from posenet_ros.attention.observation import ObservationSettings
from posenet_ros.bags.conversion import convert_bag
from posenet_ros.bags.conversion_settings import ConversionSettings
from posenet_ros.bags.summary import Summary
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.estimation.loading import load_estimator
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.settings import PoseSettings
from posenet_ros.tracking import TrackingSettings

#: The network sees the people in `people_at` well.
POSES = PoseSettings(image_scale_factor=0.7)


class Killed(BaseException):
    """The end of a conversion at an instant."""


class Watching:
    """Watches a conversion, and ends it after some images."""

    def __init__(self, *, kill_after: int | None = None) -> None:
        """End it after this number of images."""
        self.images = 0
        self.done = 0
        self.recalled = 0
        self.notices: list[str] = []
        self._kill_after = kill_after

    def begin(self, source: Path, images: int) -> None:
        """Note the number of images."""
        self.images += images

    def advance(self, *, recalled: bool = False) -> None:
        """Count an image."""
        self.done += 1
        self.recalled += recalled
        if self.done == self._kill_after:
            raise Killed

    def notice(self, line: str) -> None:
        """Note a line."""
        self.notices.append(line)

    def check(self) -> None:
        """Do nothing."""


class CountingEstimator(PoseEstimator):
    """An estimator with the default network, which counts its runs."""

    def __init__(self) -> None:
        """Load the network; skips the test if it is not downloaded."""
        super().__init__(load('mobilenet_v1_075', 16), POSES)
        self.runs = 0

    def infer_framed(self, images: Sequence[Rgb], framings: Sequence[Any]) -> Any:
        """Count the run."""
        self.runs += 1
        return super().infer_framed(images, framings)


class FailingEstimator(CountingEstimator):
    """An estimator that raises an error in one of its runs."""

    def __init__(self, error: Exception, *, run: int = 2) -> None:
        """Raise this error in this run; the first one is 1."""
        super().__init__()
        self._error = error
        self._run = run

    def infer_framed(self, images: Sequence[Rgb], framings: Sequence[Any]) -> Any:
        """Run the network, or fail."""
        found = super().infer_framed(images, framings)
        if self.runs == self._run:
            raise self._error
        return found


class WaitingEstimator(PoseEstimator):
    """An estimator that waits for a signal in its third run, so that no bag is finished."""

    def __init__(self, estimator: PoseEstimator, began: Path | None = None) -> None:
        """Use the network of an estimator; create the file `began` when it waits."""
        super().__init__(estimator.network, estimator.settings)
        self._runs = 0
        self._began = began

    def infer_framed(self, images: Sequence[Rgb], framings: Sequence[Any]) -> Any:
        """Run the network, or wait."""
        self._runs += 1
        if self._runs == 3:
            if self._began:
                self._began.touch()
            while True:
                signal.pause()
        return super().infer_framed(images, framings)


def settings(
    *, attention: str = 'whole_image', poses: PoseSettings = POSES, **others: Any
) -> ConversionSettings:
    """Return settings of a conversion."""
    observation = ObservationSettings(
        poses, AttentionSettings(attention=attention, search_interval=0.3), TrackingSettings()
    )
    return ConversionSettings(observation=observation, **others)


def walk(count: int, *, people: int = 2) -> list[Rgb]:
    """Return the pictures of people who walk."""
    return [people_at(number / 10, count=people)[0] for number in range(count)]


def two_cameras(count: int) -> list[Made]:
    """Return the images of two cameras, the second of which is compressed."""
    return film('/front/image_raw', walk(count)) + film(
        '/rear/image_raw/compressed', walk(count, people=1)
    )


def convert(
    source: Path,
    target: Path,
    chosen: ConversionSettings | None = None,
    *,
    estimator: PoseEstimator | None = None,
    watching: Watching | None = None,
) -> Summary:
    """Convert a bag."""
    return convert_bag(
        source,
        target,
        estimator or CountingEstimator(),
        chosen or settings(),
        watching or Watching(),
    )


def write_walk(folder: Path, count: int, **options: Any) -> Path:
    """Write a bag with two cameras."""
    return write_bag(folder / 'walk', two_cameras(count), **options)


def load_on_one_thread() -> PoseEstimator:
    """Load the default network."""
    return load_estimator(ModelSettings(), POSES, RuntimeSettings(intra_op_num_threads=1))


def load_waiting(*arguments: Any, **options: Any) -> PoseEstimator:
    """Load a network as `load_estimator` does; its third run waits for a signal."""
    return WaitingEstimator(load_estimator(*arguments, **options))


def load_and_wait(began: Path) -> PoseEstimator:
    """Load the default network; its third run creates a file, and waits for a signal."""
    return WaitingEstimator(load_on_one_thread(), began)
