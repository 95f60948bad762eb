"""Where answers are looked for, in whatever way students have typed them."""

import base64
from pathlib import Path
from typing import Any

import pytest
from support.written_class import (
    EMPTY,
    HOW,
    PLACEHOLDER,
    WHY,
    asked,
    code,
    lay_out_written,
    markdown,
    notebook,
)

from autograder.config import load_assignment
from autograder.errors import ConfigError
from autograder.intake import read_cells
from autograder.written.answers import Answer, Found, State, find_answers
from autograder.written.prompts import HandedOut, read_prompts

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n a picture").decode()


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> HandedOut:
    small = lay_out_written(tmp_path_factory.mktemp("written"))
    return read_prompts(load_assignment(small.assignment))


def find(prompts: HandedOut, folder: Path, text: str, name: str = "answers.ipynb") -> list[Answer]:
    return list(everything(prompts, folder, text, name).answers.values())


def everything(prompts: HandedOut, folder: Path, text: str, name: str = "answers.ipynb") -> Found:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return find_answers(read_cells(path, module="answers").cells, prompts)


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        pytest.param([markdown("Measured.")], "Measured.", id="in the place of the placeholder"),
        pytest.param(
            [markdown(f"{PLACEHOLDER}\n\nMeasured.")], "Measured.", id="below the placeholder"
        ),
        pytest.param(
            [markdown("First."), markdown("Then."), code("# last")],
            "First.\n\nThen.\n\n# last",
            id="in several cells",
        ),
        pytest.param([markdown(f"> {WHY}\n\nMeasured.")], "Measured.", id="quoting"),
        pytest.param([code('"""Measured."""')], '"""Measured."""', id="in code"),
        pytest.param([{**markdown(""), "source": ["Measu", "red."]}], "Measured.", id="in lines"),
        pytest.param([markdown("  \n"), markdown("Measured.  ")], "Measured.", id="with blanks"),
        pytest.param([markdown("# Measured\n\n---")], "# Measured\n\n---", id="with headings"),
    ],
)
def test_an_answer_is_what_stands_below_the_question(
    prompts: HandedOut, tmp_path: Path, cells: list[dict[str, Any]], text: str
) -> None:
    why, how = find(prompts, tmp_path, notebook(*asked(*cells, how=(markdown("Ruler."),))))
    assert (why.state, why.text, why.note) == (State.ANSWERED, text, "")
    assert (how.state, how.text) == (State.ANSWERED, "Ruler.")


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"why": f"<!-- BEGIN QUESTION -->\n\n{WHY}\n\nMeasured."}, id="below it"),
        pytest.param({"why": f"{WHY}  Measured."}, id="behind it"),
        pytest.param({"why": f"{' '.join(WHY.split())}\nMeasured."}, id="broken anew"),
        pytest.param({"next": "Measured.\n<!-- END QUESTION -->\n### The next part"}, id="end"),
        pytest.param({"why": "Measured."}, id="typed over it"),
    ],
)
def test_an_answer_in_a_cell_that_was_handed_out(
    prompts: HandedOut, tmp_path: Path, changed: dict[str, str]
) -> None:
    cells = [{**cell, "source": changed.get(cell["id"], cell["source"])} for cell in EMPTY]
    why, how = find(prompts, tmp_path, notebook(*cells))
    assert (why.state, why.text) == (State.ANSWERED, "Measured.")
    assert how.state is State.EMPTY


def test_without_the_marks_the_next_cell_that_was_handed_out_ends_the_answer(
    prompts: HandedOut, tmp_path: Path
) -> None:
    cells = asked(markdown("Measured."), how=(markdown("Ruler."),))
    for cell in cells:
        cell["source"] = cell["source"].replace("<!-- END QUESTION -->", "")
        cell["source"] = cell["source"].replace("<!-- BEGIN QUESTION -->", "").strip()
        cell.pop("id", None)
    cells = [cell for cell in cells if cell["source"]]
    why, how = find(prompts, tmp_path, notebook(*cells))
    assert (why.text, how.text) == ("Measured.", "Ruler.")


