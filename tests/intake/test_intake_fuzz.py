"""Whatever the bytes are, intake gives a usable `Source` or a `RejectedError`."""

import tempfile
from pathlib import Path

from crafting import as_bytes, code, notebook, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import RejectedError
from autograder.intake import _notebook, read_submission

NOTEBOOK = as_bytes(notebook("import numpy as np", code(["x = 1\n", "y"]), metadata={"a": [1]}))
ZIP = zipped({"hw/cnn_principles.ipynb": NOTEBOOK, "hw/numpy.py": "x", "hw/a.csv": "1,2"})
NAMES = st.sampled_from(["a.ipynb", "a.py", "a.zip", "a.txt", "a"])
OFTEN = settings(max_examples=300, deadline=None, derandomize=True, database=None)


def take_in(data: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            source = read_submission(path, module="cnn_principles")
        except RejectedError as error:
            sentence = str(error)
        else:
            sentence = "".join([source.name, *source.notes])
            assert any(cell.strip() for cell in source.cells)
            "".join(source.cells).encode()  # no half characters
    assert sentence.isprintable()
    assert len(sentence) < 1_500


@st.composite
def mutations(draw: st.DrawFn, original: bytes) -> bytes:
    """``original`` with a few spans replaced."""
    data = original
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 8)))
        data = data[:start] + draw(st.binary(max_size=8)) + data[end:]
    return data


@OFTEN
@given(data=st.binary(max_size=400), name=NAMES)
def test_bytes(data, name):
    take_in(data, name)


@OFTEN
@given(data=mutations(NOTEBOOK), name=NAMES)
def test_mutated_notebooks(data, name):
    take_in(data, name)


@OFTEN
@given(data=mutations(ZIP), name=NAMES)
def test_mutated_zips(data, name):
    take_in(data, name)


KEYS = st.sampled_from([*sorted(_notebook._KEPT), "outputs", "code"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | KEYS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@OFTEN
@given(cells=JSON | st.lists(JSON), fields=st.dictionaries(KEYS, JSON), name=NAMES)
def test_json_with_the_words_of_a_notebook(cells, fields, name):
    take_in(as_bytes({"cells": cells} | fields), name)


@OFTEN
@given(files=st.dictionaries(st.text(min_size=1, max_size=30), st.binary(max_size=20), max_size=5))
def test_zips_of_anything(files):
    writable = {name: data for name, data in files.items() if name.isprintable()}
    take_in(zipped(writable | {"cnn_principles.ipynb": NOTEBOOK}), "a.zip")
