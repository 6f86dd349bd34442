"""Distances between keypoints of the device and of the CPU as figures, and their targets."""

from collections.abc import Sequence

from gpu_checks.plan import Result
from gpu_checks.targets import at_least
import numpy as np

from posenet_ros.estimation.agreement import Agreement

#: For each precision: a distance in pixels of the network input, and the minimum share of
#: keypoints within it.
REQUIRED = {'float32': (0.1, 0.995), 'float16': (1.0, 0.99)}

#: The minimum share where few pictures run many times. A keypoint with two cells of nearly equal
#: scores can move far because of a difference in the last digits, and then does so in every run.
MIN_REPEATED_SHARE = 0.95

_SHARES_WITHIN = (0.1, 0.5, 1.0)


def join(agreements: Sequence[Agreement]) -> Agreement:
    """Return the agreement over all keypoints of several."""
    return Agreement(np.concatenate([np.empty(0), *(one.distances for one in agreements)]))


def summarise(agreement: Agreement) -> Result:
    """Return the figures of an agreement; all None but the counts if there are no keypoints."""
    distances = agreement.distances
    found = distances[np.isfinite(distances)]
    return {
        'keypoints': len(distances),
        'nobody_found': len(distances) - len(found),
        **{f'within_{pixels:g}_px': _share(agreement, pixels) for pixels in _SHARES_WITHIN},
        'median_px': round(float(np.median(found)), 5) if found.size else None,
        'largest_px': round(float(found.max()), 5) if found.size else None,
    }


def agreement_target(what: str, agreement: Agreement, precision: str) -> Result:
    """Return the target that enough keypoints are close enough for a precision."""
    return _target(what, agreement, *REQUIRED[precision])


def repeated_target(what: str, agreement: Agreement) -> Result:
    """Return the target for many runs of few pictures in float32: most keypoints are close."""
    pixels, _ = REQUIRED['float32']
    return _target(what, agreement, pixels, MIN_REPEATED_SHARE)


def _target(what: str, agreement: Agreement, pixels: float, share: float) -> Result:
    name = f'{what}: share of keypoints within {pixels:g} px'
    return at_least(name, _share(agreement, pixels), share)


def _share(agreement: Agreement, pixels: float) -> float | None:
    return round(agreement.share_within(pixels), 5) if agreement.distances.size else None
