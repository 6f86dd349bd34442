"""Reading and writing of bags with the library rosbags, and the types of messages in them."""
