"""The untrusted side: the zygote, and what runs in the processes it forks.

Student code runs in the same process as `serve`, `cells` and `stand_ins`, and can change any of it
for itself. So nothing here decides anything, nothing here knows a check, and the grader believes
nothing but returned data. The protocol is the docstring of `autograder.worker.serve`.
"""
