"""What runs in Gradescope's container, ``python -m autograder.gradescope``, once a submission.

`autograder.gradescope.run` has the submission graded, then runs Otter on a clean notebook, and
leaves a results.json whatever happens. It loads neither torch nor pytest nor Otter itself: these
live and end in processes of their own, in the smallest container, of 768 MB, one after the other.
"""
