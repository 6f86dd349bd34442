"""Shared code of the tests of the `posenet` command."""

from pathlib import Path
import shutil

from networks import load
import numpy as np
import pytest
import skimage.data

from posenet_ros.image_files import write_png
from posenet_ros.posenet.weights.checksums import sha256
from posenet_ros.posenet.weights.store import models_folder

MODEL = 'mobilenet_v1_075'


def write_picture(folder: Path) -> Path:
    """Write a picture of one person; skips the test if the default model is not downloaded."""
    load(MODEL, 16)
    path = folder / 'astronaut.png'
    write_png(path, np.asarray(skimage.data.astronaut(), np.uint8))
    return path


def use_own_cache(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a cache with a copy of the default model, and return its folder of models."""
    load(MODEL, 16)
    downloaded = models_folder() / MODEL
    monkeypatch.setenv('POSENET_HOME', str(home))
    shutil.copytree(downloaded, models_folder() / MODEL)
    return models_folder()


def file_checksums(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file below a folder, by its relative path."""
    files = [path for path in folder.rglob('*') if path.is_file()]
    return {str(path.relative_to(folder)): sha256(path) for path in files}
