"""The ROS 2 nodes: the only part of the package that uses rclpy, messages and cv_bridge."""
