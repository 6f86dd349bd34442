"""The script that activates the environment."""

from pathlib import Path
import shutil
import subprocess

from golden import ROOT
import pytest


def source(command: str, shell: str, folder: Path) -> 'subprocess.CompletedProcess[str]':
    """Run a command that sources env.sh in a folder, in an environment without ROS."""
    return subprocess.run(
        [shell, '-c', command],
        cwd=folder,
        env={'PATH': '/usr/bin:/bin'},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project folder with an environment whose scripts only record that they ran."""
    for path in ('.venv/bin/activate', 'install/local_setup.sh', 'install/.ready'):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f'SOURCED="$SOURCED {path}"\n')
    shutil.copy(ROOT / 'env.sh', tmp_path)
    return tmp_path


@pytest.mark.parametrize('shell', ['bash', 'sh'])
def test_a_folder_that_is_not_set_up_is_reported_with_the_remedy(
    shell: str, project: Path
) -> None:
    (project / 'install' / '.ready').unlink()
    done = source('. ./env.sh; exit $?', shell, project)
    assert done.returncode != 0
    assert f'{project} is not set up yet; run: make setup' in done.stderr


@pytest.mark.parametrize('shell', ['bash', 'sh'])
def test_the_environment_and_then_the_build_are_activated(shell: str, project: Path) -> None:
    done = source('. ./env.sh && echo "$SOURCED $AMENT_PREFIX_PATH"', shell, project)
    assert done.stdout.split() == [
        '.venv/bin/activate', 'install/local_setup.sh', f'{project}/.venv'
    ]  # fmt: skip


def test_bash_can_source_the_script_from_another_folder(project: Path) -> None:
    done = source(f'. {project}/env.sh && echo $SOURCED', 'bash', project.parent)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ['.venv/bin/activate', 'install/local_setup.sh']


def test_a_sourced_distribution_stays_the_underlay(project: Path) -> None:
    command = 'ROS_DISTRO=jazzy AMENT_PREFIX_PATH=/opt/ros/jazzy; . ./env.sh; '
    done = source(f'{command} echo $AMENT_PREFIX_PATH', 'bash', project)
    assert done.stdout.strip() == '/opt/ros/jazzy'


def test_the_fast_dds_profile_of_the_project_is_used_unless_the_user_set_one(
    project: Path,
) -> None:
    show = '. ./env.sh; echo $FASTRTPS_DEFAULT_PROFILES_FILE $FASTDDS_DEFAULT_PROFILES_FILE'
    own = f'{project}/config/fastdds_images.xml'
    assert source(show, 'bash', project).stdout.split() == [own, own]
    command = f'FASTRTPS_DEFAULT_PROFILES_FILE=/mine.xml; {show}'
    assert source(command, 'bash', project).stdout.split() == ['/mine.xml', '/mine.xml']
