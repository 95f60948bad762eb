"""`autograder answers`: what was answered in words, for people to read and to give points."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.config import load_assignment
from autograder.errors import AutograderError, RejectedError, UsageError
from autograder.grading.inputs import Submission, find_submissions
from autograder.grading.progress import say
from autograder.intake import read_cells
from autograder.outlets.files import writable_folder, write_whole
from autograder.written.answers import Answer, State, answers_in
from autograder.written.codes import draw_codes, read_codes
from autograder.written.page import answers_html
from autograder.written.prompts import Prompts, read_prompts
from autograder.written.sheet import NAME, PAGE, fill_in

__all__ = ["collect_answers"]


def collect_answers(paths: Sequence[Path], *, output: Path, anonymous: bool) -> str:
    """Write answers.html and answers.csv to ``output``; what to say of it."""
    assignment = load_assignment()
    if not assignment.written:
        raise UsageError("This assignment has no written questions: see [[written]] in its toml.")
    prompts = read_prompts(assignment)
    submissions, passed_over = find_submissions(paths, assignment.module, results=output)
    for path in passed_over:
        say(f"passed over {str(path)!a}")
    answers = {s.name: _answers_of(s, assignment.module, prompts) for s in submissions}
    if anonymous:  # what could not be read is called by its name there
        answers = {name: _without_notes(some) for name, some in answers.items()}
    writable_folder(output)
    codes = (draw_codes if anonymous else read_codes)(output, answers)
    changed = fill_in(output / NAME, assignment, answers, codes, anonymous=anonymous)
    for name in changed:
        label = codes.get(name, name) if anonymous else name
        say(
            f"{label} has other answers than those that have points: read them again, then empty "
            "its cell under 'seen'."
        )
    shown = {codes[name] if anonymous else name: some for name, some in answers.items()}
    write_whole(output / PAGE, answers_html(assignment, prompts, shown))
    return _summary(answers, output, paths)


def _answers_of(submission: Submission, module: str, prompts: Prompts) -> Mapping[str, Answer]:
    """The answers; where nothing can be read, that is said of each."""
    try:
        return answers_in(read_cells(submission.path, module=module), prompts)
    except RejectedError as error:
        answer = Answer(state=State.EMPTY, note=str(error))
    except (AutograderError, OSError) as error:
        answer = Answer(state=State.NOT_FOUND, note=str(error))
    return {prompt.question.id: answer for prompt in prompts.all}


def _without_notes(answers: Mapping[str, Answer]) -> Mapping[str, Answer]:
    return {
        question: answer if answer.state is State.ANSWERED else replace(answer, note="")
        for question, answer in answers.items()
    }


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
