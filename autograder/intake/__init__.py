"""Intake: from whatever was handed in to the one source that is graded, or a sentence on why not.

A submission is hostile until shown otherwise. Intake reads bytes and nothing else: it never runs,
imports, unpickles or unpacks them, never follows a link of theirs, and reads and parses within
fixed bounds. `read_submission` gives a `Source` or raises

- `RejectedError`: nothing gradable; the sentence tells the student what to hand in;
- `UsageError`: the path itself is wrong, which is the caller's doing;
- `InternalError`: a file of a folder could not be read here, which must not cost a student points.

Modules, each importing only from those above it::

    _words        file names and lists as they stand in a sentence
    _bytes        reads one file, decodes one text
    _notebook     the code cells of notebook JSON
    _content      bytes of one file -> Source: what they are decides, not what they are called
    _cells        all cells of a notebook, with the images in them: for people to read
    _candidates   which of many files is the submission
    _archive      the files of a zip
    _folder       the files of a folder
    _submission   the way from a path to a Source, or to all cells
"""

from autograder.intake._cells import Cell, Handed
from autograder.intake._content import Source
from autograder.intake._submission import read_cells, read_submission

__all__ = ["Cell", "Handed", "Source", "read_cells", "read_submission"]
