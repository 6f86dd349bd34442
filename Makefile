# make demo   sees PoseNet find people through a real ROS 2 graph
# make test   runs all checks
# make test-gpu-wheel  only that of the GPU build of ONNX Runtime, on a machine without a GPU
# make setup  only sets up: Python environment, ROS 2, build, weights; then `. ./env.sh`
# make agreement  writes docs/agreement.md: how far results are from the reference's
# make precision  writes the table of docs/precision.md: speed and agreement of each precision
# make bench  measures the speed and writes docs/benchmark.md (ten minutes). On a busy machine it
#             measures nothing and fails; with IGNORE_LOAD=1 it writes into build/benchmark instead.
#             To measure some parts:
#             make bench ONLY='stages decoding sweeps node start memory' QUICK=1 PROVIDER=cuda
#             To compare with another checkout, in which make setup has run: make bench AGAINST=DIR
# make clean  removes what the others made in this folder (not the weights in the user's cache)
#
# Needs Python 3.10 or newer with venv, a C++ compiler, make, and npm or the Internet.
# Where a ROS 2 distribution is sourced, that is used; elsewhere ROS 2 comes as Python wheels.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: agreement bench precision demo test test-gpu-wheel lint setup weights test-weights clean

PYTHON ?= python3
# An image, a video or the number of a webcam for the demo; the default is a picture of a person.
SOURCE ?=
PICTURES ?=
OPENVINO ?=
# Of the benchmark: parts to measure, 1 for a short run, the node's execution provider, 1 to measure
# on a busy machine; another checkout to compare with, and how often.
ONLY ?=
QUICK ?=
PROVIDER ?=
IGNORE_LOAD ?=
AGAINST ?=
ROUNDS ?=

# Which ONNX Runtime: one of requirements/onnxruntime*.txt. An NVIDIA driver is there where one of
# these files is. A Jetson needs NVIDIA's own build: see docs/gpu.md.
NVIDIA_DRIVER := $(wildcard /proc/driver/nvidia/version /usr/lib/wsl/lib/libcuda.so.1)
ONNXRUNTIME ?= onnxruntime$(if $(NVIDIA_DRIVER),$(if $(filter x86_64,$(shell uname -m)),-gpu))

ROOT := $(CURDIR)
VENV := $(ROOT)/.venv
# An environment is of one kind: sourcing a distribution, or no longer, makes it anew, and so does
# another ONNX Runtime.
VENV_READY := $(VENV)/.ready-$(or $(ROS_DISTRO),wheels)-$(ONNXRUNTIME)
GPU_VENV := $(ROOT)/.venv-gpu
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check install --quiet --quiet
ENV := . $(ROOT)/env.sh
# What only the benchmark's charts need is installed when they are drawn.
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
  # What the distribution was built with must stay: its cv_bridge needs its NumPy.
  ROS_REQUIREMENTS := -c $(VENV)/constraints.txt
  RELOCATE := true
  BUILD := colcon
endif

demo: setup
	@$(ENV) && python demo/demo.py $(if $(SOURCE),'$(SOURCE)')

test: setup test-weights lint test-gpu-wheel
	@$(ENV) && pytest

# The real onnxruntime-gpu (260 MB to fetch, without CUDA), in an environment of its own.
test-gpu-wheel: weights
ifeq ($(shell uname -sm),Linux x86_64)
	@$(MAKE) --no-print-directory $(GPU_VENV)/.ready
	@PYTHONPATH=$(ROOT) $(GPU_VENV)/bin/python tools/check_gpu_wheel.py 2> log/gpu_wheel.txt || \
	  { cat log/gpu_wheel.txt >&2; exit 1; }
else
	@echo 'test-gpu-wheel skipped: onnxruntime-gpu has wheels for Linux on x86_64, not for' \
	  '$(shell uname -sm)'
endif

$(GPU_VENV)/.ready: requirements/onnxruntime-gpu.txt
	@echo 'Installing onnxruntime-gpu into .venv-gpu ...'
	@$(PYTHON) -m venv --clear $(GPU_VENV)
	@sed 's/\[cuda,cudnn\]//' $< > $(GPU_VENV)/requirements.txt
	@$(GPU_VENV)/bin/python -m pip --disable-pip-version-check install --quiet --quiet \
	  -r $(GPU_VENV)/requirements.txt numpy 'opencv-python-headless<5'
	@touch $@

lint: setup
	@$(ENV) && ruff check . && ruff format --check . && flake8 && mypy

setup: install/.ready weights

weights: install/.ready
	@$(ENV) && posenet download

# mobilenet_v1_050 has no npm package, so that not every machine can fetch it.
test-weights: weights
	@$(ENV) && posenet download mobilenet_v1_100

# Writes docs/agreement.md.
agreement: setup test-weights
	@$(ENV) && PYTHONPATH=test/support:$$PYTHONPATH python tools/agreement.py

# Writes the table of docs/precision.md. PICTURES: images, folders and videos of people to measure on;
# OPENVINO: a Python with numpy and onnxruntime-openvino, for bfloat16.
precision: setup
	@$(ENV) && posenet quantize && PYTHONPATH=test/support:$$PYTHONPATH python tools/precision.py \
	  $(if $(OPENVINO),--openvino '$(OPENVINO)') $(PICTURES)

# A whole run writes docs/benchmark.md and its charts; others write into build/benchmark.
bench: setup test-weights $(VENV)/.ready-bench
	@$(ENV) && PYTHONPATH=test/support:$$PYTHONPATH python benchmark/run.py $(if $(ONLY),--only $(ONLY)) \
	  $(if $(QUICK),--quick) $(if $(PROVIDER),--provider $(PROVIDER)) \
	  $(if $(IGNORE_LOAD),--ignore-load) $(if $(AGAINST),--against '$(AGAINST)') \
	  $(if $(ROUNDS),--rounds $(ROUNDS))

$(VENV)/.ready-bench: requirements/bench.txt $(VENV_READY)
	@$(PIP) -r requirements/bench.txt
	@touch $@

$(VENV_READY): $(REQUIREMENTS) tools/relocate_wheels.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo 'Python 3.10 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
	  { echo 'Python has no venv: install it, for example: apt install python3-venv' >&2; exit 1; }
	@command -v c++ > /dev/null || \
	  { echo 'a C++ compiler is needed, for example: apt install g++' >&2; exit 1; }
ifneq ($(ROS_DISTRO),)
	@command -v colcon > /dev/null && \
	  $(PYTHON) -c 'import cv_bridge, rclpy, sensor_msgs, visualization_msgs' || \
	  { echo '$(ROS_DISTRO) is sourced, but packages are missing, run: sudo apt install' \
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
