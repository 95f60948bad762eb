"""Runs the hidden checks on one submission, with pytest and hypothesis, in a process of its own.

Student code is never in this process: the checks reach it through the `student` fixture only.
"""
