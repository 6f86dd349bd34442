"""How far the heads of a network are from those of another, for the same image."""

from gpu_checks.plan import Result
import numpy as np

from posenet_ros.posenet.heads import Heads

# Offsets count where the heatmap of the reference has at least this score.
_MIN_SCORE = 0.5


def differences(reference: Heads, heads: Heads) -> Result:
    """Return the differences of scores, and of offsets in pixels of the network input."""
    likely = reference.heatmap_scores >= _MIN_SCORE
    scores = np.abs(heads.heatmap_scores - reference.heatmap_scores)
    # 17 y, then 17 x
    vertical, horizontal = (heads.offsets - reference.offsets).reshape(2, *likely.shape)
    distances = np.hypot(vertical, horizontal)[likely]
    return {
        'max_score_difference': round(float(scores.max()), 6),
        'median_offset_px': round(float(np.median(distances)), 5) if distances.size else None,
        'max_offset_px': round(float(distances.max()), 5) if distances.size else None,
    }
