"""
The One-Euro filter, for the keypoints of several people at once, in pixels or in metres.

It is a low-pass filter whose cutoff frequency rises with speed: slow keypoints are smoothed much,
where jitter is what one sees, and fast ones little, where lag is. With the time dt since the
keypoint was last seen:

    velocity += a(derivative cutoff) * ((position - filtered) / dt / size - velocity)
    filtered += a(score * (min_cutoff + beta * max(|velocity| - rest, 0))) * (position - filtered)
    a(f) = 1 / (1 + 1 / (2 pi f dt))

The velocity is relative to the person's size, so that people near the camera are smoothed like
those far away, as in BlazePose. Its length counts, not its coordinates apart, so that a diagonal
movement has no corners. A speed below `rest` is that of jitter. The score scales the cutoff, so
that a doubtful position pulls less.

Source: Casiez et al., "1 euro filter", 2012; the scaling with the size is that of MediaPipe.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import NUM_PARTS

Array = NDArray[np.float64]

# In Hz: chosen on video (docs/tracking.md).
_DERIVATIVE_CUTOFF = 0.3
_CIRCLE = 2 * math.pi
# Slower speeds, in sizes per second, are taken for jitter.
_REST = 0.3


# The stamp of a keypoint that was never seen; finite, so that 0 times its age is 0.
_NEVER = -1e30


@dataclass(eq=False)
class Filtered:
    """The state of the filters of n people."""

    #: float64 [2 * axes + 3, n, points]: everything in one array, so that one call selects people.
    state: Array

    @property
    def axes(self) -> int:
        """Number of coordinates of a position: 2 or 3."""
        return (len(self.state) - 3) // 2

    @property
    def positions(self) -> Array:
        """Filtered positions, float64 [axes, n, points]: all x, then all y, and so on."""
        return self.state[: self.axes]

    @property
    def velocities(self) -> Array:
        """Velocities in sizes per second, float64 [axes, n, points]."""
        axes = self.axes
        return self.state[axes:-3]

    @property
    def stamps(self) -> Array:
        """Stamp of the newest position in seconds, float64 [n, points]; -1e30 if there is none."""
        stamps: Array = self.state[-3]
        return stamps

    @property
    def scores(self) -> Array:
        """Score of the newest position, float64 [n, points]."""
        scores: Array = self.state[-2]
        return scores

    @property
    def seen(self) -> Array:
        """1 if the point was seen when its person was last found, else 0; float64 [n, points]."""
        seen: Array = self.state[-1]
        return seen

    def first(self, count: int) -> 'Filtered':
        """Return the filters of the first people; these and those share their state."""
        return Filtered(self.state[:, :count])

    def only(self, which: Sequence[int]) -> 'Filtered':
        """Return the filters of some people, by their indices."""
        return Filtered(self.state.take(which, axis=1))

    def with_more(self, count: int) -> 'Filtered':
        """Return these filters, and then those of `count` people who were not seen yet."""
        more = no_filters(count, axes=self.axes, points=self.state.shape[2])
        return Filtered(np.concatenate([self.state, more.state], axis=1))

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
        Filter the positions, float64 [axes, n, points], that are `seen`, bool [n, points].

        The state changes in place. A filter starts anew if it got nothing for `max_age` seconds.
        `sizes` are those of the people, in the unit of the positions.
        """
        filtered, velocities, stamps = self.positions, self.velocities, self.stamps
        gaps = np.maximum(stamp - stamps, 0.0)
        if np.maximum.reduce(gaps, axis=None) > max_age:
            new = seen & (gaps > max_age)
            np.copyto(filtered, positions, where=new)
            np.copyto(velocities, 0.0, where=new)
            gaps[new] = 0.0
        offsets = positions - filtered
        spans = np.maximum(gaps, 1e-3)
        spans *= np.array(sizes)[:, np.newaxis]
        changes = offsets / spans
        changes -= velocities
        # At the same time again, gains are 0.
        changes *= _gains(gaps * (_CIRCLE * _DERIVATIVE_CUTOFF))
        np.add(velocities, changes, out=velocities, where=seen)
        speeds = np.sqrt(np.add.reduce(velocities * velocities))
        # 2 pi f
        rates = speeds * (_CIRCLE * beta)
        rates += _CIRCLE * (min_cutoff - beta * _REST)
        np.maximum(rates, _CIRCLE * min_cutoff, out=rates)
        rates *= scores
        rates *= gaps
        offsets *= _gains(rates)
        np.add(filtered, offsets, out=filtered, where=seen)
        np.copyto(self.scores, scores, where=seen)
        np.copyto(self.seen, seen)
        np.maximum(stamps, stamp, out=stamps, where=seen)


def _gains(products: Array) -> Array:
    """Return the gains of low-pass filters from 2 pi f dt."""
    return products / (1 + products)


def no_filters(count: int, *, axes: int = 2, points: int = NUM_PARTS) -> Filtered:
    """Return the filters of people who were not seen yet."""
    state = np.zeros((2 * axes + 3, count, points))
    state[-3] = _NEVER
    return Filtered(state)
