"""What the tests of intake share: writing a submission down and taking it in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from crafting import as_bytes

from autograder.errors import RejectedError
from autograder.intake import Source, read_submission


@pytest.fixture
def take(tmp_path: Path) -> Callable[..., Source]:
    """Take in one file with this content."""

    def take(content: Any, name: str = "cnn_principles.ipynb") -> Source:
        path = tmp_path / name
        path.write_bytes(as_bytes(content))
        return read_submission(path, module="cnn_principles")

    return take


@pytest.fixture
def rejected(take: Callable[..., Source]) -> Callable[..., str]:
    """Take in one file that must be rejected, and give the student's sentence."""

    def rejected(content: Any, name: str = "cnn_principles.ipynb") -> str:
        with pytest.raises(RejectedError) as caught:
            take(content, name)
        sentence = str(caught.value)
        assert sentence.isprintable()
        assert len(sentence) < 800
        return sentence

    return rejected
