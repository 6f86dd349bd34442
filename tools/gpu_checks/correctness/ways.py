"""
The ways in which the device can run a graph.

`recorded`: with bound buffers, and CUDA graphs, as a node does with CUDA. `bound`: with bound
buffers only, as a node does with TensorRT. `plain`: with arrays, which ONNX Runtime copies.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from gpu_checks.correctness.subjects import DEFAULT_STRIDE, Image
from gpu_checks.plan import Plan

from posenet_ros.framing.framing import Framing
from posenet_ros.inference.execution_providers import (
    CPU,
    provider_list,
    PROVIDERS,
    Request,
    without_replay,
)
from posenet_ros.inference.graph import GraphFile
from posenet_ros.inference.graph_runs import BoundRun, GPU_MEMORY, GraphRun, Outputs, PlainRun
from posenet_ros.inference.machine.nvidia import find_driver
from posenet_ros.inference.sessions import (
    environment,
    load_packaged_libraries,
    Providers,
    run_options,
    Session,
    verified_session,
)
from posenet_ros.posenet.graph_feed import make_feed
from posenet_ros.posenet.heads import Heads, split_batch
from posenet_ros.posenet.weights.graph_files import GRAPH_FORMAT
from posenet_ros.posenet.weights.store import engines_folder

RECORDED, BOUND, PLAIN = 'recorded', 'bound', 'plain'
#: Opens a session and returns its runs.
Opener: TypeAlias = Callable[[], GraphRun]
#: Why a way is missing.
NO_RECORDING = 'only CUDA records runs'


def find_ways(plan: Plan, graph: Path, precision: str = 'float32') -> dict[str, Opener]:
    """
    Return a function for each way that the provider has, which opens a session of its own.

    The ways are to run in this order: a recording that fails can leave the context broken for the
    ways that follow in the same process. The functions raise ProviderError if the session does not
    use the provider under test.
    """
    load_packaged_libraries()
    provider = PROVIDERS[plan.provider]
    request = Request(  # as `PoseNet` has it, so that they share the engine of TensorRT
        f'{graph.parent.name}-{graph.stem}-format{GRAPH_FORMAT}',
        (257, 257),
        precision,
        device_id=plan.device_id,
        gpu_mem_limit_mb=0,
        intra_op_num_threads=0,
        cache=engines_folder(),
        environment=environment(find_driver(), plan.device_id),
    )
    providers = provider_list(provider, request)
    unrecorded = without_replay(providers)
    device = GPU_MEMORY if provider.on_gpu else 'cpu'

    def open_bound(used: Providers, *, replays: bool) -> GraphRun:
        session = _open(plan, graph, used)
        return BoundRun(session, device=device, device_id=plan.device_id, replays=replays)

    recorded = {RECORDED: lambda: open_bound(providers, replays=True)} if provider.replays else {}
    return {
        PLAIN: lambda: PlainRun(_open(plan, graph, unrecorded)),
        BOUND: lambda: open_bound(unrecorded, replays=False),
        **recorded,
    }


def open_reference(graph: Path) -> GraphRun:
    """Return the run of a graph on the CPU."""
    return PlainRun(
        verified_session(
            GraphFile(graph, graph.stem, ''), CPU, [(CPU.onnxruntime_name, {})], threads=0
        )
    )


def _open(plan: Plan, graph: Path, providers: Providers) -> Session:
    file = GraphFile(graph, graph.stem, 'run: posenet download')
    return verified_session(file, PROVIDERS[plan.provider], providers, threads=0)


def infer(run: GraphRun, images: Sequence[Image], framings: Sequence[Framing]) -> list[Heads]:
    """Return the heads of each image from one run of a graph with the default output stride."""
    outputs: Outputs = run(make_feed(images, framings, DEFAULT_STRIDE), run_options())
    return split_batch(outputs, DEFAULT_STRIDE)
