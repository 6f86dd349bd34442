"""posenet_node with a patch of the package, for what no machine does on demand."""

import os
from pathlib import Path

from ros_graph import Graph, Program


def start_patched(graph: Graph, folder: Path, patch: str, *arguments: str) -> Program:
    """Start a node whose Python runs a patch of the package first; the folder is for its file."""
    (folder / 'sitecustomize.py').write_text(patch)
    path = f'{folder}{os.pathsep}{os.environ["PYTHONPATH"]}'
    return graph.start('posenet_node', *arguments, environment={'PYTHONPATH': path})
