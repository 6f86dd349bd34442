"""
The path of an image: receive, convert, frame, infer, decode, track, publish, view.

`camera_intake` receives. Then there are three stages: `inference_stage` (convert, frame, infer),
`publishing_stage` (decode, track, publish) and `view_stage` (view). Each runs in its own thread,
so that the network never waits for the later steps. `pipeline.Pipeline` starts and stops the
threads.
"""
