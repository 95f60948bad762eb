"""answers.html: all answers to one question after the other, with the rubric beside them."""

from collections.abc import Mapping
from typing import Any

from autograder.config import Assignment
from autograder.finding import printable
from autograder.outlets.page import html_page
from autograder.written.answers import Answer, State
from autograder.written.prompts import Prompts
from autograder.written.rubric import as_html, read_rubric

__all__ = ["answers_html"]


def answers_html(
    assignment: Assignment, prompts: Prompts, answers: Mapping[str, Mapping[str, Answer]]
) -> str:
    """The page; ``answers`` are by what a submission is called there, and by question."""
    rubric = read_rubric(assignment)
    questions: list[dict[str, Any]] = []
    for prompt in prompts.all:
        question = prompt.question
        found = [(label, some[question.id]) for label, some in sorted(answers.items())]
        given = [
            {"label": label, "text": printable(answer.text), "images": answer.images,
             "note": answer.note}
            for label, answer in found
            if answer.state is State.ANSWERED
        ]  # fmt: skip
        without = {
            state: [(label, answer.note) for label, answer in found if answer.state is state]
            for state in (State.EMPTY, State.NOT_FOUND)
        }
        questions.append({"id": question.id, "title": question.title, "points": question.points,
                          "prompt": as_html(prompt.text), "rubric": rubric.get(question.id, ""),
                          "answers": given, "empty": without[State.EMPTY],
                          "missing": without[State.NOT_FOUND]})  # fmt: skip
    return html_page(
        "autograder.written",
        "answers",
        title=f"{assignment.title}: written answers",
        summary=f"{len(answers)} submissions, {len(questions)} questions. The points go into "
        "answers.csv: a line for each submission, a column for each question.",
        sections=[(q["id"], f"{q['id']}: {len(q['answers'])}") for q in questions],
        questions=questions,
    )
