"""
Threads that receive and process messages, each started and stopped by one owner.

`SupervisedThread` runs a loop and remembers why it died. A `Receiver` receives messages from the
middleware in such a thread and processes them there; a `Worker` processes what other threads
submit.
"""
