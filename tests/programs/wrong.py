"""Every wrong program, each with one realistic mistake and the checks that it must fail."""

from programs.wrong_q1a import WRONG_Q1A
from programs.wrong_q1b import WRONG_Q1B
from programs.wrong_q1c import WRONG_Q1C
from programs.wrong_q1de import WRONG_Q1D, WRONG_Q1E
from programs.wrong_q2b_maps import WRONG_Q2B_MAPS
from programs.wrong_q2b_norms import WRONG_Q2B_NORMS
from support.local import FUNCTIONS

__all__ = ["WRONG"]

_ALL = (
    *WRONG_Q1A,
    *WRONG_Q1B,
    *WRONG_Q1C,
    *WRONG_Q1D,
    *WRONG_Q1E,
    *WRONG_Q2B_MAPS,
    *WRONG_Q2B_NORMS,
)
WRONG = tuple(program for program in _ALL if program.question in FUNCTIONS)
