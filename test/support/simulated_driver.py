"""
A library of the NVIDIA driver with one simulated GPU, compiled for a test.

Its memory is the CPU's, and everything is done when it is enqueued. Its clock is simulated: a copy
of 64 MiB takes half a millisecond, and recording an event a microsecond.
"""

from pathlib import Path
import subprocess

#: The memory of the GPU in bytes: 2.5 GB.
MEMORY = 5 << 29

_SOURCE = """
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#define MEMORY ((size_t) 5 << 29)

typedef void *handle;
static double now;
static size_t used;
static int resets, broken;
handle last_stream;
int failure;  /* what copies and allocations return */

static int copy(void *to, const void *from, size_t size) {
  now += size / 134217728.0;
  if (size < 1 << 26) memmove(to, from, size);  /* larger ones are delays */
  return failure;
}

int cuInit(unsigned flags) { return 0; }
int cuDriverGetVersion(int *version) { *version = 13000; return 0; }
int cuDeviceGetCount(int *found) { *found = 1; return 0; }
int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return ordinal ? 101 : 0; }
int cuDeviceGetName(char *name, int length, int device) {
  strncpy(name, "Simulated GPU", length); return 0; }
int cuDeviceGetAttribute(int *value, int attribute, int device) { *value = attribute; return 0; }
int cuDevicePrimaryCtxRetain(handle *context, int device) { *context = &used; return 0; }
int cuDevicePrimaryCtxReset_v2(int device) { resets++; used = 0; return 0; }
int cuCtxSetCurrent(handle context) { return context == &used ? 0 : 201; }
int cuMemGetInfo_v2(size_t *free, size_t *total) {
  *free = MEMORY - used; *total = MEMORY; return broken ? 719 : 0; }
int cuMemAlloc_v2(uint64_t *address, size_t size) {
  if (failure || size > MEMORY - used) return 2;
  size_t *block = malloc(size + 16);  /* the size comes first */
  used += *block = size; *address = (uint64_t)(block + 2); return 0; }
int cuMemFree_v2(uint64_t address) {
  size_t *block = (size_t *)address - 2; used -= *block; free(block); return 0; }
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
int cuModuleLoadData(handle *module, const char *source) {
  *module = &used; return strstr(source, "trap;") ? 0 : 218; }
int cuModuleGetFunction(handle *function, handle module, const char *name) {
  *function = &broken; return strcmp(name, "fail") ? 500 : 0; }
int cuLaunchKernel(handle function, unsigned a, unsigned b, unsigned c, unsigned d, unsigned e,
    unsigned f, unsigned shared, handle stream, handle *parameters, handle *extra) {
  broken = 1; return 0; }
int cuCtxSynchronize(void) { return broken ? 719 : 0; }
int cuGetErrorString(int error, const char **text) {
  *text = error == 2 ? "out of memory" : "unspecified launch failure"; return 0; }
int test_resets(void) { return resets; }
"""


def compile_driver(folder: Path) -> Path:
    """Compile the library into a folder under the name of the real one, and return its path."""
    source, library = folder / 'driver.c', folder / 'libcuda.so.1'
    source.write_text(_SOURCE)
    command = ['c++', '-x', 'c', '-shared', '-fPIC', '-o', str(library), str(source)]
    subprocess.run(command, check=True, timeout=60)
    return library
