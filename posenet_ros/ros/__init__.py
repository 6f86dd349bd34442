"""The ROS 2 nodes. Only here: rclpy, messages and cv_bridge."""
