import pytest

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.errors import SettingError
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.settings import Group, parse_size, PoseSettings, rows, Setting
from posenet_ros.tracking.tracking_settings import TrackingSettings

GROUPS = (ModelSettings, PoseSettings, TrackingSettings, DrawingSettings)
ROWS = [(group, row) for group in GROUPS for row in rows(group)]
RANGES = [(group, row) for group, row in ROWS if row.minimum is not None]


def ids(argument: object) -> str | None:
    return argument.name if isinstance(argument, Setting) else None


@pytest.mark.parametrize('group', GROUPS)
def test_defaults_are_allowed(group: type[Group]) -> None:
    group()


@pytest.mark.parametrize(
    ('name', 'default'),
    [
        # Those of the 2018 TensorFlow.js release.
        ('output_stride', 16),
        ('image_scale_factor', 0.5),
        ('flip_horizontal', False),
        ('max_pose_detections', 5),
        ('score_threshold', 0.5),
        ('nms_radius', 20),
    ],
)
def test_defaults_are_those_of_the_reference(name: str, default: object) -> None:
    (row,) = (row for _, row in ROWS if row.name == name)
    assert row.default == default


@pytest.mark.parametrize(('group', 'row'), RANGES, ids=ids)
def test_both_ends_of_a_range_are_allowed(group: type[Group], row: Setting) -> None:
    group(**{row.name: type(row.default)(row.minimum)})
    group(**{row.name: type(row.default)(row.maximum)})


@pytest.mark.parametrize(('group', 'row'), RANGES, ids=ids)
def test_a_value_out_of_range_is_refused_with_value_and_range(
    group: type[Group], row: Setting
) -> None:
    assert row.minimum is not None
    value = type(row.default)(row.minimum - 1)
    with pytest.raises(SettingError, match=f'{row.name} is {value}; choose {row.minimum} to'):
        group(**{row.name: value})


@pytest.mark.parametrize('value', [float('nan'), float('inf')])
def test_a_number_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(SettingError, match=f'nms_radius is {value}'):
        PoseSettings(nms_radius=value)


@pytest.mark.parametrize(('group', 'row'), ROWS, ids=ids)
def test_a_value_of_another_type_is_refused(group: type[Group], row: Setting) -> None:
    with pytest.raises(SettingError, match=f'{row.name} is None, expected'):
        group(**{row.name: None})


def test_an_integer_is_allowed_for_a_float_but_not_vice_versa() -> None:
    assert PoseSettings(nms_radius=30).nms_radius == 30
    with pytest.raises(SettingError, match=r'max_pose_detections is 3\.0, expected'):
        PoseSettings(max_pose_detections=3.0)  # type: ignore[arg-type]


def test_true_is_not_a_number() -> None:
    with pytest.raises(SettingError, match='max_pose_detections is True'):
        PoseSettings(max_pose_detections=True)


def test_a_value_that_is_not_a_choice_is_refused_with_the_choices() -> None:
    with pytest.raises(SettingError, match="'many'; choose one of multi_person, single_person"):
        PoseSettings(decoding_method='many')


def test_an_output_stride_that_the_model_does_not_have_is_refused() -> None:
    ModelSettings(model='mobilenet_v1_100', output_stride=32)
    with pytest.raises(SettingError, match='mobilenet_v1_075 has no output stride 32'):
        ModelSettings(output_stride=32)


@pytest.mark.parametrize('text', ['257', '257x', 'x257', '0x257', '257x9999', '2 x 2', '-1x9'])
def test_a_string_that_is_not_a_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(SettingError, match='such as 257x353'):
        PoseSettings(input_size=text)


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('max_pose_detections', 'x' * 10_000),
        ('max_pose_detections', 10**100),
        ('decoding_method', 'x' * 10_000),
        ('input_size', 'x' * 10_000),
    ],
)
def test_a_long_value_is_shortened_in_the_error(name: str, value: object) -> None:
    with pytest.raises(SettingError, match=rf'{name} is \S{{10,}}\.\.\.\S') as raised:
        PoseSettings(**{name: value})  # type: ignore[arg-type]
    assert len(str(raised.value)) < 200


def test_a_size_is_height_and_width() -> None:
    assert parse_size('257x353') == (257, 353)


def test_every_setting_is_described() -> None:
    assert all(row.description for _, row in ROWS)
