"""The web server of tests: a test that fails with it must not keep pytest from ending."""

from pathlib import Path
import threading
from urllib.error import URLError
from urllib.request import urlopen

from http_folder import serve
import pytest


def test_the_server_stops_when_the_block_fails(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    (tmp_path / 'file').write_text('content')
    urls: list[str] = []

    def fail() -> None:
        with serve(tmp_path) as url:
            urls.append(f'{url}/file')
            assert urlopen(urls[0]).read() == b'content'
            # Even if it did not stop, it would not keep Python from exiting.
            assert all(thread.daemon for thread in set(threading.enumerate()) - before)
            raise ZeroDivisionError('the test fails')

    with pytest.raises(ZeroDivisionError):
        fail()
    assert set(threading.enumerate()) <= before
    with pytest.raises(URLError):
        urlopen(urls[0], timeout=10)