def test_where_the_question_was_deleted_the_id_of_its_cell_tells(
    prompts: HandedOut, tmp_path: Path
) -> None:
    cells = [cell for cell in EMPTY if cell["id"] not in {"why", "how"}]
    cells = [cell | ({"source": "Ruler."} if cell["id"] == "how-answer" else {}) for cell in cells]
    why, how = find(prompts, tmp_path, notebook(*cells))
    assert (why.state, how.text) == (State.EMPTY, "Ruler.")


ELSEWHERE = "what stands elsewhere in the notebook is shown at the end of the page"
QUESTION = f"<!-- BEGIN QUESTION -->\n\n{WHY}"


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(asked(markdown(f"{QUESTION}\n\nMeasured.")), id="copied with its mark"),
        pytest.param(asked(markdown(QUESTION, id="x"), markdown("Measured.")), id="copied whole"),
        pytest.param(
            asked(code("show(one)", id="x"), markdown("Measured.")), id="below code from above"
        ),
        pytest.param(
            [markdown(f"Measured.\n\n{WHY}", id="why"), *asked()[3:]], id="before the question"
        ),
        pytest.param(
            [*EMPTY[:2], markdown("", id="why-answer"), markdown("Measured."), *EMPTY[4:]],
            id="without the question",
        ),
        pytest.param(
            [*EMPTY, markdown(f"{WHY}\n\nMeasured.")], id="below a copy at the very end"
        ),
        pytest.param(
            [*EMPTY, markdown(f"{WHY}\n\nMeasured.\n\n{HOW}\n\n")], id="all in one cell"
        ),
    ],
)  # fmt: skip
def test_an_answer_in_an_odd_place(
    prompts: HandedOut, tmp_path: Path, cells: list[dict[str, Any]]
) -> None:
    why, how = find(prompts, tmp_path, notebook(*cells))
    assert (why.state, why.text) == (State.ANSWERED, "Measured.")
    assert how.state is not State.ANSWERED


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param([markdown("Measured."), *EMPTY], id="at the top"),
        pytest.param([*EMPTY, markdown("Measured.")], id="at the end"),
        pytest.param([*EMPTY[:5], markdown("Measured."), *EMPTY[5:]], id="below the end mark"),
        pytest.param([*EMPTY[:2], markdown("Measured."), *EMPTY[2:]], id="above the question"),
        pytest.param(
            [{**c, "source": c["source"] + "\n\nMeasured."} if c["id"] == "next" else c
             for c in EMPTY], id="in the cell that ends it"
        ),
    ],
)  # fmt: skip
def test_as_long_as_there_is_text_elsewhere_nothing_counts_as_missing(
    prompts: HandedOut, tmp_path: Path, cells: list[dict[str, Any]]
) -> None:
    found = everything(prompts, tmp_path, notebook(*cells))
    assert found.elsewhere.text == "Measured."
    assert {(a.state, a.note) for a in found.answers.values()} == {(State.NOT_FOUND, ELSEWHERE)}


def test_who_quotes_another_question_takes_nothing_from_it(
    prompts: HandedOut, tmp_path: Path
) -> None:
    quoting = markdown(f"As will be asked:\n\n{HOW}\n\nI measured.")
    why, how = find(prompts, tmp_path, notebook(*asked(quoting, how=(markdown("Ruler."),))))
    assert why.text == f"As will be asked:\n\n{HOW}\n\nI measured."
    assert how.text == "Ruler."
    listed = markdown(f"To do:\n1. {WHY}\n2. {HOW}")
    cells = [listed, *asked(markdown("Measured."), how=(markdown("Ruler."),))]
    assert [a.text for a in find(prompts, tmp_path, notebook(*cells))] == ["Measured.", "Ruler."]


def test_all_answers_below_copies_in_the_last_answers_cell(
    prompts: HandedOut, tmp_path: Path
) -> None:
    cells = asked(how=(markdown(f"{WHY}\nMeasured.\n\n{HOW}\nRuler."),))
    assert [a.text for a in find(prompts, tmp_path, notebook(*cells))] == ["Measured.", "Ruler."]


