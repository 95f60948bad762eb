"""How a run grades, in one place: what the command line says of it."""

from dataclasses import dataclass

from autograder.config import DEADLINE_S

__all__ = ["RunOptions"]


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """None of these changes the score of a submission, but ``keyword``, which grades a part."""

    jobs: int
    """How many at once, on this machine."""
    scheduler: str = ""
    """Address of a Dask scheduler, whose workers grade in place of this machine."""
    keyword: str = ""
    """An expression as pytest's ``-k`` takes it: only the checks that match."""
    deadline_s: float = DEADLINE_S
    """Wall time for one submission; past it there is no score."""
    unsafe: bool = False
    """Whether to grade where submissions cannot be confined."""
