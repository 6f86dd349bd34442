"""
What operators see on /diagnostics: one status for the node and one for each camera.

`Monitor` reports once a second. An `Observation` of a camera is what is known about it at that
moment; `camera_status` and `node_status` turn what is known into messages.
"""
