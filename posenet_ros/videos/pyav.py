"""PyAV, the optional package that reads and writes videos with FFmpeg's libraries."""

from typing import Any

from posenet_ros.errors import MissingDependencyError


def load_pyav() -> Any:
    """Return the module `av`; raises MissingDependencyError with the remedy."""
    try:
        import av
    except ImportError as error:
        raise MissingDependencyError(
            'videos need the Python package av; run: pip install "av>=17"'
        ) from error
    if int(av.__version__.partition('.')[0]) < 17:
        raise MissingDependencyError(
            f'videos need the Python package av 17 or newer, but {av.__version__} is installed; '
            'run: pip install --upgrade "av>=17"'
        )
    return av
