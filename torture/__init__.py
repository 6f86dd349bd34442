"""The reliability campaign: hostile input and conditions for the real nodes and commands."""
