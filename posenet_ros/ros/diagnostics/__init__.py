"""
What operators see on /diagnostics: one status for the node and one for each camera.

`Monitor` publishes a report once a second. A `CameraReport` contains what is known about a camera
at that moment. `camera_status` and `node_status` build the messages.
"""
