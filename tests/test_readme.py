"""The README's promises that can be checked: its tree, its commands, its links."""

import re
from pathlib import Path

import pytest

from autograder.cli import main

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _tree() -> list[Path]:
    """The paths of the annotated tree, by its indentation."""
    block = next(b for b in README.split("```")[1::2] if "\nsolutions/" in b)
    paths, folder = [], Path()
    for line in block.strip().splitlines():
        name = line.split()[0]
        if name == "...":
            continue
        if not line.startswith(" "):
            folder = Path(name) if name.endswith("/") else Path()
            paths.append(Path(name))
        else:
            paths.append(folder / name)
    return paths


@pytest.mark.parametrize("path", _tree(), ids=str)
def test_the_tree_shows_what_is_there(path: Path) -> None:
    assert (ROOT / path).exists()


def test_the_tree_shows_all_of_the_engine() -> None:
    inside = [path.parts for path in _tree() if path.parts[0] == "autograder"]
    shown = {parts[1].removesuffix(".py") for parts in inside if len(parts) > 1}
    modules = {p.stem for p in (ROOT / "autograder").iterdir() if not p.name.startswith("__")}
    assert modules == shown


def test_every_command_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    commands = re.findall(r"^    (\w+) ", capsys.readouterr().out, re.M)
    assert commands
    for command in commands:
        assert f"autograder {command}" in README


def test_every_link_into_the_repository_leads_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_nothing_is_left_to_fill_in() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        assert not re.findall(r"^[A-Z]{4,}$|TODO|FIXME", page.read_text(encoding="utf-8"), re.M)


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make (\w+)", README)) - {"sure"}:
        assert re.search(rf"^{target}:", makefile, re.M), target