def test_images_in_the_text_itself(prompts: HandedOut, tmp_path: Path) -> None:
    long = base64.b64encode(bytes(200_000)).decode()
    text = (
        f"See ![a](data:image/png;base64,{PNG}) and <img src='data:image/jpeg;base64,{long}'> so."
    )
    why, _ = find(prompts, tmp_path, notebook(*asked(markdown(text))))
    assert why.text == "See ![a](image) and <img src='image'> so."
    assert why.images == (("image/png", PNG), ("image/jpeg", long))
    assert why.note == ""


def test_what_was_not_answered_is_no_answer(prompts: HandedOut, tmp_path: Path) -> None:
    for cells in (EMPTY, asked(), asked(markdown(" \n"), code(""))):
        assert {a.state for a in find(prompts, tmp_path, notebook(*cells))} == {State.EMPTY}


def test_what_cannot_be_found_is_not_taken_for_empty(prompts: HandedOut, tmp_path: Path) -> None:
    only_code = notebook(code("x = 1"))
    assert {a.state for a in find(prompts, tmp_path, only_code)} == {State.NOT_FOUND}
    plain = find(prompts, tmp_path, "x = 1\n", name="answers.py")
    assert {a.state for a in plain} == {State.NOT_FOUND}


def test_answers_in_a_module_of_cells(prompts: HandedOut, tmp_path: Path) -> None:
    question = WHY.replace("\n", "\n# ")
    text = (
        f"# %% [markdown]\n# {question}\n\n# %% [markdown]\n# Measured.\n#\n# Twice.\n\n"
        f"# %%\nx = 1\n\n# %% [markdown]\n# ### The next part\n\n# %% [md]\n"
        f'"""\n{HOW}\n\nRuler.\n"""\n'
    )
    why, how = find(prompts, tmp_path, text, name="answers.py")
    assert why.text == "Measured.\n\nTwice.\n\nx = 1"
    assert how.text == "Ruler."


def test_pasted_images_come_along(prompts: HandedOut, tmp_path: Path) -> None:
    pasted = {"image.png": {"image/png": PNG}}
    cell = markdown("See ![image.png](attachment:image.png)", attachments=pasted)
    why, _ = find(prompts, tmp_path, notebook(*asked(cell)))
    assert why.images == (("image/png", PNG),)
    only = markdown("", attachments=pasted)
    why, _ = find(prompts, tmp_path, notebook(*asked(only)))
    assert why.state is State.ANSWERED


@pytest.mark.parametrize(
    "attachments",
    [
        {"x.png": {"image/png": 5}},
        {"x.png": {"text/html": "<script>alert(1)</script>"}},
        {"x.png": "no"},
        "no",
        None,
    ],
)
def test_nothing_but_images_comes_along(
    prompts: HandedOut, tmp_path: Path, attachments: object
) -> None:
    cell = markdown("Look.", attachments=attachments)
    why, _ = find(prompts, tmp_path, notebook(*asked(cell)))
    assert (why.text, why.images) == ("Look.", ())


@pytest.mark.parametrize(
    "image", [{"image/svg+xml": PNG}, {"image/png": '"><script>alert(1)</script>'}]
)
def test_an_image_that_cannot_be_shown_is_said(
    prompts: HandedOut, tmp_path: Path, image: dict[str, str]
) -> None:
    cell = markdown("Look.", attachments={"x": image})
    why, _ = find(prompts, tmp_path, notebook(*asked(cell)))
    assert (why.images, why.note) == ((), "1 images left out: open the notebook")


def test_what_is_left_out_is_said(prompts: HandedOut, tmp_path: Path) -> None:
    many = {f"{n}.png": {"image/png": PNG} for n in range(9)}
    why, _ = find(prompts, tmp_path, notebook(*asked(markdown("x" * 30_000, attachments=many))))
    assert len(why.text) == 20_000
    assert why.note == "10000 characters and 5 images left out: open the notebook"


