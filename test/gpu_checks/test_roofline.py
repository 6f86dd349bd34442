"""The bounds by arithmetic and by memory, against a case computed by hand."""

from gpu_checks.parts.roofline import bounds_ms, Peaks
from gpu_checks.speed.costs import Cost
from gpu_checks.speed.onnx_graphs import FLOAT16, FLOAT32
import pytest

# 1 TFLOP/s in float32 means 5e11 multiply-adds a second. 100 GB/s. 2 microseconds a node.
PEAKS = Peaks({'float32': 5e11, 'tf32': 4e12, 'float16': 8e12}, 1e11, 0.002)
COSTS = [
    Cost('Cast', FLOAT32, 0, weights=0, read=1_000_000, written=4_000_000),
    # Limited by memory, 0.05 ms; its arithmetic takes 0.02 ms.
    Cost('Conv', FLOAT32, 10_000_000, weights=0, read=4_000_000, written=4_000_000),
    Cost('Clip', FLOAT32, 0, weights=0, read=4_000_000, written=4_000_000),
    # Limited by arithmetic in float32, 0.5 ms; its memory traffic takes 0.04 ms.
    Cost('Conv', FLOAT32, 250_000_000, weights=1_000_000, read=2_000_000, written=1_000_000),
]


def test_each_bound_is_what_was_computed_by_hand() -> None:
    assert bounds_ms(COSTS, 1_000_000, 'float32', PEAKS) == {
        'nodes': 4,
        'gmacs': 0.26,
        'fused_mb': 9,  # the first convolution reads 1 MB of inputs instead of 4 MB
        'unfused_mb': 25,
        'arithmetic_ms': 0.52,
        'memory_ms': 0.09,
        'bound_ms': 0.55,  # 0.05 + 0.5
        'unfused_ms': 0.25,
        'nodes_ms': 0.008,
    }


def test_tensorfloat_32_has_the_arithmetic_of_its_own_peak() -> None:
    bounds = bounds_ms(COSTS, 1_000_000, 'tf32', PEAKS)
    assert bounds['arithmetic_ms'] == pytest.approx(0.065)
    assert bounds['bound_ms'] == pytest.approx(0.05 + 0.0625)


def test_layers_in_float16_have_its_peak_and_the_others_that_of_float32() -> None:
    halves = Cost('Conv', FLOAT16, 8_000_000_000, weights=0, read=0, written=0)
    bounds = bounds_ms([*COSTS, halves], 1_000_000, 'float16', PEAKS)
    assert bounds['arithmetic_ms'] == pytest.approx(0.52 + 1)
