"""Every error the engine raises on purpose, in one tree.

::

    AutograderError
    ├── UsageError            the command line or a file named on it is wrong      -> exit code 2
    │   └── ConfigError       assignment.toml is wrong: names the file and the key -> exit code 2
    ├── IsolationError        student code could not be confined here              -> exit code 2
    ├── RejectedError         a submission that cannot be graded: the student's sentence, score 0
    └── InternalError         our own fault: never a student's zero            -> exit code 3

    BaseException
    └── WorkerStopped         the student's process is gone; defined in `autograder.checking.reply`,
                              outside ``Exception`` so that hypothesis stops instead of shrinking

Each message is one sentence or two: what was wrong, and what to do about it.
"""


class AutograderError(Exception):
    """The root of the tree; its message is meant for the person at the terminal."""


class UsageError(AutograderError):
    """The command cannot do what it was asked to do."""


class ConfigError(UsageError):
    """A configuration file holds something that cannot be right."""


class IsolationError(AutograderError):
    """The operating system does not offer what it takes to confine student code."""


class RejectedError(AutograderError):
    """A submission that holds nothing gradable; the message tells the student what to hand in."""


class InternalError(AutograderError):
    """The autograder itself failed; the submission has to be graded again."""
