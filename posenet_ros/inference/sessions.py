"""
Sessions of ONNX Runtime that really run on the execution provider they were made for.

ONNX Runtime may raise, or print and go on with the CPU, when a provider cannot be had. So what is
known to be missing is looked for first; then a session is made with ONNX Runtime's own fall-back
turned off, the providers it uses are read back, and it runs once.

Causes are found by asking the driver and the loader, and not by capturing what ONNX Runtime's C++
prints: standard error belongs to the whole process, and redirecting it for a moment would take the
lines of other threads, and of child processes, with it.
"""

from collections.abc import Callable
import contextlib
from importlib import metadata
from pathlib import Path
import re
import sys
from typing import Any, TypeAlias

from posenet_ros.errors import ModelLoadError, ProviderError
from posenet_ros.inference.cpu_features import cpu_flags, flags_for, PRECISION_FLAGS
from posenet_ros.inference.execution_providers import ExecutionProvider, Options, Request
from posenet_ros.inference.nvidia import Driver
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.inference.provider_causes import (
    Cause,
    cause_of,
    libraries_cause,
    NO_DRIVER,
    silent_cause,
)
from posenet_ros.inference.shared_libraries import missing

Session: TypeAlias = Any  # onnxruntime has no types
Providers: TypeAlias = list[tuple[str, Options]]
#: Makes a session of a graph with providers and threads, or raises what ONNX Runtime raises.
SessionFactory: TypeAlias = Callable[[Path, Providers, int], Session]

# What ONNX Runtime says of a file that is no graph, or none that it can run.
_BROKEN_GRAPH = re.compile(
    r'INVALID_PROTOBUF|INVALID_GRAPH|NO_MODEL|NO_SUCHFILE|No graph was found'
    r'|Protobuf parsing failed|Unsupported model IR version'
)


