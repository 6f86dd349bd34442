"""A web server on this machine that serves one folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
import http.server
from pathlib import Path
import threading

# Seconds within which the server has to stop.
_STOP_WITHIN = 5.0


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder over HTTP and yield its URL; the server stops however the block ends."""
    handler = partial(_QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
        # A daemon thread cannot keep the process alive, whatever happens in the block.
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f'http://127.0.0.1:{server.server_port}'
        finally:
            server.shutdown()
            thread.join(_STOP_WITHIN)
            assert not thread.is_alive(), 'the web server did not stop'
