# Activates the environment that `make setup` created:  . ./env.sh
# bash and zsh can source it from any folder, other shells only from the folder that contains it.

if [ -n "${BASH_SOURCE:-}" ]; then
  _posenet_root=$(cd "$(dirname "${BASH_SOURCE:-}")" && pwd)
elif [ -n "${ZSH_VERSION:-}" ]; then
  _posenet_root=$(cd "$(dirname "$(eval 'printf %s "${(%):-%x}"')")" && pwd)
else
  _posenet_root=$(pwd)
fi

if [ ! -f "$_posenet_root/install/.ready" ]; then
  echo "$_posenet_root is not set up yet; run: make setup" >&2
  return 1
fi

. "$_posenet_root/.venv/bin/activate"
# Without a sourced distribution, the wheels in .venv are the underlay.
if [ -z "${ROS_DISTRO:-}" ]; then
  export AMENT_PREFIX_PATH="$_posenet_root/.venv"
fi
# The scripts of colcon (colcon-core 0.21) do not quote the path of Python. The path of this folder may
# contain a space, so they get the interpreter that the one in .venv is a link to.
if [ -n "${COLCON_PYTHON_EXECUTABLE:-}" ]; then
  . "$_posenet_root/install/local_setup.sh"
else
  COLCON_PYTHON_EXECUTABLE=$(readlink -f "$_posenet_root/.venv/bin/python")
  . "$_posenet_root/install/local_setup.sh"
  unset COLCON_PYTHON_EXECUTABLE
fi
# Without this profile, images get lost between processes (README, "Lost images").
eval "$(python "$_posenet_root/tools/export_fastdds_profile.py" \
  "$_posenet_root/config/fastdds_images.xml")"
unset _posenet_root
