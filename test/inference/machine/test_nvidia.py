"""Queries of the driver's library, which is replaced by a fake one, compiled for the test."""

import ctypes
from pathlib import Path
import subprocess

from posenet_ros.inference.machine.nvidia import query

SOURCE = """
#include <string.h>
int cuDriverGetVersion(int *version) { *version = 12080; return 0; }
int cuInit(unsigned flags) { return INIT; }
int cuDeviceGetCount(int *count) { *count = 2; return 0; }
int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return 0; }
int cuDeviceGetName(char *name, int length, int device) {
  strncpy(name, device ? "Second GPU" : "First GPU", length); return 0; }
int cuGetErrorString(int error, const char **text) {
  *text = "no CUDA-capable device is detected"; return 0; }
"""


def library(folder: Path, init: int) -> ctypes.CDLL:
    source = folder / 'driver.c'
    source.write_text(SOURCE)
    made = folder / f'libdriver{init}.so'
    command = ['c++', '-x', 'c', '-shared', '-fPIC', f'-DINIT={init}', '-o', str(made)]
    subprocess.run([*command, str(source)], check=True, timeout=60)
    return ctypes.CDLL(str(made))


def test_a_driver_reports_its_cuda_version_and_its_gpus(tmp_path: Path) -> None:
    driver = query(library(tmp_path, 0))
    assert driver.cuda == '12.8'
    assert driver.devices == ['First GPU', 'Second GPU']
    assert driver.error == ''


def test_a_driver_that_finds_no_gpu_reports_its_own_message(tmp_path: Path) -> None:
    driver = query(library(tmp_path, 100))
    assert driver.devices == []
    assert driver.error == 'CUDA error 100: no CUDA-capable device is detected'
