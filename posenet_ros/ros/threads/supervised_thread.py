"""A thread that remembers why it died."""

from collections.abc import Callable
import threading
import traceback

from posenet_ros.ros.log_text import cut


class SupervisedThread(threading.Thread):
    """
    Runs a loop until its owner tells it to end.

    The owner calls `expect_end` and then makes the loop return. If the loop returns or raises
    before that, the thread has died, and `failure` says why.
    """

    def __init__(self, name: str, loop: Callable[[], None]) -> None:
        """Prepare the thread; `start` starts it."""
        # A daemon thread does not prevent Python from exiting if its owner never stops it.
        super().__init__(name=name, daemon=True)
        self._loop: Callable[[], None] | None = loop
        self._end_expected = False
        #: Why the thread died, in one line; None while it runs, and after its owner ended it.
        self.failure: str | None = None

    def run(self) -> None:
        """Run the loop; called in the new thread."""
        assert self._loop is not None  # set until the thread has been joined
        try:
            self._loop()
            reason = 'its loop ended'
        except BaseException as error:
            reason = f'{type(error).__name__}: {cut(str(error))}'
            traceback.print_exc()
        if not self._end_expected:
            self.failure = f'thread "{self.name}" died: {reason}'

    def expect_end(self) -> None:
        """Declare that the owner is ending the loop."""
        self._end_expected = True

    def finish(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for the end; returns whether the thread has ended."""
        if self.ident is not None:
            self.join(max(0.0, timeout))
        if self.is_alive():
            return False
        # The loop refers to the owner, which refers to this thread. Without this, both would stay
        # in memory, together with a model, until Python's garbage collection.
        self._loop = None
        return True


def running_threads() -> list[str]:
    """Return the names of all supervised threads of this process that are still running."""
    return [one.name for one in threading.enumerate() if isinstance(one, SupervisedThread)]
