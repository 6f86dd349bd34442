"""The script that activates the environment."""

from pathlib import Path
import shutil
import subprocess
import sys

from golden import ROOT
import pytest

from posenet_ros.fastdds_profile import VARIABLES


def source(command: str, shell: str, folder: Path) -> 'subprocess.CompletedProcess[str]':
    """Run a command that sources env.sh in a folder, in an environment without ROS."""
    return subprocess.run(
        [shell, '-c', command],
        cwd=folder,
        # env.sh runs a program with the Python of the environment.
        env={'PATH': f'{Path(sys.executable).parent}:/usr/bin:/bin', 'PYTHONPATH': str(ROOT)},
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
    (tmp_path / 'tools').mkdir()
    shutil.copy(ROOT / 'tools' / 'export_fastdds_profile.py', tmp_path / 'tools')
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


@pytest.mark.parametrize('shell', ['bash', 'sh'])
def test_the_path_of_the_project_may_contain_a_space(shell: str, project: Path) -> None:
    folder = project / 'my dir'
    for name in ('.venv', 'install', 'tools'):
        shutil.copytree(project / name, folder / name)
    shutil.copy(project / 'env.sh', folder)
    (folder / '.venv' / 'bin' / 'python').symlink_to(sys.executable)
    # As the script of colcon does, without quotes.
    line = 'SOURCED=$($COLCON_PYTHON_EXECUTABLE -c "print(1 + 1)")\n'
    (folder / 'install' / 'local_setup.sh').write_text(line)
    done = source('. ./env.sh && echo "$SOURCED $AMENT_PREFIX_PATH"', shell, folder)
    assert (done.stdout, done.stderr) == (f'2 {folder}/.venv\n', '')


def test_bash_can_source_the_script_from_another_folder(project: Path) -> None:
    done = source(f'. {project}/env.sh && echo $SOURCED', 'bash', project.parent)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ['.venv/bin/activate', 'install/local_setup.sh']


def test_a_sourced_distribution_stays_the_underlay(project: Path) -> None:
    command = 'ROS_DISTRO=jazzy AMENT_PREFIX_PATH=/opt/ros/jazzy; . ./env.sh; '
    done = source(f'{command} echo $AMENT_PREFIX_PATH', 'bash', project)
    assert done.stdout.strip() == '/opt/ros/jazzy'


@pytest.mark.parametrize(('library', 'variable'), VARIABLES.items())
@pytest.mark.parametrize('shell', ['bash', 'sh'])
def test_the_fast_dds_profile_of_the_project_is_used_unless_the_user_set_one(
    shell: str, library: str, variable: str, project: Path
) -> None:
    (project / '.venv' / 'lib').mkdir()
    (project / '.venv' / 'lib' / library).touch()
    show = '. ./env.sh; env | grep DEFAULT_PROFILES_FILE'
    own = f'{project}/config/fastdds_images.xml'
    assert source(show, shell, project).stdout.split() == [f'{variable}={own}']
    both = '; '.join(f'export {name}={own}' for name in VARIABLES.values())
    assert source(f'{both}; {show}', shell, project).stdout.split() == [f'{variable}={own}']
    command = f'export {variable}=/mine.xml; {show}'
    assert source(command, shell, project).stdout.split() == [f'{variable}=/mine.xml']
