# make demo            finds people in a picture with two ROS 2 nodes
# make test            runs all checks. To run only some tests, and no linters:
#                      make test ONLY='test/ros test/test_package.py'
# make test-gpu-wheel  checks the GPU build of ONNX Runtime on a machine without a GPU
# make setup           installs Python packages and ROS 2, builds, and downloads the weights;
#                      then activate the environment with: . ./env.sh
# make test-setup      the same, with what the tests need
# make lint            runs the linters
# make matrix          checks that all requirements have wheels for every Python and every ROS 2
# make agreement       writes docs/agreement.md: the distance from the reference implementation
# make precision       writes the table in docs/precision.md: speed and agreement of each precision
# make accuracy        writes docs/accuracy.md: COCO's average precision and the time of several
#                      settings (an hour), and the same on videos (5 minutes). Without a folder, it
#                      installs nothing, and says what to download:
#                      make accuracy COCO=DIR VIDEOS=DIR
# make bench           measures the speed and writes docs/benchmark.md (15 to 20 minutes). On a busy
#                      machine it measures nothing and fails; with IGNORE_LOAD=1 it writes to
#                      build/benchmark instead. To measure only some parts:
#                      make bench ONLY='stages decoding sweeps recordings node attention start memory' \
#                      QUICK=1 PROVIDER=cuda
#                      To compare with another checkout that is set up: make bench AGAINST=DIR
# make gpu-check       checks this package on an NVIDIA GPU (docs/gpu.md). For a rehearsal on the CPU, or
#                      only some parts:
#                      make gpu-check PROVIDER=cpu QUICK=1 ONLY='doctor agreement'
# make tracking        writes the tables in docs/tracking.md; see there for the videos and norfair:
#                      make tracking VIDEOS=DIR NORFAIR=python
# make spatial         writes the tables in docs/spatial.md
# make torture         attacks the nodes and the command with hostile input for an hour, and writes
#                      docs/reliability.md. For some attacks, a shorter time or another seed:
#                      make torture ONLY='messages memory' SECONDS=120 SEED=7
# make clean           removes everything that make created in this folder; the weights stay in the
#                      user's cache
#
# Requirements: Python 3.10 or newer with venv and headers, a C++ compiler, make, and npm or the
# Internet. If no ROS 2 distribution is sourced, ROS 2 is installed as Python wheels. To choose a
# Python, and the distribution of the wheels:
#     make demo PYTHON=python3.13 ROS=kilted

SHELL := /bin/bash
.DELETE_ON_ERROR:
# Targets install into the same environment, one after the other.
.NOTPARALLEL:
.PHONY: accuracy agreement bench gpu-check precision torture tracking spatial demo test test-gpu-wheel lint \
  setup test-setup weights test-weights matrix clean

PYTHON ?= python3
# The ROS 2 distribution of the wheels: one of requirements/ros-*.txt.
ROS ?= $(or $(ROS_DISTRO),jazzy)
# For `make demo`: an image, a video or the number of a webcam. The default is a picture of two
# people.
SOURCE ?=
# For `make precision`: images, folders and videos of people to measure on; for bfloat16, a Python
# with numpy and onnxruntime-openvino.
PICTURES ?=
OPENVINO ?=
# For `make accuracy`: the folder with COCO's validation pictures.
COCO ?=
# For `make accuracy` and `make tracking`: the folder with the videos; for the latter, a Python that
# has norfair.
VIDEOS ?=
NORFAIR ?=
# For `make test`, `make bench`, `make gpu-check` and `make torture`: the tests, parts or attacks.
ONLY ?=
# For `make test`: the tests mostly wait for other processes, so one more than the processors. Each
# needs a ROS domain of its own.
TEST_PROCESSES ?= $(shell n=$$(nproc); echo $$((n < 8 ? n + 1 : 8)))
# For `make bench` and `make gpu-check`: 1 for a short run; the execution provider. For `make bench`: 1 to
# measure on a busy machine;
# another checkout to compare with; the number of rounds of the comparison.
QUICK ?=
PROVIDER ?=
IGNORE_LOAD ?=
AGAINST ?=
ROUNDS ?=
# For `make torture`: the seconds for all attacks; the seed of their random numbers. SECONDS is also a
# variable of bash, so that one from the environment is not used.
SECONDS :=
SEED ?=

# The ONNX Runtime to install: one of requirements/onnxruntime*.txt. The default is the GPU build
# if one of these files shows that there is an NVIDIA driver. A Jetson needs NVIDIA's own build:
# see docs/gpu.md.
NVIDIA_DRIVER := $(wildcard /proc/driver/nvidia/version /usr/lib/wsl/lib/libcuda.so.1)
ONNXRUNTIME ?= onnxruntime$(if $(NVIDIA_DRIVER),$(if $(filter x86_64,$(shell uname -m)),-gpu))

