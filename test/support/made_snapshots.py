"""Statistics of a camera, made for tests."""

from posenet_ros.ros.pipeline.snapshot import Snapshot

#: A node that was just activated.
FRESH = Snapshot(
    received=0,
    processed=0,
    replaced=0,
    refused=0,
    lost=0,
    last_refusal=None,
    skipped=0,
    rate_in=0.0,
    rate_out=0.0,
    latency_median=None,
    latency_p95=None,
    people=None,
    searches=None,
    regions=None,
    left_out=None,
    input_size=None,
    since_last_image=None,
    since_start=0.1,
    waiting=0.0,
)
