import pytest

from posenet_ros.errors import MissingDependencyError
from posenet_ros.ros.hri import hri_packages
from posenet_ros.ros.hri.hri_packages import check_hri_packages


@pytest.fixture(autouse=True)
def both_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hri_packages, 'hri', object())
    monkeypatch.setattr(hri_packages, 'TF_TYPE', object())


def test_nothing_is_raised_if_both_packages_are_installed() -> None:
    check_hri_packages()


@pytest.mark.parametrize(
    ('names', 'reason'),
    [
        (['hri'], 'needs hri_msgs, which .* install ros-.ROS_DISTRO-hri-msgs;'),
        (['TF_TYPE'], 'needs tf2_msgs, which .* install ros-.ROS_DISTRO-tf2-msgs;'),
        (['hri', 'TF_TYPE'], 'hri_msgs and tf2_msgs, .*ros-.ROS_DISTRO-hri-msgs ros-'),
    ],
    ids=str,
)
def test_a_missing_package_is_named_with_the_remedy(
    names: list[str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in names:
        monkeypatch.setattr(hri_packages, name, None)
    with pytest.raises(MissingDependencyError, match=reason):
        check_hri_packages()
