"""The single images of one run of `posenet estimate`."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from posenet_ros.cli.estimation.job import Job
from posenet_ros.cli.output import print_message
from posenet_ros.estimation.closer_look import CloserLook
from posenet_ros.framing.framing import Size
from posenet_ros.image_files import read_image, write_png
from posenet_ros.poses import Pose


class Pictures:
    """Processes the single images of a run; with --track, they are a sequence."""

    def __init__(self, job: Job) -> None:
        """Use the settings of a run."""
        self._job = job
        self._closer_look = CloserLook(job.estimator)
        self._follower = job.new_follower() if job.track else None
        self._size: Size | None = None
        # Of the newest image that was processed.
        self._index = -1

    def process(self, name: str, index: int) -> None:
        """
        Find the people in an image file, the one with this index among the images of the run.

        An index that is left out counts as an image without people. Raises what `read_image`,
        `PersonFollower.follow`, `write_png` and `Outputs.add` raise.
        """
        job = self._job
        image = read_image(Path(name), max_pixels=job.estimator.settings.max_image_pixels)
        poses = self._find(image, name, index)
        result = job.result(name, image, poses, moment=None, tracked=job.track)
        job.outputs.add(result)
        if job.annotated is not None:
            path = job.annotated.path_for(name, '.png')
            write_png(path, job.draw(image, poses, tracked=job.track))
            if job.outputs.report is not None:
                job.outputs.report.add_image(result, path)

    def _find(self, image: NDArray[np.uint8], name: str, index: int) -> list[Pose]:
        if self._follower is None:
            return self._closer_look.estimate(image, attention=self._job.attention)
        size = image.shape[0], image.shape[1]
        if index > self._index + 1:
            self._follower.skip(time=(index - 1) / self._job.rate)
        poses = self._follower.follow(image, time=index / self._job.rate)
        self._index = index
        if self._size not in (None, size):
            print_message(
                f'{name} and the image before it differ in size, so ids start again at 1'
            )
        self._size = size
        return poses
