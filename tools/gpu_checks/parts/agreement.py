"""
The agreement of each model, output stride and precision with float32 on the CPU.

Each test picture, also mirrored, is letterboxed to some input sizes. Keypoints that the CPU scores
over 0.5 count. With CUDA, runs are recorded as CUDA graphs, as in a node.
"""

from collections.abc import Iterator
import time

from gpu_checks.correctness.distances import agreement_target, join, REQUIRED, summarise
from gpu_checks.correctness.reference import Reference
from gpu_checks.correctness.subjects import (
    DEFAULT_STRIDE,
    find_graphs,
    find_pictures,
    Graph,
    Image,
    load,
)
from gpu_checks.plan import Plan, Result
from gpu_checks.process import budget
from gpu_checks.report.text import describe_error
from gpu_checks.targets import holds

from posenet_ros.estimation.agreement import Agreement, compare
from posenet_ros.posenet.weights.catalogue import DEFAULT_MODEL

_SIZES = ('257x257', '353x481', '481x641')
# Seconds after which no further graph is compared.
_BUDGET_S = 70.0


def measure(plan: Plan) -> Result:
    """Return a row for each graph, the graphs that were not compared, and the targets."""
    pictures = find_pictures()
    names = list(pictures)[: 1 if plan.quick else None]
    images = [view for name in names for view in (pictures[name], pictures[name][:, ::-1])]
    rows, left_out, failed = [], [], []
    agreements: dict[str, list[Agreement]] = {precision: [] for precision in REQUIRED}
    deadline = time.monotonic() + budget(_BUDGET_S)
    for graphs in _by_network(plan):
        reference = None
        for graph in graphs:
            late = time.monotonic() > deadline
            if graph.path is None or late:
                left_out.append(f'{graph.name}: {graph.reason or "no time was left"}')
                continue
            reference = reference or Reference(graph.model, graph.output_stride)
            row, agreement = _compare(plan, reference, graph, images)
            rows.append(row)
            if 'error' in row:
                failed.append(holds(f'{graph.name}: runs', False, row['error']))
            agreements[graph.precision].append(agreement)
    joined = {precision: join(found) for precision, found in agreements.items()}
    return {
        'pictures': names,
        'rows': rows,
        'all': [{'precision': name, **summarise(one)} for name, one in joined.items()],
        'left_out': left_out,
        'targets': [
            agreement_target(f'{precision} against the CPU', one, precision)
            for precision, one in joined.items()
        ]
        + failed,
    }


def _by_network(plan: Plan) -> Iterator[list[Graph]]:
    """Yield the graphs of each model and output stride, float32 first; the default's first."""
    found = zip(*(find_graphs(precision) for precision in REQUIRED), strict=True)
    ordered = sorted(
        map(list, found),
        key=lambda graphs: (
            graphs[0].output_stride != DEFAULT_STRIDE,
            graphs[0].model != DEFAULT_MODEL,
        ),
    )
    yield from ordered[: 1 if plan.quick else None]


def _compare(
    plan: Plan, reference: Reference, graph: Graph, images: list[Image]
) -> tuple[Result, Agreement]:
    """Return the row of a graph, and its agreement, which is empty if the graph cannot be run."""
    assert graph.path is not None
    notices: list[str] = []
    try:
        network = load(plan, graph.path, precision=graph.precision, report=notices.append)
        agreement = compare(reference, network, images, _SIZES[: 1 if plan.quick else None])
    except Exception as error:  # of any library; the other graphs may work
        return {'graph': graph.name, 'error': describe_error(error)}, join([])
    row = {'graph': graph.name, 'provider': network.execution_provider, **summarise(agreement)}
    return row | ({'notices': '; '.join(notices)} if notices else {}), agreement
