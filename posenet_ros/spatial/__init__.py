"""Where people are, in metres, without ROS."""
