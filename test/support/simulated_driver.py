"""A fake library of the NVIDIA driver with one GPU, compiled for a test."""

from pathlib import Path
import subprocess

#: The memory of the GPU in bytes: 2.5 GB.
MEMORY = 5 << 29

_SOURCE = """
#include <stddef.h>
#include <string.h>
#define MEMORY ((size_t) 5 << 29)
static size_t used, sizes[100000];
static int count, resets, broken;
int cuInit(unsigned flags) { return 0; }
int cuDriverGetVersion(int *version) { *version = 13000; return 0; }
int cuDeviceGetCount(int *found) { *found = 1; return 0; }
int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return ordinal ? 101 : 0; }
int cuDeviceGetName(char *name, int length, int device) {
  strncpy(name, "Simulated GPU", length); return 0; }
int cuDeviceGetAttribute(int *value, int attribute, int device) { *value = attribute; return 0; }
int cuDevicePrimaryCtxRetain(void **context, int device) { *context = &used; return 0; }
int cuDevicePrimaryCtxReset_v2(int device) { resets++; used = 0; return 0; }
int cuCtxSetCurrent(void *context) { return context == &used ? 0 : 201; }
int cuMemGetInfo_v2(size_t *free, size_t *total) {
  *free = MEMORY - used; *total = MEMORY; return broken ? 719 : 0; }
int cuMemAlloc_v2(unsigned long long *address, size_t size) {
  if (size > MEMORY - used) return 2;
  used += size; sizes[++count] = size; *address = count; return 0; }
int cuMemFree_v2(unsigned long long address) { used -= sizes[address]; return 0; }
int cuModuleLoadData(void **module, const char *source) {
  *module = &used; return strstr(source, "trap;") ? 0 : 218; }
int cuModuleGetFunction(void **function, void *module, const char *name) {
  *function = &broken; return strcmp(name, "fail") ? 500 : 0; }
int cuLaunchKernel(void *function, unsigned a, unsigned b, unsigned c, unsigned d, unsigned e,
    unsigned f, unsigned shared, void *stream, void **parameters, void **extra) {
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
