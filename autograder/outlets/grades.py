"""grades.csv: one row a submission, in name order; the columns are the project's contract."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from autograder.config import Assignment
from autograder.outlets.marks import Marks
from autograder.outlets.spreadsheet import csv_text
from autograder.results import GradingResult

__all__ = ["Person", "grades_csv", "score_columns", "score_values"]


class Person(NamedTuple):
    """Whose a submission is; of a group all, divided by semicolons."""

    name: str = ""
    email: str = ""
    sid: str = ""


def grades_csv(
    assignment: Assignment,
    results: Iterable[GradingResult],
    people: Mapping[str, Person] | None = None,
    marks: Marks | None = None,
) -> str:
    """The table as CSV text. An empty score means that there is none, which is not 0.

    ``people`` says, by submission, whose it is, where Gradescope's export names them; ``marks``
    are those of the written answers, if there are any yet.
    """
    marks = marks or Marks(assignment)
    columns = ["submission", *score_columns(assignment), "message", *marks.columns]
    rows = []
    for result in results:
        whose = people.get(result.submission, Person()) if people else ()
        scores = score_values(assignment, result)
        written = marks.values(result)
        rows.append([result.submission, *scores, result.remark, *written, *whose])
    return csv_text(columns + (list(Person._fields) if people else []), sorted(rows, key=_name))


def score_columns(assignment: Assignment) -> list[str]:
    """What is said of a submission in numbers, also where nobody is named."""
    return ["status", "score", "max_score", *(q.id for q in assignment.questions)]


def score_values(assignment: Assignment, result: GradingResult) -> list[object]:
    """A result in these columns."""
    scores = [result.question_score(question) for question in assignment.questions]
    return [result.status, result.score, assignment.max_score, *scores]


def _name(row: Sequence[object]) -> str:
    return str(row[0])
