# make demo            finds people in a picture with two ROS 2 nodes
# make test            runs all checks
# make test-gpu-wheel  checks the GPU build of ONNX Runtime on a machine without a GPU
# make setup           installs Python packages and ROS 2, builds, and downloads the weights;
#                      then activate the environment with: . ./env.sh
# make agreement       writes docs/agreement.md: the distance from the reference implementation
# make precision       writes the table in docs/precision.md: speed and agreement of each precision
# make bench           measures the speed and writes docs/benchmark.md (10 to 15 minutes). On a busy
#                      machine it measures nothing and fails; with IGNORE_LOAD=1 it writes to
#                      build/benchmark instead. To measure only some parts:
#                      make bench ONLY='stages decoding sweeps node start memory' QUICK=1 PROVIDER=cuda
#                      To compare with another checkout that is set up: make bench AGAINST=DIR
# make torture         attacks the nodes and the command with hostile input for an hour, and writes
#                      docs/reliability.md. For some attacks, a shorter time or another seed:
#                      make torture ONLY='messages memory' SECONDS=120 SEED=7
# make clean           removes everything that make created in this folder; the weights stay in the
#                      user's cache
#
# Requirements: Python 3.10 or newer with venv, a C++ compiler, make, and npm or the Internet.
# If no ROS 2 distribution is sourced, ROS 2 is installed as Python wheels.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: agreement bench precision torture demo test test-gpu-wheel lint setup weights \
  test-weights clean

PYTHON ?= python3
# For `make demo`: an image, a video or the number of a webcam. The default is a picture of two
# people.
SOURCE ?=
# For `make precision`: images, folders and videos of people to measure on; for bfloat16, a Python
# with numpy and onnxruntime-openvino.
PICTURES ?=
OPENVINO ?=
# For `make bench` and `make torture`: the parts or attacks.
ONLY ?=
# For `make bench`: 1 for a short run; the execution provider; 1 to measure on a busy machine;
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