def new_session(graph: Path, providers: Providers, threads: int) -> Session:
    """
    Make a session; ONNX Runtime neither retries with other providers now nor at run time.

    Raises what ONNX Runtime raises: its exceptions have no common class but Exception.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors only: warnings speak of optimisations
    options.intra_op_num_threads = threads
    # Threads that wait busily, as they do by default, take 3 to 4 times the processor time at 30
    # images a second, and hold the cores that receiving the next image needs: a run alone is up
    # to a fifth faster for it, and a node under load slower.
    options.add_session_config_entry('session.intra_op.allow_spinning', '0')
    session = onnxruntime.InferenceSession(
        str(graph), options, providers=providers, enable_fallback=0
    )
    session.disable_fallback()
    return session


def verified_session(
    graph: Path,
    provider: ExecutionProvider,
    providers: Providers,
    *,
    threads: int,
    factory: SessionFactory = new_session,
) -> Session:
    """
    Make a session and see that it uses the provider.

    Raises ProviderError, with cause and remedy, when it does not, and ModelLoadError when the
    graph cannot be read.
    """
    try:
        session = factory(graph, providers, threads)
    except Exception as error:  # see new_session
        if _BROKEN_GRAPH.search(str(error)):
            raise ModelLoadError(
                f'{graph} cannot be loaded: {error}\n'
                f'make it anew: posenet download {graph.parent.name}'
            ) from error
        raise failure(provider, cause_of(str(error))) from error
    if session.get_providers()[0] != provider.onnxruntime_name:
        lacking = missing_libraries(provider)
        raise failure(provider, libraries_cause(lacking) if lacking else silent_cause())
    return session


def run_options() -> Any:
    """Return fresh options of one run; to set `terminate` makes it fail soon."""
    return onnxruntime.RunOptions()


def is_callers_mistake(words: str) -> bool:
    """Return whether ONNX Runtime refused an input, which no other session would take."""
    return 'INVALID_ARGUMENT' in words


def failure(provider: ExecutionProvider, cause: Cause) -> ProviderError:
    """Return the error that says why a provider cannot be used."""
    return ProviderError(f'{provider.name} cannot be used: {cause}')


def is_built_in(provider: ExecutionProvider) -> bool:
    """Return whether the installed ONNX Runtime was built with a provider."""
    return provider.onnxruntime_name in onnxruntime.get_available_providers()


def obstacle(provider: ExecutionProvider, request: Request, driver: Driver | None) -> Cause | None:
    """Return what is known to keep a provider from working here, before it is tried."""
    if provider.on_gpu and driver is None:
        return NO_DRIVER
    if not is_built_in(provider):
        return Cause(
            f'{installed_package()} was built without it',
            f'pip uninstall -y {installed_package().split()[0]} && '
            f'pip install {_with_extras(provider.package)}',
        )
    if driver is not None and provider.on_gpu:
        return _gpu_obstacle(provider, request, driver)
    # Asked for it on another CPU, OpenVINO says nothing and takes float32.
    in_bfloat16 = request.precision == 'bfloat16' and 'bfloat16' in provider.precisions
    if in_bfloat16 and not flags_for('bfloat16', cpu_flags()):
        wanted = ', '.join(PRECISION_FLAGS['bfloat16'])
        return Cause(
            f'the CPU does not multiply bfloat16 (it has none of {wanted})',
            'set precision to float32',
        )
    return None


def _gpu_obstacle(provider: ExecutionProvider, request: Request, driver: Driver) -> Cause | None:
    if driver.complaint:
        return cause_of(driver.complaint.replace('CUDA error', 'CUDA failure'))
    if request.device_id >= len(driver.devices):
        known = ', '.join(f'{number}: {name}' for number, name in enumerate(driver.devices))
        return Cause(
            f'device_id is {request.device_id}, and the NVIDIA driver has the devices {known}',
            'choose one of these' if known else 'check with nvidia-smi',
        )
    load_packaged_libraries()
    lacking = missing_libraries(provider)
    return libraries_cause(lacking) if lacking else None


def missing_libraries(provider: ExecutionProvider) -> list[str]:
    """Return the shared libraries that a provider needs and the loader does not find."""
    library = Path(onnxruntime.__file__).parent / 'capi' / provider.library
    return missing(library) if library.is_file() else []


def load_packaged_libraries() -> None:
    """Load the CUDA and cuDNN that were installed as Python packages, if there are any."""
    preload = getattr(onnxruntime, 'preload_dlls', None)  # ONNX Runtime 1.21 and newer
    if preload is not None and (Path(onnxruntime.__file__).parent.parent / 'nvidia').is_dir():
        # It prints what is missing, which standard output is not for.
        with contextlib.redirect_stdout(sys.stderr):
            preload(directory='')


def installed_packages() -> list[str]:
    """Return name and version of all Python packages that bring an `onnxruntime`."""
    found = {
        f'{one.metadata["Name"]} {one.version}'
        for one in metadata.distributions()
        if re.match(r'onnxruntime\b|ort-nightly', (one.metadata['Name'] or '').lower())
        and any(file.match('onnxruntime/__init__.py') for file in one.files or [])
    }
    return sorted(found)


def installed_package() -> str:
    """Return name and version of the package that ONNX Runtime came with, as far as known."""
    return (installed_packages() or [f'onnxruntime {onnxruntime.__version__}'])[0]


def _with_extras(package: str) -> str:
    return "'onnxruntime-gpu[cuda,cudnn]'" if package == 'onnxruntime-gpu' else package


def environment(driver: Driver | None, device_id: int) -> tuple[str, ...]:
    """Return what a TensorRT engine fits besides its request."""
    known = driver is not None and device_id < len(driver.devices)
    device = driver.devices[device_id] if driver is not None and known else 'unknown'
    cuda = driver.cuda if driver is not None else 'none'
    return (device, f'cuda{cuda}', f'onnxruntime{onnxruntime.__version__}')
