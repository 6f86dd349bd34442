from collections.abc import Iterator
import gc
import weakref

import pytest

from posenet_ros.ros.threads.worker import Worker


class Owner:
    """Holds a worker that calls it, as the pipeline does."""

    def __init__(self) -> None:
        self.worker: Worker[str, int] = Worker('test', self.work)

    def work(self, key: str, value: int) -> None:
        pass


@pytest.fixture
def no_garbage_collection() -> Iterator[None]:
    """Leave it to counts of references to free memory."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures('no_garbage_collection')
def test_a_stopped_worker_lets_go_of_its_owner() -> None:
    owner = Owner()
    owner.worker.put('camera', 1)
    owner.worker.stop()
    gone = weakref.ref(owner)
    del owner
    assert gone() is None
