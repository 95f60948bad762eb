"""An autograder that runs student code confined, and decides every verdict outside of it.

The engine knows nothing of the subject it grades: questions, checks and limits come from an
assignment's folder (see `autograder.config`).
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
