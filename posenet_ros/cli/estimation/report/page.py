"""
The page of `posenet estimate --report`: one file that needs no network.

plotly draws the plots: it is MIT-licensed and maintained, and its wheel (10 MB, with two small
dependencies) contains the JavaScript, 4.8 MB of every page. bokeh's JavaScript is smaller, but its
wheel needs pandas, tornado and five more. matplotlib's pictures could follow a video, but nobody
could zoom into them or choose a keypoint.
"""

import base64
from collections.abc import Iterator
import html
import json
from pathlib import Path
from typing import Any

from posenet_ros.cli.estimation.report.sections import Section
from posenet_ros.cli.estimation.results import ImageResult
from posenet_ros.cli.output import OutputError
from posenet_ros.drawing.colours import colour_of
from posenet_ros.errors import MissingDependencyError
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.regular_files import UnfinishedFile

_FOLDER = Path(__file__).parent
# Darker than in images, so that it can be seen on white.
_NO_ID = (130, 130, 130)
_TYPES = {'.mp4': 'video/mp4', '.png': 'image/png'}
_PICTURES = 'Images'
# Bytes that are read at a time; a multiple of 3, which base64 turns into 4 letters.
_CHUNK = 3 * 2**18


class Report:
    """Collects results, and writes the page when it is closed."""

    def __init__(self, path: Path) -> None:
        """Create an unfinished file; raises OutputError and MissingDependencyError."""
        self._path = path
        self._plotly = _load_plotly()
        self._sections: list[Section] = []
        self._pictures: Section | None = None
        try:
            self._file = UnfinishedFile(path)
        except OSError as error:
            raise self._error(error) from error

    def add_image(self, result: ImageResult, annotated: Path) -> None:
        """Add the result for a single image, and its annotated copy, which must exist."""
        if self._pictures is None:
            self._pictures = Section(_PICTURES, is_video=False)
            self._sections.append(self._pictures)
        self._pictures.add(result)
        self._pictures.files.append(annotated)

    def add_video(self, section: Section, annotated: Path) -> None:
        """Add the results for a video, and its annotated copy, which must exist."""
        section.files.append(annotated)
        self._sections.append(section)

    def close(self) -> None:
        """Write the page with the results so far; raises OutputError."""
        try:
            with open(self._file.path, 'w', encoding='utf-8', errors='backslashreplace') as file:
                file.writelines(_page(self._sections, self._plotly))
            self._file.finish()
        except OSError as error:
            raise self._error(error) from error
        finally:
            self._file.discard()

    def _error(self, error: OSError) -> OutputError:
        return OutputError(f'cannot write {self._path}: {error.strerror}')


def _load_plotly() -> str:
    """Return plotly's JavaScript; raises MissingDependencyError."""
    try:
        from plotly.offline import get_plotlyjs
    except ImportError as error:
        raise MissingDependencyError(
            '--report needs the Python package plotly; run: pip install plotly'
        ) from error
    script: str = get_plotlyjs()
    return script


def _page(sections: list[Section], plotly: str) -> Iterator[str]:
    """Return the parts of the page."""
    start, end = (_FOLDER / 'page.html').read_text(encoding='utf-8').split('<!-- content -->')
    yield start
    for number, section in enumerate(sections):
        yield f'<section id="s{number}"><h2>{html.escape(section.name)}</h2><div class="view">'
        yield from _media(section)
        yield '</div><div class="plots">'
        if section.every > 1:
            yield f'<p>The plots show one of every {section.every} frames.</p>'
        yield '</div></section>\n'
    yield f'<script>{plotly}</script>\n'
    yield f'<script id="data" type="application/json">{{"parts":{_json(PART_NAMES)},"sections":['
    for number, section in enumerate(sections):
        yield (',' if number else '') + _json(_data(section))
    yield ']}</script>\n'
    yield f'<script>{(_FOLDER / "page.js").read_text(encoding="utf-8")}</script>\n'
    yield end


def _data(section: Section) -> dict[str, Any]:
    """Return what the plots of a section show."""
    plots = section.plots()
    return plots | {'colours': {number: _css_colour(number) for number in plots['people']}}


def _json(value: object) -> str:
    """Return a value as JSON that cannot end an element of HTML."""
    return json.dumps(value, separators=(',', ':')).replace('</', '<\\/')


def _css_colour(track_id: int) -> str:
    """Return the colour in which the annotated copies show a person."""
    red, green, blue = colour_of(track_id) if track_id else _NO_ID
    return f'rgb({red},{green},{blue})'


def _media(section: Section) -> Iterator[str]:
    """Return the parts of the elements of the annotated copies."""
    for path in section.files:
        try:
            file = open(path, 'rb')  # noqa: SIM115
        except OSError as error:
            yield f'<p>{html.escape(str(path))} cannot be read: {error.strerror}.</p>'
            continue
        with file:
            image = f'<img alt="{html.escape(path.name)}"'
            yield '<video controls muted' if section.is_video else image
            yield f' src="data:{_TYPES[path.suffix]};base64,'
            while chunk := file.read(_CHUNK):
                yield base64.b64encode(chunk).decode()
            yield '"></video>' if section.is_video else '">'