def test_a_template_that_asks_other_questions_than_the_settings(tmp_path: Path) -> None:
    small = lay_out_written(tmp_path)
    template = small.assignment / "student_template" / "answers.ipynb"
    template.write_text(notebook(*EMPTY[:5]))
    with pytest.raises(ConfigError, match="asks 1 written questions, but assignment"):
        read_prompts(load_assignment(small.assignment))
    template.unlink()
    with pytest.raises(ConfigError, match="`autograder build` makes it"):
        read_prompts(load_assignment(small.assignment))


def test_the_assignment_of_this_repository_asks_what_its_settings_list() -> None:
    assignment = load_assignment()
    prompts = read_prompts(assignment)
    assert [p.question.id for p in prompts.prompts] == [w.id for w in assignment.written]
    solved = assignment.layout.root / "solutions" / f"{assignment.module}.ipynb"
    answers = find_answers(read_cells(solved, module=assignment.module).cells, prompts).answers
    assert {answer.state for answer in answers.values()} == {State.ANSWERED}
    assert all(len(answer.text) > 200 and not answer.note for answer in answers.values())


ALL_THREE = "It shares its weights."


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(f"answers.three()\n# {ALL_THREE}", id="comment"),
        pytest.param(f"x = 3  # {ALL_THREE}", id="end of a line"),
        pytest.param(f'import numpy\n"""\n{ALL_THREE}\n"""', id="string"),
        pytest.param(f'answer = "{ALL_THREE}"', id="a string with a name"),
        pytest.param(f'if x:\n    print(f"{ALL_THREE}")', id="printed"),
        pytest.param(f"!pip install 'x\n'{ALL_THREE}'", id="below a magic"),
        pytest.param("def f(:\n# It shares\n# its weights.", id="a comment in no Python"),
        pytest.param(f'f((\n"""{ALL_THREE}"""', id="a string in no Python"),
        pytest.param(f'x = """{ALL_THREE}', id="a string without an end"),
        pytest.param(ALL_THREE, id="prose"),
        pytest.param(f"x = 3\n\n{ALL_THREE}\ny = 4", id="prose among code"),
        pytest.param(f"x = 3\nIt's so: {ALL_THREE}", id="prose with an apostrophe"),
    ],
)
def test_words_in_code_are_text_elsewhere(prompts: HandedOut, tmp_path: Path, typed: str) -> None:
    found = everything(prompts, tmp_path, notebook(code(typed), *asked(EMPTY, how=(EMPTY,))))
    assert {answer.state for answer in found.answers.values()} == {State.NOT_FOUND}
    assert ALL_THREE in " ".join(found.elsewhere.text.split()).replace("# its", "its")


def test_a_short_comment_is_looked_at_too(prompts: HandedOut, tmp_path: Path) -> None:
    found = find(prompts, tmp_path, notebook(code("# shared"), *asked(EMPTY, how=(EMPTY,))))
    assert {answer.state for answer in found} == {State.NOT_FOUND}


def test_code_without_words_is_no_answer(prompts: HandedOut, tmp_path: Path) -> None:
    solved = code(
        "%matplotlib inline\n!pip install some package\n"
        "def f(x, how='same'):\n    if x.ndim != 1:\n"
        "        raise ValueError('the kernel must have one axis')\n"
        "    return [y for y in x if y not in ('a', \"b\")]\n"
        "match x:\n    case 1: pass\n"
    )
    found = find(prompts, tmp_path, notebook(solved, *asked(EMPTY, how=(EMPTY,))))
    assert {answer.state for answer in found} == {State.EMPTY}


def test_half_a_character_keeps_nobody_from_an_answer(prompts: HandedOut, tmp_path: Path) -> None:
    cells = [code(f"# \ud83d {ALL_THREE}"), *asked(EMPTY, how=(EMPTY,))]
    found = everything(prompts, tmp_path, notebook(*cells))
    assert found.elsewhere.text == f"\ufffd {ALL_THREE}"
