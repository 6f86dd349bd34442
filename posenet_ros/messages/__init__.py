"""What is in messages and on which topics, whatever library made their types; without ROS."""
