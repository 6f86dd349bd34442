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

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import NUM_PARTS

Array = NDArray[np.float64]

# In Hz: chosen on video (docs/tracking.md).
_DERIVATIVE_CUTOFF = 0.3
# Slower speeds, in sizes per second, are taken for jitter.
_REST = 0.3


@dataclass(eq=False)
class Filtered:
    """The state of the filters of n people."""

    #: Filtered positions in pixels, float64 [n, 17, 2].
    positions: Array
    #: Velocities in sizes per second, float64 [n, 17, 2].
    velocities: Array
    #: Stamp of the newest position in seconds, float64 [n, 17]; -infinity if there is none.
    stamps: Array
    #: Score of the newest position, float32 [n, 17].
    scores: NDArray[np.float32]

    def only(self, which: NDArray[np.bool_]) -> 'Filtered':
        """Return the filters of some people, bool [n]."""
        return Filtered(*(getattr(self, one.name)[which] for one in fields(self)))

    def with_more(self, count: int) -> 'Filtered':
        """Return these filters, and then those of `count` people who were not seen yet."""
        more = no_filters(count)
        return Filtered(
            *(np.concatenate([getattr(one, f.name) for one in (self, more)]) for f in fields(self))
        )

    def step(
        self,
        positions: Array,
        scores: NDArray[np.float32],
        *,
        seen: NDArray[np.bool_],
        stamp: float,
        sizes: Array,
        max_age: float,
        min_cutoff: float,
        beta: float,
    ) -> None:
        """
        Filter the positions, float64 [n, 17, 2], that are `seen`, bool [n, 17], in place.

        A filter starts anew if it got nothing for `max_age` seconds. `sizes` are those of the
        people in pixels, float64 [n].
        """
        gaps = stamp - self.stamps
        new = seen & (gaps > max_age)
        old = seen ^ new
        # Where nothing was seen, or at the same time again, gains are 0.
        times = np.where(old, np.maximum(gaps, 0.0), 0.0)
        times *= 2 * np.pi
        offsets = np.where(old[:, :, np.newaxis], positions - self.positions, 0.0)
        spans = np.maximum(gaps, 1e-3)
        spans *= sizes[:, np.newaxis]
        changes = offsets / spans[:, :, np.newaxis]
        changes -= self.velocities
        changes *= _gains(_DERIVATIVE_CUTOFF * times)
        self.velocities += changes
        speeds = np.sqrt(np.einsum('nkc,nkc->nk', self.velocities, self.velocities))
        cutoffs = beta * np.maximum(speeds - _REST, 0.0)
        cutoffs += min_cutoff
        cutoffs *= scores
        cutoffs *= times
        offsets *= _gains(cutoffs)
        self.positions += offsets
        if new.any():
            self.positions[new], self.velocities[new] = positions[new], 0.0
        np.copyto(self.scores, scores, where=seen)
        np.maximum(self.stamps, stamp, out=self.stamps, where=seen)


def _gains(products: Array) -> Array:
    """Return the gains of low-pass filters, [n, 17, 1], from 2 pi f dt, [n, 17]."""
    return (products / (1 + products))[:, :, np.newaxis]


def no_filters(count: int) -> Filtered:
    """Return the filters of people who were not seen yet."""
    return Filtered(
        positions=np.zeros((count, NUM_PARTS, 2)),
        velocities=np.zeros((count, NUM_PARTS, 2)),
        stamps=np.full((count, NUM_PARTS), -np.inf),
        scores=np.zeros((count, NUM_PARTS), np.float32),
    )
