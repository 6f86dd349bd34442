"""
The agreement of each model, output stride and precision with float32 on the CPU.

Each test picture, also mirrored, is letterboxed to some input sizes. Keypoints that the CPU scores
over 0.5 count. With CUDA, runs are recorded as CUDA graphs, as in a node.
"""

from gpu_checks.distances import agreement_target, join, REQUIRED, summarise
from gpu_checks.plan import Plan, Result
from gpu_checks.subjects import find_graphs, find_pictures, Graph, Image, load, load_on_cpu

from posenet_ros.errors import PosenetError
from posenet_ros.estimation.agreement import Agreement, compare
from posenet_ros.posenet.weights.store import find_graph

_SIZES = ('257x257', '353x481', '481x641')


def measure(plan: Plan) -> Result:
    """Return a row for each graph, the graphs that are missing, and the targets."""
    pictures = find_pictures()
    if plan.quick:
        pictures = dict(list(pictures.items())[:1])
    images = [view for image in pictures.values() for view in (image, image[:, ::-1])]
    rows, missing, targets = [], [], []
    for precision in REQUIRED:
        agreements = []
        for graph in find_graphs(precision)[: 3 if plan.quick else None]:
            if graph.path is None:
                missing.append(f'{_name(graph)}: {graph.reason}')
                continue
            row, agreement = _compare(plan, graph, images)
            rows.append(row)
            agreements.append(agreement)
        joined = join(agreements)
        rows.append({'graph': f'all, {precision}', **summarise(joined)})
        targets.append(agreement_target(f'{precision} against the CPU', joined, precision))
    return {'pictures': list(pictures), 'rows': rows, 'missing': missing, 'targets': targets}


def _name(graph: Graph) -> str:
    return f'{graph.model} stride {graph.output_stride} {graph.precision}'


def _compare(plan: Plan, graph: Graph, images: list[Image]) -> tuple[Result, Agreement]:
    """Return the row of a graph, and its agreement, which is empty if the graph cannot be run."""
    assert graph.path is not None
    notices: list[str] = []
    try:
        network = load(plan, graph.path, precision=graph.precision, report=notices.append)
        reference = load_on_cpu(find_graph(graph.model, graph.output_stride))
        agreement = compare(reference, network, images, _SIZES[: 1 if plan.quick else None])
    except PosenetError as error:
        return {'graph': _name(graph), 'error': str(error)}, join([])
    row = {'graph': _name(graph), 'provider': network.execution_provider, **summarise(agreement)}
    return row | ({'notices': '; '.join(notices)} if notices else {}), agreement
