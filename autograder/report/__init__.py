"""report.html: a class at a glance, for the staff; one page that needs nothing else.

Modules, each importing only from those above it::

    statistics   counts, pass rates, discrimination: what results say about the checks
    students     one student's row and feedback
    page         all of it as HTML, with the files in `files/`
"""

from autograder.report.page import ClassReport

__all__ = ["ClassReport"]
