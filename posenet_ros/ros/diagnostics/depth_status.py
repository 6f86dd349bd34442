"""What the status of a camera says about its depth images."""

from posenet_ros.ros.pipeline.spatial.depth_statistics import DepthCounts

# The share of images without depth above which it is a problem.
_MAX_MISSED = 0.1


def describe_missing_depth(before: DepthCounts | None, after: DepthCounts | None) -> str | None:
    """
    Return a message if more than a tenth of the images between two reports had no depth.

    `before` and `after` are the totals at these reports, or None for a camera without depth.
    """
    if after is None:
        return None
    before = before or DepthCounts()
    missed = after.all_missed - before.all_missed
    located = after.paired - before.paired
    if missed <= _MAX_MISSED * (missed + located):
        return None
    share = f'{missed} of {missed + located} images' if located else 'any image'
    return f'no positions in metres for {share}: {after.last_miss}'


def depth_values(depth: DepthCounts | None) -> dict[str, str]:
    """Return the values about depth; there are none for a camera without depth."""
    if depth is None:
        return {}
    reasons = ', '.join(f'{count} {reason}' for reason, count in depth.missed.items())
    return {
        'images with depth': str(depth.paired),
        'images without depth': f'{depth.all_missed} ({reasons})' if reasons else '0',
        'last reason without depth': depth.last_miss or '-',
    }
