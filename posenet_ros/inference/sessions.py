"""
Sessions of ONNX Runtime that are known to use the execution provider they were created for.

If a provider is not available, ONNX Runtime either raises an error, or prints a message and uses
the CPU. So this module first checks for known obstacles, then creates the session with ONNX
Runtime's own fallback disabled, and then checks which providers the session uses.

Causes are found by querying the driver and the loader, not by capturing what ONNX Runtime's C++
code prints. Standard error belongs to the whole process, so redirecting it would also capture the
output of other threads and of child processes.
"""

from collections.abc import Callable
import contextlib
from importlib import metadata
from pathlib import Path
import re
import sys
from typing import Any, TypeAlias

from posenet_ros.errors import ModelLoadError, ProviderError
from posenet_ros.inference.execution_providers import CPU, ExecutionProvider, Options, Request
from posenet_ros.inference.graph import GraphFile
from posenet_ros.inference.machine.cpu_features import cpu_flags, flags_for, PRECISION_FLAGS
from posenet_ros.inference.machine.nvidia import Driver
from posenet_ros.inference.machine.shared_libraries import missing
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.inference.provider_causes import (
    Cause,
    cause_of,
    is_broken_graph,
    libraries_cause,
    NO_DRIVER,
    silent_cause,
)

Session: TypeAlias = Any  # onnxruntime has no types
Providers: TypeAlias = list[tuple[str, Options]]
#: Creates a session from a graph, providers and a number of threads; raises what ONNX Runtime
#: raises.
SessionFactory: TypeAlias = Callable[[Path, Providers, int], Session]


def new_session(graph: Path, providers: Providers, threads: int) -> Session:
    """
    Create a session that never switches to other providers, neither now nor during a run.

    Raises what ONNX Runtime raises: its exceptions share no base class but Exception.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors only: warnings are about optimisations
    options.intra_op_num_threads = threads
    # By default, waiting threads spin. At 30 images a second, that takes 3 to 4 times the CPU time
    # and occupies cores that are needed to receive the next image. A single run would be up to
    # 20 % faster, but a node under load would be slower.
    options.add_session_config_entry('session.intra_op.allow_spinning', '0')
    session = onnxruntime.InferenceSession(
        str(graph), options, providers=providers, enable_fallback=0
    )
    session.disable_fallback()
    return session


def verified_session(
    graph: GraphFile,
    provider: ExecutionProvider,
    providers: Providers,
    *,
    threads: int,
    factory: SessionFactory = new_session,
) -> Session:
    """
    Create a session and check that it uses the provider.

    Raises ProviderError, with cause and remedy, if it does not, and ModelLoadError if the graph
    cannot be loaded.
    """
    try:
        session = factory(graph.path, providers, threads)
    except Exception as error:  # see new_session
        raise start_error(graph, provider, error) from error
    if session.get_providers()[0] != provider.onnxruntime_name:
        lacking = missing_libraries(provider)
        raise provider_error(provider, libraries_cause(lacking) if lacking else silent_cause())
    return session


def run_options() -> Any:
    """Return new options for one run; setting their `terminate` makes the run fail soon."""
    return onnxruntime.RunOptions()


def is_invalid_input(message: str) -> bool:
    """Return whether a message of ONNX Runtime refuses an input that no session would accept."""
    return 'INVALID_ARGUMENT' in message


def start_error(
    graph: GraphFile, provider: ExecutionProvider, error: Exception
) -> ModelLoadError | ProviderError:
    """Return the error for a session that ONNX Runtime could not create, or not run once."""
    if is_broken_graph(error, on_cpu=provider is CPU):
        return graph.load_error(error)
    return provider_error(provider, cause_of(str(error)))


def provider_error(provider: ExecutionProvider, cause: Cause) -> ProviderError:
    """Return the error that says why a provider cannot be used."""
    return ProviderError(f'{provider.name} cannot be used: {cause}')


def is_built_in(provider: ExecutionProvider) -> bool:
    """Return whether the installed ONNX Runtime was built with a provider."""
    return provider.onnxruntime_name in onnxruntime.get_available_providers()


def known_obstacle(
    provider: ExecutionProvider, request: Request, driver: Driver | None
) -> Cause | None:
    """Return why a provider cannot work on this machine, if that is known without trying it."""
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
    # On a CPU without bfloat16, OpenVINO silently uses float32.
    in_bfloat16 = request.precision == 'bfloat16' and 'bfloat16' in provider.precisions
    if in_bfloat16 and not flags_for('bfloat16', cpu_flags()):
        wanted = ', '.join(PRECISION_FLAGS['bfloat16'])
        return Cause(
            f'the CPU does not support bfloat16 (it has none of {wanted})',
            'set precision to float32',
        )
    return None


def _gpu_obstacle(provider: ExecutionProvider, request: Request, driver: Driver) -> Cause | None:
    if driver.error:
        return cause_of(driver.error.replace('CUDA error', 'CUDA failure'))
    if request.device_id >= len(driver.devices):
        known = ', '.join(f'{number}: {name}' for number, name in enumerate(driver.devices))
        return Cause(
            f'device_id is {request.device_id}, but the NVIDIA driver has the devices {known}',
            'choose one of these' if known else 'check with nvidia-smi',
        )
    load_packaged_libraries()
    lacking = missing_libraries(provider)
    return libraries_cause(lacking) if lacking else None


def missing_libraries(provider: ExecutionProvider) -> list[str]:
    """Return the shared libraries that a provider needs and the loader cannot load."""
    library = Path(onnxruntime.__file__).parent / 'capi' / provider.library
    return missing(library) if library.is_file() else []


def load_packaged_libraries() -> None:
    """Load CUDA and cuDNN if they are installed as Python packages."""
    preload = getattr(onnxruntime, 'preload_dlls', None)  # ONNX Runtime 1.21 and newer
    if preload is not None and (Path(onnxruntime.__file__).parent.parent / 'nvidia').is_dir():
        # It prints missing libraries to standard output, which is for results.
        with contextlib.redirect_stdout(sys.stderr):
            preload(directory='')


def installed_packages() -> list[str]:
    """Return name and version of all Python packages that contain `onnxruntime`."""
    found = {
        f'{one.metadata["Name"]} {one.version}'
        for one in metadata.distributions()
        if re.match(r'onnxruntime\b|ort-nightly', (one.metadata['Name'] or '').lower())
        and any(file.match('onnxruntime/__init__.py') for file in one.files or [])
    }
    return sorted(found)


def installed_package() -> str:
    """Return name and version of the Python package that contains `onnxruntime`."""
    return (installed_packages() or [f'onnxruntime {onnxruntime.__version__}'])[0]


def _with_extras(package: str) -> str:
    return "'onnxruntime-gpu[cuda,cudnn]'" if package == 'onnxruntime-gpu' else package


def environment(driver: Driver | None, device_id: int) -> tuple[str, ...]:
    """Return the GPU's name and the versions that a TensorRT engine depends on."""
    known = driver is not None and device_id < len(driver.devices)
    device = driver.devices[device_id] if driver is not None and known else 'unknown'
    cuda = driver.cuda if driver is not None else 'none'
    return (device, f'cuda{cuda}', f'onnxruntime{onnxruntime.__version__}')
