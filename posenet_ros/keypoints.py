"""
The 17 parts of a pose, the tree that the decoder follows, and the lines of a skeleton.

A part's id is its index in :data:`PART_NAMES`; messages, heads and arrays all use that order.
Left and right are the person's left and right.

Source: Papandreou et al., "PersonLab", 2018, and the TensorFlow.js release of PoseNet.
"""

__all__ = ['FALLOFFS', 'NUM_EDGES', 'NUM_PARTS', 'PART_NAMES', 'SKELETON', 'TREE_EDGES']

PART_NAMES = (
    'nose',
    'left_eye',
    'right_eye',
    'left_ear',
    'right_ear',
    'left_shoulder',
    'right_shoulder',
    'left_elbow',
    'right_elbow',
    'left_wrist',
    'right_wrist',
    'left_hip',
    'right_hip',
    'left_knee',
    'right_knee',
    'left_ankle',
    'right_ankle',
)

NUM_PARTS = len(PART_NAMES)

#: How precisely people mark each part: the standard deviation of what the annotators of COCO mark,
#: as a share of the person's size. An ear is marked more precisely than a hip. These are the
#: constants k of object keypoint similarity (cocodataset.org, "Keypoint Evaluation").
FALLOFFS = (
    0.026,
    0.025,
    0.025,
    0.035,
    0.035,
    0.079,
    0.079,
    0.072,
    0.072,
    0.062,
    0.062,
    0.107,
    0.107,
    0.087,
    0.087,
    0.089,
    0.089,
)


def _ids(*edges: tuple[str, str]) -> tuple[tuple[int, int], ...]:
    return tuple((PART_NAMES.index(first), PART_NAMES.index(second)) for first, second in edges)


#: The pose tree: (parent, child) part ids, in the order of the displacement channels.
TREE_EDGES = _ids(
    ('nose', 'left_eye'),
    ('left_eye', 'left_ear'),
    ('nose', 'right_eye'),
    ('right_eye', 'right_ear'),
    ('nose', 'left_shoulder'),
    ('left_shoulder', 'left_elbow'),
    ('left_elbow', 'left_wrist'),
    ('left_shoulder', 'left_hip'),
    ('left_hip', 'left_knee'),
    ('left_knee', 'left_ankle'),
    ('nose', 'right_shoulder'),
    ('right_shoulder', 'right_elbow'),
    ('right_elbow', 'right_wrist'),
    ('right_shoulder', 'right_hip'),
    ('right_hip', 'right_knee'),
    ('right_knee', 'right_ankle'),
)

NUM_EDGES = len(TREE_EDGES)

#: The limbs and the outline of the trunk: pairs of part ids that a drawing connects with a line.
SKELETON = _ids(
    ('left_shoulder', 'right_shoulder'),
    ('left_hip', 'right_hip'),
    ('left_shoulder', 'left_hip'),
    ('right_shoulder', 'right_hip'),
    ('left_shoulder', 'left_elbow'),
    ('left_elbow', 'left_wrist'),
    ('right_shoulder', 'right_elbow'),
    ('right_elbow', 'right_wrist'),
    ('left_hip', 'left_knee'),
    ('left_knee', 'left_ankle'),
    ('right_hip', 'right_knee'),
    ('right_knee', 'right_ankle'),
)
