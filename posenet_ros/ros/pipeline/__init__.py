"""
The way of an image: receive, convert, frame, infer, decode, publish, view.

Three stages do this, each in a thread of its own, so that the network never waits for what
follows it: `inference_stage` (receive, convert, frame, infer), `publishing_stage` (decode,
publish) and `view_stage` (view). `pipeline.Pipeline` starts and stops them.
"""
