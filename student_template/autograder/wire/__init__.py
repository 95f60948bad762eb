"""The wire between the grader and a worker: frames of one JSON header and raw array bytes.

Pure functions and nothing else, so that both sides can use the same files. The decoder is strict,
because on the grader's side its input comes from a hostile process; there is no pickle in either
direction.
"""
