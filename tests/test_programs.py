"""The hidden checks on trial: right programs pass all of them, wrong ones exactly not their own.

A check suite can be trusted as far as it was tried on programs that it was not written for. The
tables in `programs/` hold them; here they run in this process, see `support/local.py`.
"""

import ast

import pytest
from programs.correct import CORRECT
from programs.program import Program
from programs.wrong import WRONG
from support.local import FUNCTIONS, REFERENCE, failed, grade, namespace_of


def _label(program: Program) -> str:
    return f"{program.question}: {program.name}"


@pytest.mark.parametrize("program", CORRECT, ids=_label)
def test_a_right_program_passes_every_check(program: Program) -> None:
    assert program.fails == frozenset()
    assert failed(grade(namespace_of(REFERENCE + program.source), program.question)) == set()


@pytest.mark.parametrize("program", WRONG, ids=_label)
def test_a_wrong_program_fails_the_checks_it_should(program: Program) -> None:
    assert program.fails, "a wrong program names the checks that it fails"
    results = grade(namespace_of(REFERENCE + program.source), program.question)
    expected = {f"{program.question}.{name.removeprefix('test_')}" for name in program.fails}
    assert failed(results) == expected


def test_a_program_replaces_the_function_of_its_question_only() -> None:
    """With its neighbour in `test_check_suite` it shows that no other question's check can fail."""
    reference = namespace_of(REFERENCE).keys()
    for program in (*CORRECT, *WRONG):
        defined = set()
        for node in ast.parse(program.source).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                defined.add(node.name)
            elif isinstance(node, ast.Assign):
                defined |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        assert defined & reference == {FUNCTIONS[program.question]}, program.name


def test_every_program_has_a_name_of_its_own() -> None:
    labels = [_label(program) for program in (*CORRECT, *WRONG)]
    assert len(labels) == len(set(labels))
