"""The trusted side of the sandbox: starts the zygote, talks to workers, watches, kills.

Nothing that a worker sends is believed: answers are decoded strictly, and times, memory and
processes are read from the kernel.
"""
