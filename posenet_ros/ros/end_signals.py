"""
SIGINT and SIGTERM in a process that runs a node.

A program creates `EndSignals` before it imports anything else of this package. Those imports take
about a second, and an exception from a signal handler in the middle of one ends in a traceback.
"""

from collections.abc import Callable
import os
import signal
import threading

#: Seconds after a signal in which the work in progress must end. Then the node has twice that to
#: close: its pipeline takes up to 5 s to stop.
END_TIMEOUT = 5.0

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class EndSignals:
    """
    Receives the signals in a thread of its own, from now until the process ends.

    They interrupt no other thread, and rclpy does not handle them: its handler shuts the context
    down at once, and then everything in progress fails.

    A signal ends the process at once until `defer` is called, as nothing needs to be closed yet.
    From then on, it calls what was given to `call`, once. The process ends with one line if
    `begin_end` is not called within 5 s, for example because the main thread is building an
    engine, which cannot be interrupted, or if the process does not end within another 10 s, which
    means that the middleware hangs. The exit code is 0 in all cases.
    """

    def __init__(self) -> None:
        """Begin to receive the signals; only for the main thread."""
        # Threads inherit the mask. So a signal interrupts no system call of a library.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        # Python's own handler writes to this pipe at once, in whichever thread the signal arrives.
        # Its handlers in Python would have to wait for the main thread.
        self._pipe, written = os.pipe()
        os.set_blocking(written, False)
        signal.set_wakeup_fd(written, warn_on_full_buffer=False)
        for number in _SIGNALS:
            signal.signal(number, lambda *_: None)
        self._lock = threading.Lock()
        self._deferred = self._received = False
        self._action: Callable[[], object] | None = None
        self._ending = threading.Event()
        threading.Thread(target=self._receive, name='posenet signals', daemon=True).start()

    def defer(self) -> None:
        """Do not end the process at once any more."""
        with self._lock:
            self._deferred = True

    def call(self, action: Callable[[], object]) -> None:
        """Call `action` when a signal comes, in another thread, or now if one has come."""
        with self._lock:
            self._action = action
            if self._received:
                action()

    def begin_end(self) -> None:
        """Ignore signals from now on, except that the process must end soon after one."""
        with self._lock:
            self._action = None  # what it refers to may be closed
        self._ending.set()

    def _receive(self) -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.read(self._pipe, 1)
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # one is enough
        with self._lock:
            if not self._deferred:
                os._exit(0)
            self._received = True
            if self._action is not None:
                self._action()
        if not self._ending.wait(END_TIMEOUT):
            _exit('the work in progress did not end', END_TIMEOUT)
        threading.Event().wait(2 * END_TIMEOUT)
        _exit('the node did not close', 2 * END_TIMEOUT)


def _exit(reason: str, seconds: float) -> None:
    """End the process, even if its threads are busy, with one line on standard error."""
    try:
        blocking = os.get_blocking(2)
        os.set_blocking(2, False)  # the pipe may be full, and nobody may read it
        try:
            os.write(2, f'posenet_ros: after a signal, {reason} within {seconds:g} s\n'.encode())
        finally:
            os.set_blocking(2, blocking)  # other processes may share it
    finally:
        os._exit(0)
