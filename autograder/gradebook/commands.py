"""What a person does with grades that are there: publish them, forget a student.

Each returns what to say about it.
"""

from collections import Counter
from contextlib import suppress
from pathlib import Path

from autograder.config import load_assignment
from autograder.errors import UsageError
from autograder.gradebook import overrides
from autograder.gradebook.folder import ClassFolder, open_class
from autograder.outlets.files import result_path
from autograder.outlets.grades import Person
from autograder.results import Status
from autograder.written import sheet
from autograder.written.codes import read_codes, submissions_called

__all__ = ["forget", "publish"]


def publish(path: Path) -> str:
    """From now on changes are counted from the grades as they are."""
    with open_class(path, load_assignment(), must_exist=True) as folder:
        listed = folder.gradebook.class_list()
        folder.finish(listed, publish=True)  # with the overrides as they are now
        counts = Counter(result.status for result in folder.results(listed))
        said = [f"overrides.csv sets a score for {name!r}, which is no submission here."
                for name in folder.strangers(listed)]  # fmt: skip
    kinds = ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])
    said.append(
        f"The grades of {len(listed)} submissions ({kinds}) are the published ones: changes count "
        "from them."
    )
    return "\n".join(said)


def forget(path: Path, who: str) -> str:
    """Delete all that is kept of a student, called by the submission, an email or a student id.

    Of a group that handed in together, the others keep the submission.
    """
    with open_class(path, load_assignment(), must_exist=True) as folder:
        everybody = folder.gradebook.everybody()
        who = submissions_called(everybody, read_codes(path, everybody)).get(who, who)
        left = {name: tuple(one for one in group if not _is(who, one))
                for name, group in everybody.items()
                if name != who and any(_is(who, one) for one in group)}  # fmt: skip
        kept = {name: group for name, group in left.items() if group}
        gone = {who, *left} - kept.keys()
        # The gradebook comes last: as long as it knows the student, the same can be run again.
        deleted = {name for name in gone if _delete_files(folder, name)}
        if deleted or gone & everybody.keys():
            # It has everybody's answers; `autograder answers` makes it anew.
            (path / sheet.PAGE).unlink(missing_ok=True)
        deleted |= folder.gradebook.forget(gone, kept)
    with open_class(path, load_assignment()) as folder:  # the overrides are fewer now
        listed = folder.gradebook.class_list()
        folder.finish(listed, written=listed)
        folder.gradebook.compact()
    if not deleted and not kept:  # said last: an earlier try may have stopped half way
        raise UsageError(f"{path}: nothing is known of {who!r}; give a submission's name.")
    said = [f"Deleted from {path}: {', '.join(sorted(deleted))}."] if deleted else []
    if kept:
        said.append(f"{', '.join(sorted(kept))} is kept for the others who handed it in.")
    said.append(
        "What was handed in lies elsewhere, with the submission_metadata.yml of an export: what "
        "stays there, the next run has again."
    )
    return " ".join(said)


def _is(who: str, person: Person) -> bool:
    return who.casefold() in {person.email.casefold(), person.sid.casefold()} - {""}


def _delete_files(folder: ClassFolder, submission: str) -> bool:
    """Take a submission out of all files beside the gradebook; whether it was in any."""
    known = overrides.forget(folder.path, submission)
    known |= sheet.forget(folder.path, submission)
    results = folder.path / "results"
    file = result_path(results, submission)
    if file.resolve().is_relative_to(results.resolve()) and file.is_file():
        file.unlink()
        known = True
        for parent in file.relative_to(results).parents:
            with suppress(OSError):  # others' results are in it
                (results / parent).rmdir()
    return known
