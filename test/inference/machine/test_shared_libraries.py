from pathlib import Path
import subprocess

import pytest

from posenet_ros.inference.machine.shared_libraries import is_loadable, missing, needed
from posenet_ros.inference.onnx_runtime import onnxruntime


@pytest.fixture(scope='module')
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a library that needs libfirst_lacking.so.7 and the C library."""
    folder = tmp_path_factory.mktemp('library')
    for name in ('first', 'second'):
        (folder / f'{name}.c').write_text(f'int {name}(void) {{ return 0; }}')
    # The compiler is always installed, because `make setup` needs it.
    compile_ = ['c++', '-x', 'c', '-shared', '-fPIC', '-Wl,--no-as-needed', '-o']
    lacking = folder / 'libfirst.so'
    soname = ['-Wl,-soname,libfirst_lacking.so.7']
    subprocess.run(
        [*compile_, str(lacking), str(folder / 'first.c'), *soname], check=True, timeout=60
    )
    made = folder / 'libsecond.so'
    link = ['-x', 'none', str(lacking)]
    subprocess.run([*compile_, str(made), str(folder / 'second.c'), *link], check=True, timeout=60)
    return made


def test_the_needed_libraries_are_read_from_the_file(built: Path) -> None:
    assert needed(built)[0] == 'libfirst_lacking.so.7'
    assert 'libc.so.6' in needed(built)


def test_a_library_that_cannot_be_loaded_is_missing(built: Path) -> None:
    assert missing(built) == ['libfirst_lacking.so.7']


def test_a_library_in_the_same_folder_is_not_missing(built: Path) -> None:
    (built.parent / 'libfirst_lacking.so.7').touch()
    assert missing(built) == []


def test_a_working_library_has_no_missing_libraries() -> None:
    (module,) = (Path(onnxruntime.__file__).parent / 'capi').glob('*pybind11_state*.so')
    assert 'libc.so.6' in needed(module)
    assert missing(module) == []


@pytest.mark.parametrize('content', [b'', b'#!/bin/sh', b'\x7fELF\x01\x01'])
def test_other_files_need_no_libraries(tmp_path: Path, content: bytes) -> None:
    (tmp_path / 'file').write_bytes(content)
    assert needed(tmp_path / 'file') == []


def test_a_library_that_does_not_exist_is_not_loadable() -> None:
    assert not is_loadable('libnobody_has_this.so.1')
