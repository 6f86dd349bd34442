"""
The callbacks of a node: an exception in one of them ends neither the node nor its process.

rclpy raises such an exception out of `spin`. `guarded_node` catches it in the node, whatever
executor spins it. `tolerant_executor` catches what is raised outside of callbacks, for example
while rclpy converts a message.
"""
