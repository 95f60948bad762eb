"""Right programs that look nothing like the reference: what the contract allows must pass."""

from programs.correct_q1ab import CORRECT_Q1AB
from programs.correct_q1cde import CORRECT_Q1CDE
from programs.correct_q2b import CORRECT_Q2B
from support.local import FUNCTIONS

__all__ = ["CORRECT"]

_ALL = (*CORRECT_Q1AB, *CORRECT_Q1CDE, *CORRECT_Q2B)
CORRECT = tuple(program for program in _ALL if program.question in FUNCTIONS)
