"""
The tables of the running node: traffic, the closer look, start and memory.

Input: the figures of one part. Output: its section of the page, in Markdown.
"""

from collections.abc import Mapping
from typing import Any

from report.tables import format_ratio, format_table, format_time

Results = Mapping[str, Any]

_NODE_TEXT = """\
## The node

The installed `posenet_node`, an image publisher, a subscriber to poses, a subscriber to images and
the bare run are separate processes. They are measured in short slices that alternate; see
`benchmark/parts/traffic.py`.

- *Load*: `30 Hz` means that each camera publishes 30 images per second; `flood`, that all cameras
  together publish 1.5 times as many images as the bare run can process; `flood of one`, that one
  of the cameras publishes all of these.
- *Latency*: from the stamp, set when the image is published, until the poses are received, in ms,
  and in multiples of transport plus bare run, which is the lower bound.
- *Processed*: the share of published images for which poses were received.
- *Rate*: images processed per second, all cameras together, and for a flood in multiples of the
  rate of the bare run while a subscriber receives the same images.
- *CPU*: CPU time of the node's process per image, and in percent of one core. *MB*: resident
  memory.

"""

_FLOORS_TEXT = """
The next table shows what limits these figures, measured in the same run.

- *Transport*: from the stamp until the subscriber receives the image.
- *Bare run*: in a loop while nothing is published, in ms and in runs per second.
- *Beside images*: the bare run in a loop while the subscriber receives images.
- *30 a second*: the bare run 30 times a second, with pauses, while nothing is published.

"""

_NODE_HEAD = [
    'latency', '/ (transport + bare run)', 'processed', 'rate', '/ bare run beside images',
    'CPU per image', 'CPU', 'MB',
]  # fmt: skip
_FLOORS_HEAD = [
    'transport', 'images received', 'bare run', 'beside images', '30 a second', 'runs per second',
    'beside images',
]  # fmt: skip

_ATTENTION_TEXT = """\
## The closer look

The node with `attention: closer_look`, measured in the same way, with 640x480 images of one person
and of five people side by side. Once a second (`search_interval`), the network processes the whole
image. In every image, it processes a region around each person. So an image takes about one run of
the network per person. The columns are those of the table of the node.

"""

_DEPTH_TEXT = """\
## Depth

Two nodes, one without and one with a depth camera, get images of 640x480 at 30 Hz in turns; see
`benchmark/parts/depth.py`. In both cases, the camera publishes depth images (16UC1, 640x480), and
a process receives them. The node with depth has a subscriber to `poses_3d`. *Latency* and *CPU*
are those of the table of the node, but latency includes publishing the depth image, which comes
first.

"""

_START_TEXT = """\
## Start

Seconds from the start of the node's process. A camera and a subscriber are already running. After
the node is ready, the first pose has to wait until the middleware has discovered the new process.

"""

_MEMORY_TEXT = """\
## Memory

Resident memory of the node while it processes {images} images of 640x480, flooded.

"""


def render_node(figures: Results) -> str:
    """Return the section on the node under load, and what limits it."""
    cases = {
        (size, cameras, load): row
        for size, by_cameras in figures.items()
        for cameras, by_load in by_cameras.items()
        for load, row in by_load.items()
    }
    head = ['images', 'cameras', 'load']
    rows = [[*case, *_node_cells(row, case[-1] != '30 Hz')] for case, row in cases.items()]
    floors = [[*case, *_floor_cells(row)] for case, row in cases.items()]
    return _FLOORS_TEXT.join(
        [
            _NODE_TEXT + format_table([*head, *_NODE_HEAD], rows),
            format_table([*head, *_FLOORS_HEAD], floors),
        ]
    )


def render_attention(figures: Results) -> str:
    """Return the section on the node with a closer look."""
    rows = [
        [people, cameras, load, *_node_cells(row, load != '30 Hz')]
        for people, by_cameras in figures.items()
        for cameras, by_load in by_cameras.items()
        for load, row in by_load.items()
    ]
    return _ATTENTION_TEXT + format_table(['people', 'cameras', 'load', *_NODE_HEAD], rows)


def _node_cells(row: Results, flooded: bool) -> list[str]:
    node = row['node']
    transport, session = row['transport']['latency']['median'], row['session']['median']
    floor = transport + session if transport and session else None
    return [
        format_time(node['latency']),
        format_ratio(node['latency']['median'], floor),
        f'{100 * node["share"]:.1f} %',
        f'{node["rate"]:.1f}',
        format_ratio(node['rate'], row['session_fed']['rate']) if flooded else '-',
        f'{node["cpu_ms_per_image"]:.1f} ms',
        f'{node["cpu_percent"]:.0f} %',
        f'{node["resident_mb"]:.0f}',
    ]


def _floor_cells(row: Results) -> list[str]:
    return [
        format_time(row['transport']['latency']),
        f'{100 * row["transport"]["share"]:.1f} %',
        *(format_time(row[name]) for name in ('session', 'session_fed', 'session_paced')),
        *(f'{row[name]["rate"]:.1f}' for name in ('session', 'session_fed')),
    ]


def render_depth(figures: Results) -> str:
    """Return the section on the node with a depth camera."""
    plain, deep = figures['plain'], figures['deep']
    more = deep['cpu_ms_per_image'] - plain['cpu_ms_per_image']
    rows = [
        ['latency without depth', f'{format_time(plain["latency"])} ms'],
        ['latency with depth', f'{format_time(deep["latency"])} ms'],
        ['with / without, median over the rounds', f'{figures["latency_ratio"] or 0:.3f}'],
        ['`poses_3d` after `poses`', f'{format_time(figures["poses_3d_after_poses"])} ms'],
        ['images with positions', f'{100 * figures["located"]:.1f} %'],
        ['CPU per image without depth', f'{plain["cpu_ms_per_image"]:.1f} ms'],
        ['more with depth', f'{more:.1f} ms'],
    ]
    return _DEPTH_TEXT + format_table(['', ''], rows)


def render_start(figures: Results) -> str:
    """Return the section on the start of the node."""
    lines = [
        [text, format_time(figures[name])]
        for name, text in {'ready': 'ready for images', 'first_pose': 'first pose'}.items()
    ]
    return _START_TEXT + format_table(['until', 'seconds'], lines)


def render_memory(figures: Results) -> str:
    """Return the section on the node's memory over many images."""
    rows = [
        ['first tenth of the run', f'{figures["first_tenth_mb"]:.1f}'],
        ['last tenth', f'{figures["last_tenth_mb"]:.1f}'],
        ['maximum', f'{figures["largest_mb"]:.1f}'],
        ['in ten steps', ', '.join(f'{step:.1f}' for step in figures['course_mb'])],
    ]
    return _MEMORY_TEXT.format(images=figures['images']) + format_table(['', 'MB'], rows)
