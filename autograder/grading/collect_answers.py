"""`autograder answers`: what was answered in words, for people to read and to give points."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.config import load_assignment
from autograder.errors import RejectedError, UsageError
from autograder.gradebook.database import locked
from autograder.gradebook.digests import digest_of
from autograder.grading.inputs import Submission, find_submissions
from autograder.grading.progress import say, say_passed_over
from autograder.intake import read_cells
from autograder.outlets.files import writable_folder, write_whole
from autograder.written.answers import Answer, Found, State, find_answers
from autograder.written.codes import draw_codes, read_codes
from autograder.written.page import answers_html
from autograder.written.prompts import HandedOut, read_prompts
from autograder.written.sheet import NAME, PAGE, fill_in, listed, version

__all__ = ["collect_answers"]


def collect_answers(paths: Sequence[Path], *, output: Path, single: bool, anonymous: bool) -> str:
    """Write answers.html and answers.csv to ``output``; what to say of it."""
    assignment = load_assignment()
    if not assignment.written:
        raise UsageError("This assignment has no written questions: see [[written]] in its toml.")
    handed_out = read_prompts(assignment)
    submissions, passed_over = find_submissions(
        paths, assignment.module, single=single, results=output
    )
    say_passed_over(passed_over)
    found = {s.name: _find(s, assignment.module, handed_out) for s in submissions}
    answers = {name: one.answers for name, one in found.items()}
    versions = {s.name: version(digest_of(s.path)) for s in submissions}
    with locked(writable_folder(output)):
        if anonymous:  # also who handed in before, and is not here now
            codes = draw_codes(output, {*answers, *listed(output / NAME)})
        else:
            codes = read_codes(output, answers)
        changed = fill_in(output / NAME, assignment, answers, codes, versions, anonymous=anonymous)
        shown = {codes[name] if anonymous else name: one for name, one in found.items()}
        write_whole(output / PAGE, answers_html(assignment, handed_out, shown))
    for name in changed:
        label = codes.get(name, name) if anonymous else name
        say(
            f"{label} has handed in something else since its answers were given points: read "
            "them again, then empty its cell under 'seen'."
        )
    return _summary(answers, output, paths)


def _find(submission: Submission, module: str, handed_out: HandedOut) -> Found:
    """The answers; where nothing can be read, that is said of each, without a name."""
    found = find_answers((), handed_out)
    try:
        handed = read_cells(submission.path, module=module)
        found = find_answers(handed.cells, handed_out)
        if not handed.beside:
            return found
        note = f"{handed.beside} other files were handed in: look there"
    except RejectedError:
        note = "no notebook that can be read: look at what was handed in"
    except Exception:  # whatever is wrong with one must not keep people from all others
        note = "a file cannot be read on this machine"
    answers = {
        question: answer
        if answer.state is State.ANSWERED
        else replace(answer, state=State.NOT_FOUND, note=note)
        for question, answer in found.answers.items()
    }
    return replace(found, answers=answers)


def _summary(
    answers: Mapping[str, Mapping[str, Answer]], output: Path, paths: Sequence[Path]
) -> str:
    states = [answer.state for some in answers.values() for answer in some.values()]
    given = shlex.join(map(str, paths))
    return (
        f"{len(answers)} submissions: {states.count(State.ANSWERED)} answers, "
        f"{states.count(State.EMPTY)} empty, {states.count(State.NOT_FOUND)} not found.\n"
        f"Read {output / PAGE}, fill in {output / NAME}, and merge the points with\n"
        f"autograder grade {given} --output {shlex.quote(str(output))} "
        f"--answers {shlex.quote(str(output / NAME))}"
    )