ROOT := $(CURDIR)
VENV := $(ROOT)/.venv
# The environment depends on the sourced distribution and on the build of ONNX Runtime. If either
# changes, the environment is created again.
VENV_READY := $(VENV)/.ready-$(or $(ROS_DISTRO),wheels)-$(ONNXRUNTIME)
GPU_VENV := $(ROOT)/.venv-gpu
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check install --quiet --quiet
ENV := . $(ROOT)/env.sh
# The requirements of the benchmark's charts are installed only by `make bench`.
REQUIREMENTS := $(filter-out requirements/bench.txt,$(wildcard requirements/*.txt))
SOURCES := CMakeLists.txt package.xml NOTICE \
  $(shell find posenet_ros msg launch config rviz scripts -type f -not -name '*.pyc')

ifeq ($(ROS_DISTRO),)
  VENV_OPTIONS :=
  ROS_REQUIREMENTS := -r requirements/ros-jazzy.txt
  RELOCATE := $(VENV)/bin/python tools/relocate_wheels.py
  BUILD := AMENT_PREFIX_PATH=$(VENV) CMAKE_PREFIX_PATH=$(VENV) $(VENV)/bin/colcon
else
  VENV_OPTIONS := --system-site-packages
  # The distribution's cv_bridge needs the NumPy that it was built with.
  ROS_REQUIREMENTS := -c $(VENV)/constraints.txt
  RELOCATE := true
  BUILD := colcon
endif

demo: setup
	@$(ENV) && python demo/demo.py $(if $(SOURCE),'$(SOURCE)')

test: setup test-weights lint test-gpu-wheel
	@$(ENV) && pytest -n auto --maxprocesses 8 --dist loadgroup

# Uses the real onnxruntime-gpu (a download of 260 MB, without CUDA) in a separate environment.
test-gpu-wheel: weights
ifeq ($(shell uname -sm),Linux x86_64)
	@$(MAKE) --no-print-directory $(GPU_VENV)/.ready
	@PYTHONPATH=$(ROOT) $(GPU_VENV)/bin/python tools/check_gpu_wheel.py 2> log/gpu_wheel.txt || \
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

lint: setup
	@$(ENV) && ruff check . && ruff format --check . && flake8 && mypy

setup: install/.ready weights

weights: install/.ready
	@$(ENV) && posenet download

# Not mobilenet_v1_050: it has no npm package, and not every machine can reach its only source.
test-weights: weights
	@$(ENV) && posenet download mobilenet_v1_100

agreement: setup test-weights
	@$(ENV) && PYTHONPATH=test/support:$$PYTHONPATH python tools/agreement.py

precision: setup
	@$(ENV) && posenet quantize && PYTHONPATH=test/support:$$PYTHONPATH python tools/precision.py \
	  $(if $(OPENVINO),--openvino '$(OPENVINO)') $(PICTURES)

# A full run writes docs/benchmark.md and its charts. Other runs write to build/benchmark.
bench: setup test-weights $(VENV)/.ready-bench
	@$(ENV) && PYTHONPATH=test/support:$$PYTHONPATH python benchmark/run.py $(if $(ONLY),--only $(ONLY)) \
	  $(if $(QUICK),--quick) $(if $(PROVIDER),--provider $(PROVIDER)) \
	  $(if $(IGNORE_LOAD),--ignore-load) $(if $(AGAINST),--against '$(AGAINST)') \
	  $(if $(ROUNDS),--rounds $(ROUNDS))

# Only a run of all attacks that takes an hour writes docs/reliability.md. The root comes last in
# PYTHONPATH: the source package posenet_ros must not hide the installed one.
torture: setup
	@$(ENV) && PYTHONPATH=test/support:benchmark:$$PYTHONPATH:$(ROOT) python torture/run.py \
	  $(if $(ONLY),--only $(ONLY)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED))

$(VENV)/.ready-bench: requirements/bench.txt $(VENV_READY)
	@$(PIP) -r requirements/bench.txt
	@touch $@

$(VENV_READY): $(REQUIREMENTS) tools/relocate_wheels.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo 'Python 3.10 or newer is needed; run: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
	  { echo 'the Python module venv is missing; install it, for example: apt install python3-venv' >&2; exit 1; }
	@command -v c++ > /dev/null || \
	  { echo 'a C++ compiler is missing; install it, for example: apt install g++' >&2; exit 1; }
ifneq ($(ROS_DISTRO),)
	@command -v colcon > /dev/null && \
	  $(PYTHON) -c 'import cv_bridge, rclpy, sensor_msgs, visualization_msgs' || \
	  { echo 'ROS 2 $(ROS_DISTRO) is sourced, but packages are missing; run: sudo apt install' \
	    'python3-colcon-common-extensions && rosdep install --from-paths . -y' >&2; exit 1; }
endif
	@echo 'Installing Python packages into .venv (one to three minutes) ...'
	@rm -rf build install
	@$(PYTHON) -m venv --clear $(VENV_OPTIONS) $(VENV)
ifneq ($(ROS_DISTRO),)
	@$(PYTHON) -c 'import numpy; print(f"numpy=={numpy.__version__}")' > $(VENV)/constraints.txt
endif
	@$(PIP) $(ROS_REQUIREMENTS) -r requirements/run.txt \
	  -r requirements/$(ONNXRUNTIME).txt -r requirements/dev.txt
	@$(RELOCATE)
	@touch $@

install/.ready: $(VENV_READY) $(SOURCES)
	@echo 'Building ...'
	@mkdir -p log && . $(VENV)/bin/activate && $(BUILD) build --symlink-install \
	  --cmake-args -DPython3_EXECUTABLE=$(VENV)/bin/python --no-warn-unused-cli \
	  > log/build.txt 2>&1 || { cat log/build.txt >&2; exit 1; }
	@touch $@

clean:
	rm -rf $(VENV) $(GPU_VENV) build install log demo/annotated.png .*_cache .hypothesis
