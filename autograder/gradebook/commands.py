"""What a person does with grades that are there: publish, export without names, forget a student.

Each returns what to say about it.
"""

import random
from pathlib import Path

from autograder.config import load_assignment
from autograder.errors import UsageError
from autograder.gradebook import overrides
from autograder.gradebook.folder import ClassFolder, open_class
from autograder.outlets.files import result_path, write_whole
from autograder.outlets.grades import csv_text, score_columns, score_values

__all__ = ["export", "forget", "publish"]


def publish(path: Path) -> str:
    """From now on changes are counted from the grades as they are."""
    with open_class(path, load_assignment(), must_exist=True) as folder:
        rows = folder.rows(folder.gradebook.class_list())
        folder.gradebook.publish(rows)
        folder.write_changes([])
    return f"The grades of {len(rows)} submissions are the published ones: changes count from them."


def export(path: Path, file: Path) -> str:
    """Write the scores without anything that names a student, in an order drawn by lot.

    The numbers are drawn anew each time, so that two exports cannot be put side by side.
    """
    with open_class(path, load_assignment(), must_exist=True) as folder:
        assignment = folder.assignment
        results = folder.results(folder.gradebook.class_list())
        rows = [score_values(assignment, result) for result in results]
    random.SystemRandom().shuffle(rows)
    columns = ["number", *score_columns(assignment)]
    write_whole(file, csv_text(columns, [[n, *row] for n, row in enumerate(rows, 1)]))
    return f"{file}: the scores of {len(rows)} submissions, without names or messages."


def forget(path: Path, who: str) -> str:
    """Delete all that is kept of a student, called by the submission, an email or a student id.

    Of a group that handed in together, the others keep the submission.
    """
    with open_class(path, load_assignment(), must_exist=True) as folder:
        listed = folder.gradebook.class_list()
        theirs = [name for name, people in listed.items() if any(_is(who, one) for one in people)]
        kept = []
        for name in theirs:
            listed[name] = [one for one in listed[name] if not _is(who, one)]
            kept += [name] if listed[name] else []
        deleted = [name for name in {who, *theirs} - set(kept) if _delete(folder, name)]
        for name in deleted:
            listed.pop(name, None)
    with open_class(path, load_assignment()) as folder:  # the overrides are fewer now
        folder.finish(listed, written=listed)
        folder.gradebook.compact()
    if not deleted and not theirs:  # said last: an earlier try may have stopped half way
        raise UsageError(f"{path}: nothing is known of {who!r}; give a submission's name.")
    said = [f"Deleted from {path}: {', '.join(sorted(deleted)) or 'nothing'}."]
    if kept:
        said.append(f"{', '.join(sorted(kept))} is kept for the others who handed it in.")
    return " ".join([*said, "What was handed in lies elsewhere, and is graded again if it stays."])


def _is(who: str, person: dict[str, str]) -> bool:
    return who.casefold() in {person.get(key, "").casefold() for key in ("email", "sid")} - {""}


def _delete(folder: ClassFolder, submission: str) -> bool:
    """Whether there was anything."""
    known = folder.gradebook.forget(submission)
    known |= overrides.forget(folder.path, submission)
    results = folder.path / "results"
    file = result_path(results, submission)
    if file.resolve().is_relative_to(results.resolve()) and file.is_file():
        file.unlink()
        known = True
    return known
