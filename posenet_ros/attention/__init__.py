"""Where to look in the images of a camera, given the people in the images before, without ROS."""
