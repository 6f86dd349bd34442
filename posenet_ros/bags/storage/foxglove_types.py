"""
The types of messages with annotations for Foxglove, for bags.

foxglove_msgs is not needed: there is no wheel of it. These are the names and types of the fields
of its release 3.4.3, in their order, so that the hashes of the types are the same.
"""

from functools import partial
from types import SimpleNamespace
from typing import Any

from rosbags.interfaces import Nodetype
from rosbags.typesys import get_types_from_msg
from rosbags.typesys.store import Typestore

_PACKAGE = 'foxglove_msgs'
#: The full name of the type of an image's annotations.
IMAGE_ANNOTATIONS = f'{_PACKAGE}/msg/ImageAnnotations'

_TIME = 'builtin_interfaces/Time timestamp'
_METADATA = 'KeyValuePair[] metadata'
_FIELDS = {
    'Color': ('float64 r', 'float64 g', 'float64 b', 'float64 a'),
    'Point2': ('float64 x', 'float64 y'),
    'KeyValuePair': ('string key', 'string value'),
    'CircleAnnotation': (
        _TIME,
        'Point2 position',
        'float64 diameter',
        'float64 thickness',
        'Color fill_color',
        'Color outline_color',
        _METADATA,
    ),
    'PointsAnnotation': (
        'uint8 UNKNOWN=0',
        'uint8 POINTS=1',
        'uint8 LINE_LOOP=2',
        'uint8 LINE_STRIP=3',
        'uint8 LINE_LIST=4',
        _TIME,
        'uint8 type',
        'Point2[] points',
        'Color outline_color',
        'Color[] outline_colors',
        'Color fill_color',
        'float64 thickness',
        _METADATA,
    ),
    'TextAnnotation': (
        _TIME,
        'Point2 position',
        'string text',
        'float64 font_size',
        'Color text_color',
        'Color background_color',
        _METADATA,
    ),
    'ImageAnnotations': (
        _TIME,
        'CircleAnnotation[] circles',
        'PointsAnnotation[] points',
        'TextAnnotation[] texts',
        _METADATA,
    ),
}


def add_foxglove_types(store: Typestore) -> Any:
    """
    Add the types to a store, and return them as attributes, as the module foxglove_msgs.msg does.

    As in ROS, lists are empty and stamps are zero unless they are given.
    """
    definitions: dict[str, Any] = {}
    for name, lines in _FIELDS.items():
        definitions |= get_types_from_msg('\n'.join(lines), _full(name))
    store.register(definitions)
    zero: Any = store.types['builtin_interfaces/msg/Time'](sec=0, nanosec=0)
    made: dict[str, Any] = {}
    for name in _FIELDS:
        _, fields = store.fielddefs[_full(name)]
        defaults: dict[str, Any] = {
            field: [] for field, kind in fields if kind[0] == Nodetype.SEQUENCE
        }
        if _TIME in _FIELDS[name]:
            defaults['timestamp'] = zero
        made[name] = partial(store.types[_full(name)], **defaults)
    return SimpleNamespace(**made)


def _full(name: str) -> str:
    return f'{_PACKAGE}/msg/{name}'
