"""Small graphs that measure a device, run on the CPU."""

from gpu_checks.gpu.host_stream import HostStream
from gpu_checks.plan import Plan
from gpu_checks.speed.probes import chain, matrix_product, sampling
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.framing.sampling import sample_images
from posenet_ros.framing.whole_image import stretched
from posenet_ros.posenet.graph_feed import NEIGHBOURS

PLAN = Plan('cpu', 0, True)


@pytest.mark.parametrize('precision', ['float32', 'tf32', 'float16'])
def test_two_matrices_are_multiplied(precision: str) -> None:
    probe = matrix_product(PLAN, HostStream(), 8, precision=precision)
    probe.run()
    a, b = (probe.inputs[name].numpy().astype(np.float64) for name in ('a', 'b'))
    tolerance = 0.02 if precision == 'float16' else 1e-5
    np.testing.assert_allclose(probe.outputs['product'].numpy(), a @ b, atol=tolerance)


def test_a_chain_has_as_many_nodes_as_requested() -> None:
    probe = chain(PLAN, HostStream(), 5)
    probe.run(wait=False)
    expected = 1.0
    for _ in range(5):
        expected = np.sin(expected)
    (value,) = probe.outputs.values()
    np.testing.assert_allclose(value.numpy(), [expected], rtol=1e-5)


def test_sampling_on_the_device_picks_the_neighbours_that_the_package_picks(
    astronaut: NDArray[np.uint8],
) -> None:
    image = np.ascontiguousarray(astronaut[:300, :400])
    probe = sampling(PLAN, HostStream(), (300, 400), (65, 97))
    probe.upload({'image': image})
    assert probe.time() > 0
    samples = sample_images([image], [stretched((300, 400), (65, 97))])
    for name, expected in zip(NEIGHBOURS, samples.neighbours, strict=True):
        np.testing.assert_array_equal(probe.outputs[name].numpy(), expected[0])
