"""What a hidden check is written with: the student's functions, and ways to say what is wrong.

A check is an ordinary pytest function; its fixtures are

- ``student``: a `Student`, whose calls give an `Outcome`;
- ``reference``: the reference module;
- ``provide``: ``provide("factory", seed=3)`` makes a `Provided` object of the given module.

A public test gets the notebook's variables instead, and makes its ``student`` of them with
`local_student`.
"""

from autograder.checking.failure import Failure
from autograder.checking.local import local_student
from autograder.checking.outcome import Outcome
from autograder.checking.provided import Provided
from autograder.checking.student import Student

__all__ = ["Failure", "Outcome", "Provided", "Student", "local_student"]
