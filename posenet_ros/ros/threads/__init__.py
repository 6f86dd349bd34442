"""
Threads that receive and process messages, each started and stopped by one owner.

`SupervisedThread` runs a loop and remembers why it died. A `Receiver` receives and processes
messages from the middleware in such a thread. A `Worker` processes values that other threads
submit.
"""
