"""
The library of an NVIDIA driver with one simulated GPU, compiled for a test.

Its memory is the CPU's, and everything is done when it is enqueued. Its clock is simulated: a copy
of 64 MiB takes half a millisecond, and recording an event a microsecond.
"""

import ctypes
from pathlib import Path
import subprocess

_SOURCE = """
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef void *handle;
static double now;
handle last_stream;
int failure;

static int copy(void *to, const void *from, size_t size) {
  now += size / 134217728.0;
  if (size < 1 << 26) memmove(to, from, size);  /* larger ones are delays */
  return failure;
}

int cuInit(unsigned flags) { return 0; }
int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return 0; }
int cuDevicePrimaryCtxRetain(handle *context, int device) { *context = &now; return 0; }
int cuCtxSetCurrent(handle context) { return context != &now; }
int cuMemGetInfo_v2(size_t *free, size_t *total) { *free = 1 << 30; *total = 1 << 31; return 0; }
int cuMemAlloc_v2(uint64_t *address, size_t size) {
  *address = (uint64_t)malloc(size); return failure; }
int cuMemFree_v2(uint64_t address) { free((void *)address); return 0; }
int cuMemHostAlloc(handle *address, size_t size, unsigned flags) {
  *address = malloc(size); return failure; }
int cuMemFreeHost(handle address) { free(address); return 0; }
int cuStreamCreate(handle *stream, unsigned flags) { *stream = malloc(1); return flags != 1; }
int cuStreamSynchronize(handle stream) { last_stream = stream; return 0; }
int cuEventCreate(handle *event, unsigned flags) { *event = malloc(sizeof(double)); return flags; }
int cuEventRecord(handle event, handle stream) {
  now += 0.001; *(double *)event = now; last_stream = stream; return 0; }
int cuEventSynchronize(handle event) { return 0; }
int cuEventElapsedTime(float *elapsed, handle start, handle end) {
  *elapsed = *(double *)end - *(double *)start; return 0; }
int cuMemcpyHtoD_v2(uint64_t to, handle from, size_t size) { return copy((void *)to, from, size); }
int cuMemcpyDtoH_v2(handle to, uint64_t from, size_t size) { return copy(to, (void *)from, size); }
int cuMemcpyHtoDAsync_v2(uint64_t to, handle from, size_t size, handle stream) {
  last_stream = stream; return copy((void *)to, from, size); }
int cuMemcpyDtoHAsync_v2(handle to, uint64_t from, size_t size, handle stream) {
  last_stream = stream; return copy(to, (void *)from, size); }
int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t size, handle stream) {
  last_stream = stream; return copy((void *)to, (void *)from, size); }
int cuGetErrorString(int error, const char **text) { *text = "out of memory"; return 0; }
"""


def compile_driver(folder: Path) -> ctypes.CDLL:
    """Return the library of the driver; `failure` is what its copies and allocations return."""
    source, library = folder / 'driver.c', folder / 'libsimulated.so'
    source.write_text(_SOURCE)
    command = ['c++', '-x', 'c', '-shared', '-fPIC', '-o', str(library), str(source)]
    subprocess.run(command, check=True, timeout=60)
    return ctypes.CDLL(str(library))