# Paths are relative, because the path of this folder may contain a space, which make cannot handle in
# the names of targets. In commands that need the whole path, it is in quotes.
VENV := .venv
# The environment depends on the distribution, whether it is sourced, Python's version, and the build
# of ONNX Runtime. If one of them changes, the environment is created again.
PYTHON_VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2> /dev/null)
VENV_READY := $(VENV)/.ready-$(ROS)-$(if $(ROS_DISTRO),sourced,wheels)-$(PYTHON_VERSION)-$(ONNXRUNTIME)
GPU_VENV := .venv-gpu
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check install --quiet --quiet \
  $(if $(ROS_DISTRO),-c $(VENV)/constraints.txt)
ENV := . ./env.sh
# What the nodes need. Tests, linters and the benchmark's charts have files of their own, which are
# installed when they are first needed.
REQUIREMENTS := requirements/run.txt requirements/$(ONNXRUNTIME).txt
SOURCES := CMakeLists.txt package.xml LICENSE NOTICE \
  $(shell find posenet_ros msg launch config rviz scripts -type f -not -name '*.pyc')

ifeq ($(ROS_DISTRO),)
  WHEELS := $(patsubst requirements/ros-%.txt,%,$(wildcard requirements/ros-*.txt))
  ifeq ($(and $(filter 1,$(words $(ROS))),$(filter $(WHEELS),$(ROS))),)
    $(error There are no wheels of ROS='$(ROS)'; set ROS to one of: $(WHEELS))
  endif
  VENV_OPTIONS :=
  REQUIREMENTS += requirements/ros-$(ROS).txt requirements/build.txt
  RELOCATE := $(VENV)/bin/python tools/relocate_wheels.py
  BUILD := AMENT_PREFIX_PATH='$(CURDIR)/$(VENV)' CMAKE_PREFIX_PATH='$(CURDIR)/$(VENV)' $(VENV)/bin/colcon
else
  ifneq ($(ROS),$(ROS_DISTRO))
    $(error ROS='$(ROS)' contradicts the sourced distribution, $(ROS_DISTRO); leave ROS out, or use \
      a shell without a sourced distribution)
  endif
  VENV_OPTIONS := --system-site-packages
  RELOCATE := true
  BUILD := colcon
endif

demo: setup
	@$(ENV) && python demo/demo.py $(if $(SOURCE),'$(SOURCE)')

ifeq ($(ONLY),)
test: lint test-gpu-wheel
endif
test: test-setup
	@$(ENV) && pytest -n $(TEST_PROCESSES) --dist loadfile $(ONLY)

# Uses the real onnxruntime-gpu (a download of 260 MB, without CUDA) in a separate environment.
test-gpu-wheel: weights
ifeq ($(shell uname -sm),Linux x86_64)
	@$(MAKE) --no-print-directory $(GPU_VENV)/.ready
	@PYTHONPATH='$(CURDIR)' $(GPU_VENV)/bin/python tools/check_gpu_wheel.py 2> log/gpu_wheel.txt || \
	  { cat log/gpu_wheel.txt >&2; exit 1; }
else
	@echo 'test-gpu-wheel skipped: onnxruntime-gpu has wheels for Linux on x86_64 but not for' \
	  '$(shell uname -sm)'
endif

$(GPU_VENV)/.ready: requirements/onnxruntime-gpu.txt
	@echo 'Installing onnxruntime-gpu into .venv-gpu ...'
	@$(PYTHON) -m venv --clear $(GPU_VENV)
	@sed 's/\[cuda,cudnn\]//' $< > $(GPU_VENV)/requirements.txt
	@$(GPU_VENV)/bin/python -m pip --disable-pip-version-check install --quiet --quiet \
	  -r $(GPU_VENV)/requirements.txt numpy 'opencv-python-headless<5' pillow
	@touch $@

# The types of rclpy and of NumPy differ between releases.
MYPY_SKIPPED := $(if $(filter-out jazzy,$(ROS))$(filter 3.14,$(PYTHON_VERSION)),mypy is skipped: types \
  are checked only with ROS 2 Jazzy on Python 3.10 to 3.13)

lint: test-setup $(VENV)/.ready-lint
	@$(ENV) && ruff check . && ruff format --check . && flake8
	@$(if $(MYPY_SKIPPED),echo '$(MYPY_SKIPPED)',$(ENV) && mypy)

# Resolves for each combination what `make setup` and `make test-setup` would install.
matrix:
	@$(PYTHON) tools/matrix.py

setup: install/.ready weights

test-setup: setup test-weights $(VENV)/.ready-test

weights: install/.ready
	@$(ENV) && posenet download

# Not mobilenet_v1_050: it has no npm package, and not every machine can reach its only source.
test-weights: weights
	@$(ENV) && posenet download mobilenet_v1_100

agreement: test-setup
	@$(ENV) && PYTHONPATH=test/support:$$PYTHONPATH python tools/agreement.py

precision: test-setup
	@$(ENV) && posenet quantize && PYTHONPATH=test/support:$$PYTHONPATH python tools/precision.py \
	  $(if $(OPENVINO),--openvino '$(OPENVINO)') $(PICTURES)

