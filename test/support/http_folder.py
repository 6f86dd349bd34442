"""A web server on this machine that serves one folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
import http.server
from pathlib import Path
import threading
from typing import Any

# Seconds within which the server must stop.
_STOP_WITHIN = 5.0


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files quietly, and can announce more bytes than it sends."""

    def __init__(self, *args: Any, missing_bytes: int, **options: Any) -> None:
        self._missing_bytes = missing_bytes
        super().__init__(*args, **options)

    def send_header(self, keyword: str, value: str) -> None:
        if keyword == 'Content-Length':
            value = str(int(value) + self._missing_bytes)
        super().send_header(keyword, value)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serve(folder: Path, *, missing_bytes: int = 0) -> Iterator[str]:
    """
    Serve a folder over HTTP and yield its URL; the server stops when the block ends.

    The Content-Length of each file is `missing_bytes` more than the server sends.
    """
    handler = partial(_Handler, directory=str(folder), missing_bytes=missing_bytes)
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
