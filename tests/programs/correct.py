"""Right programs that look nothing like the reference: what the contract allows must pass."""

from programs.correct_q1ab import CORRECT_Q1AB
from programs.correct_q1cde import CORRECT_Q1CDE
from programs.correct_q2b import CORRECT_Q2B

__all__ = ["CORRECT"]

CORRECT = (*CORRECT_Q1AB, *CORRECT_Q1CDE, *CORRECT_Q2B)
