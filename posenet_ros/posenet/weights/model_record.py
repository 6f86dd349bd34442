"""The record of a model in the cache: `model.json`, beside the graphs that it describes."""

from dataclasses import asdict, dataclass
import json
from pathlib import Path

from posenet_ros.posenet.weights.checksums import sha256
from posenet_ros.posenet.weights.graph_files import GRAPH_FORMAT
from posenet_ros.quoting import quoted
from posenet_ros.regular_files import read_regular_file

_FILE = 'model.json'

# Size limit of a record in bytes; one has less than 1 KB.
_MAX_BYTES = 2**20


@dataclass(frozen=True)
class ModelRecord:
    """Where the weights of a model came from, and the checksums of its graphs."""

    #: The source of the weights: `catalogue.Source.label`, or the path of a folder.
    source: str
    #: Whether the sha256 of the weights is the one in the catalogue.
    verified: bool
    #: The `GRAPH_FORMAT` with which the graphs were built.
    graph_format: int
    #: sha256 of each graph, by file name.
    graphs: dict[str, str]


def describe_graphs(folder: Path, *, source: str, verified: bool) -> ModelRecord:
    """Return a record of the graphs in a folder, which this release built."""
    return ModelRecord(source, verified, GRAPH_FORMAT, graph_checksums(folder))


def graph_checksums(folder: Path) -> dict[str, str]:
    """Return the sha256 of each graph in a folder, by file name."""
    return {path.name: sha256(path) for path in sorted(folder.glob('*.onnx'))}


def read_record(folder: Path) -> ModelRecord:
    """
    Return the record in a model's folder.

    Raises OSError if there is no record, if it is not a regular file or too large, and ValueError,
    TypeError or RecursionError if its content is invalid.
    """
    content = read_regular_file(folder / _FILE, max_bytes=_MAX_BYTES)
    record = ModelRecord(**json.loads(content))
    for name, value in (('source', str), ('verified', bool), ('graph_format', int)):
        if type(getattr(record, name)) is not value:
            raise TypeError(f'{_FILE} has the {name} {quoted(getattr(record, name))}')
    if not isinstance(record.graphs, dict) or any('/' in file for file in record.graphs):
        raise TypeError(f'{_FILE} has the graphs {quoted(record.graphs)}')
    return record


def write_record(folder: Path, record: ModelRecord) -> None:
    """Write a record into the folder of its model."""
    (folder / _FILE).write_text(json.dumps(asdict(record), indent=2) + '\n')


def move_record(source: Path, target: Path) -> None:
    """Move a record between folders on one file system, in one step, and replace an older one."""
    (source / _FILE).replace(target / _FILE)
