"""People as ROS4HRI (REP 155) has them: bodies, each with an id, topics and a frame."""
