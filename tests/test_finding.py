"""What a student reads of a failed check: as text, and cleaned of what is not for eyes."""

import json
from dataclasses import asdict

from autograder.finding import Block, Comparison, Finding

HOSTILE = "\ud800\x00\x1b[31m\u202e" + "&" * 100_000


def test_words_of_a_student_are_cut_and_can_be_printed_and_encoded() -> None:
    compared = Comparison(blocks=(Block(label="Got:", text=HOSTILE),), note=HOSTILE)
    finding = Finding(problem=HOSTILE, call=HOSTILE, comparison=compared, hint=HOSTILE).cleaned()
    text = finding.text()
    assert len(text.encode("utf-8")) < 60_000
    assert not {"\x00", "\x1b", "\u202e"} & set(text)


def test_nothing_else_is_changed() -> None:
    block = Block(label="Got:", rows=(("1", "2"),), marked=((False, True),))
    finding = Finding(
        problem="Wrong.\n\tA line of a traceback: é 数",
        call="f(3)",
        comparison=Comparison(blocks=(block,), note="(a note)"),
        hint="Look again.",
    )
    assert finding.cleaned() == finding


def test_a_finding_survives_the_way_between_processes() -> None:
    block = Block(label="Got:", rows=(("1", "2"),), marked=((False, True),))
    finding = Finding(problem="Wrong.", comparison=Comparison(blocks=(block,), note="(a note)"))
    assert Finding.from_json(json.loads(json.dumps(asdict(finding)))) == finding
    assert finding.text() == "Wrong.\nGot:\n     1 [2]\n(a note)"
