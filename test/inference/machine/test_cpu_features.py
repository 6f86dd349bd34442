from pathlib import Path

import pytest

from posenet_ros.inference.machine.cpu_features import cpu_flags, cpu_name, flags_for

INTEL = 'processor\t: 0\nmodel name\t: Test CPU\nflags\t\t: fpu avx512_vnni avx512_bf16\n'
ARM = 'processor\t: 0\nFeatures\t: fp asimd asimddp\n'


def cpuinfo(folder: Path, text: str) -> Path:
    path = folder / 'cpuinfo'
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ('text', 'bfloat16', 'int8'),
    [(INTEL, ['avx512_bf16'], ['avx512_vnni']), (ARM, [], ['asimddp']), ('', [], [])],
)
def test_cpu_flags_show_which_precisions_are_fast(
    tmp_path: Path, text: str, bfloat16: list[str], int8: list[str]
) -> None:
    flags = cpu_flags(cpuinfo(tmp_path, text))
    assert flags_for('bfloat16', flags) == bfloat16
    assert flags_for('int8', flags) == int8
    assert flags_for('float32', flags) == []


def test_the_cpu_name_is_that_of_the_first_processor(tmp_path: Path) -> None:
    assert cpu_name(cpuinfo(tmp_path, INTEL)) == 'Test CPU'


def test_without_cpuinfo_flags_and_name_are_unknown(tmp_path: Path) -> None:
    assert cpu_flags(tmp_path / 'nowhere') == set()
    assert cpu_name(tmp_path / 'nowhere') == 'unknown'
