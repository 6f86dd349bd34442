"""The statistics of one camera at one moment."""

from dataclasses import dataclass

from posenet_ros.framing.framing import Size
from posenet_ros.ros.pipeline.spatial.depth_statistics import DepthCounts


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Counts, rates and latencies of a camera; counts are totals since the node was configured."""

    #: Images that arrived.
    received: int
    #: Images whose poses were published.
    processed: int
    #: Images that a newer one replaced while they waited, as far as the middleware reports it;
    #: None if that is not known, because messages have no sequence numbers.
    replaced: int | None
    #: Images that could not be processed.
    refused: int
    #: Images that the middleware lost.
    lost: int
    #: Why the last refused image was refused; None if no image was refused.
    last_refusal: str | None
    #: Images that were not processed because nobody subscribed to any output.
    skipped: int
    #: Images received per second, over the window; 0 with fewer than two images in it.
    rate_in: float
    #: Images processed per second, over the window; 0 with fewer than two images in it.
    rate_out: float
    #: Median of the seconds from stamp to publishing, over the window; None if not known.
    latency_median: float | None
    #: 95th percentile of the same.
    latency_p95: float | None
    #: Number of people in the last processed image; None if no image was processed.
    people: int | None
    #: Share of the images that the network searched as a whole, over the window; None without a
    #: closer look.
    searches: float | None
    #: Mean number of regions that the network processed in an image; the same.
    regions: float | None
    #: Mean number of people in an image who got no region because of `max_regions`; the same.
    left_out: float | None
    #: (height, width) of the network input for the last processed image; None if there was none.
    input_size: Size | None
    #: Seconds since the last image arrived; None if none has arrived since the last start.
    since_last_image: float | None
    #: Seconds since the last start, when the node was activated.
    since_start: float
    #: Seconds since the oldest image that is still being processed, or the image that it replaced,
    #: arrived; 0 if no image is being processed.
    waiting: float
    #: Images with and without depth; None if the camera has no depth.
    depth: DepthCounts | None = None
    #: Why somebody in the last image was not located on the ground; empty if there is no reason.
    ground_fault: str = ''

    @property
    def silence(self) -> float:
        """Return the seconds without an image: since the last one, or else since the start."""
        return self.since_start if self.since_last_image is None else self.since_last_image