# Without a folder, this installs nothing, and says what to download.
ifeq ($(strip $(COCO)$(VIDEOS)),)
accuracy:
	@$(PYTHON) tools/accuracy_downloads.py
else
accuracy: test-weights $(VENV)/.ready-accuracy
	@$(ENV) && posenet quantize && python tools/accuracy.py $(if $(COCO),--coco '$(COCO)') \
	  $(if $(VIDEOS),--videos '$(VIDEOS)')
endif

tracking: test-setup $(VENV)/.ready-tracking
	@$(ENV) && PYTHONPATH=test/support:$$PYTHONPATH python tools/tracking.py \
	  $(if $(VIDEOS),--videos '$(VIDEOS)') $(if $(NORFAIR),--norfair '$(NORFAIR)')

spatial: test-setup
	@$(ENV) && PYTHONPATH=test/support:$$PYTHONPATH python tools/spatial.py

# A full run writes docs/benchmark.md and its charts. Other runs write to build/benchmark.
bench: test-setup $(VENV)/.ready-bench
	@$(ENV) && PYTHONPATH=test/support:$$PYTHONPATH python benchmark/run.py $(if $(ONLY),--only $(ONLY)) \
	  $(if $(QUICK),--quick) $(if $(PROVIDER),--provider $(PROVIDER)) \
	  $(if $(IGNORE_LOAD),--ignore-load) $(if $(AGAINST),--against '$(AGAINST)') \
	  $(if $(ROUNDS),--rounds $(ROUNDS))

# The program itself does not need ROS (docs/gpu.md); here, it also checks the node.
gpu-check: test-setup
	@$(ENV) && python tools/gpu_check.py $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick) \
	  $(if $(PROVIDER),--provider $(PROVIDER))

# Only a run of all attacks that takes an hour writes docs/reliability.md. The root comes last in
# PYTHONPATH: the source package posenet_ros must not hide the installed one.
torture: test-setup
	@$(ENV) && PYTHONPATH=test/support:benchmark:$$PYTHONPATH:'$(CURDIR)' python torture/run.py \
	  $(if $(ONLY),--only $(ONLY)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED))

$(VENV)/.ready-test $(VENV)/.ready-lint $(VENV)/.ready-bench $(VENV)/.ready-tracking \
  $(VENV)/.ready-accuracy:
  $(VENV)/.ready-%: requirements/%.txt $(VENV_READY)
	@echo 'Installing $< ...'
	@$(PIP) -r $<
	@touch $@

$(VENV_READY): $(REQUIREMENTS) tools/relocate_wheels.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo 'Python 3.10 or newer is needed, and $(PYTHON) does not run or is older; run for example:' \
	    'make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
	  { echo 'the Python module venv is missing; install it, for example:' \
	    'apt install python3-venv' >&2; exit 1; }
	@test -f "$$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" || \
	  { echo 'the headers of Python are missing; install them, for example:' \
	    'apt install python3-dev' >&2; exit 1; }
	@command -v c++ > /dev/null || \
	  { echo 'a C++ compiler is missing; install it, for example: apt install g++' >&2; exit 1; }
ifneq ($(ROS_DISTRO),)
	@command -v colcon > /dev/null && \
	  $(PYTHON) -c 'import cv_bridge, rclpy, sensor_msgs, visualization_msgs' || \
	  { echo 'ROS 2 $(ROS_DISTRO) is sourced, but packages are missing; run: sudo apt install' \
	    'python3-colcon-common-extensions && rosdep install --from-paths . -y' >&2; exit 1; }
endif
	@echo 'Installing $(if $(ROS_DISTRO),Python packages,ROS 2 $(ROS)) for Python $(PYTHON_VERSION)' \
	  'into .venv (one to five minutes) ...'
	@rm -rf build install
	@$(PYTHON) -m venv --clear $(VENV_OPTIONS) $(VENV)
ifneq ($(ROS_DISTRO),)
	@# The distribution's cv_bridge needs the major version of NumPy that it was built with. The exact
	@# version cannot be required: ONNX Runtime needs a newer one than Ubuntu 22.04 has.
	@$(PYTHON) -c 'import numpy; print(f"numpy<{int(numpy.__version__.split(".")[0]) + 1}")' \
	  > $(VENV)/constraints.txt
endif
	@$(PIP) $(addprefix -r ,$(REQUIREMENTS))
	@$(RELOCATE)
	@touch $@

install/.ready: $(VENV_READY) $(SOURCES)
	@echo 'Building ...'
	@mkdir -p log && . $(VENV)/bin/activate && $(BUILD) build --symlink-install \
	  --cmake-args -DPython3_EXECUTABLE='$(CURDIR)/$(VENV)/bin/python' --no-warn-unused-cli \
	  > log/build.txt 2>&1 || { cat log/build.txt >&2; exit 1; }
	@touch $@

clean:
	rm -rf $(VENV) $(GPU_VENV) build install log demo/annotated.png .*_cache .hypothesis
