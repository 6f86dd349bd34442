"""
The One-Euro filter, for the keypoints of several people at once.

It is a low-pass filter whose cutoff frequency rises with speed: slow keypoints are smoothed much,
where jitter is what one sees, and fast ones little, where lag is. With the time dt since the
keypoint was last seen:

    velocity += a(derivative cutoff) * ((position - filtered) / dt / size - velocity)
    filtered += a(score * (min_cutoff + beta * max(|velocity| - rest, 0))) * (position - filtered)
    a(f) = 1 / (1 + 1 / (2 pi f dt))

The velocity is relative to the person's size, so that people near the camera are smoothed like
those far away, as in BlazePose. Its length counts, not its x and y apart, so that a diagonal
movement has no corners. A speed below `rest` is that of jitter. The score scales the cutoff, so
that a doubtful position pulls less.

Source: Casiez et al., "1 euro filter", 2012; the scaling with the size is that of MediaPipe.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import NUM_PARTS

Array = NDArray[np.float64]

# In Hz: chosen on video (docs/tracking.md).
_DERIVATIVE_CUTOFF = 0.3
# Slower speeds, in sizes per second, are taken for jitter.
_REST = 0.3


# The stamp of a keypoint that was never seen; finite, so that 0 times its age is 0.
_NEVER = -1e30


@dataclass(eq=False)
class Filtered:
    """The state of the filters of n people."""

    #: float64 [7, n, 17]: everything in one array, so that one call selects people.
    state: Array

    @property
    def positions(self) -> Array:
        """Filtered positions in pixels, float64 [2, n, 17]: x, then y."""
        return self.state[:2]

    @property
    def velocities(self) -> Array:
        """Velocities in sizes per second, float64 [2, n, 17]."""
        return self.state[2:4]

    @property
    def stamps(self) -> Array:
        """Stamp of the newest position in seconds, float64 [n, 17]; -1e30 if there is none."""
        stamps: Array = self.state[4]
        return stamps

    @property
    def scores(self) -> Array:
        """Score of the newest position, float64 [n, 17]."""
        scores: Array = self.state[5]
        return scores

    @property
    def seen(self) -> Array:
        """1 if the keypoint was seen when its person was last found, 0 if not, float64 [n, 17]."""
        seen: Array = self.state[6]
        return seen

    def first(self, count: int) -> 'Filtered':
        """Return the filters of the first people; these and those share their state."""
        return Filtered(self.state[:, :count])

    def only(self, which: Sequence[int]) -> 'Filtered':
        """Return the filters of some people, by their indices."""
        return Filtered(self.state.take(which, axis=1))

    def with_more(self, count: int) -> 'Filtered':
        """Return these filters, and then those of `count` people who were not seen yet."""
        return Filtered(np.concatenate([self.state, no_filters(count).state], axis=1))

    def step(
        self,
        positions: Array,
        scores: NDArray[np.float32],
        *,
        seen: NDArray[np.bool_],
        stamp: float,
        sizes: Sequence[float],
        max_age: float,
        min_cutoff: float,
        beta: float,
    ) -> None:
        """
        Filter the positions, float64 [2, n, 17], that are `seen`, bool [n, 17], in place.

        A filter starts anew if it got nothing for `max_age` seconds. `sizes` are those of the
        people in pixels.
        """
        filtered, velocities, stamps = self.positions, self.velocities, self.stamps
        gaps = np.maximum(stamp - stamps, 0.0)
        if np.maximum.reduce(gaps, axis=None) > max_age:
            new = seen & (gaps > max_age)
            np.copyto(filtered, positions, where=new)
            np.copyto(velocities, 0.0, where=new)
            gaps[new] = 0.0
        # At the same time again, gains are 0.
        times = gaps * (2 * np.pi)
        offsets = positions - filtered
        spans = np.maximum(gaps, 1e-3)
        spans *= np.array(sizes)[:, np.newaxis]
        changes = offsets / spans
        changes -= velocities
        changes *= _gains(_DERIVATIVE_CUTOFF * times)
        np.add(velocities, changes, out=velocities, where=seen)
        squares = velocities * velocities
        speeds = np.sqrt(squares[0] + squares[1])
        cutoffs = beta * speeds
        cutoffs += min_cutoff - beta * _REST
        cutoffs = np.maximum(cutoffs, min_cutoff) * scores
        cutoffs *= times
        offsets *= _gains(cutoffs)
        np.add(filtered, offsets, out=filtered, where=seen)
        np.copyto(self.scores, scores, where=seen)
        np.copyto(self.seen, seen)
        np.maximum(stamps, stamp, out=stamps, where=seen)


def _gains(products: Array) -> Array:
    """Return the gains of low-pass filters from 2 pi f dt."""
    return products / (1 + products)


def no_filters(count: int) -> Filtered:
    """Return the filters of people who were not seen yet."""
    state = np.zeros((7, count, NUM_PARTS))
    state[4] = _NEVER
    return Filtered(state)
