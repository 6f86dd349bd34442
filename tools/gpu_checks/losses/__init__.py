"""Failures of a GPU that a process can provoke; each check runs in a process of its own."""
