"""`autograder build`: everything that is made, from the one master, and where it goes."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from autograder.config import load_assignment
from autograder.generate.generated import differing, generate
from autograder.outlets.files import writable_folder, write_whole
from autograder.package.archive import zip_bytes
from autograder.package.otter_zip import autograder_zip

__all__ = ["build"]

_NAMED = 12
_UNLISTED = ("__pycache__", ".ipynb_checkpoints", ".OTTER_LOG")


def build(output: Path, *, executed: bool = False) -> tuple[str, tuple[str, ...]]:
    """Make the students' and the staff's files; what was made, and the faults that were found.

    ``student_template/`` and ``solutions/`` are written in the assignment's folder, the two zips in
    ``output``. With ``executed`` the solved notebook is run, which takes minutes.
    """
    assignment = load_assignment()
    made = generate(assignment, executed=executed)
    reference = made.solutions[assignment.reference.name]
    zips = {
        "autograder.zip": autograder_zip(assignment, reference),
        "student_template.zip": zip_bytes(
            {f"{assignment.module}/{name}": content for name, content in made.template.items()}
        ),
    }
    lines = []
    for folder, files in made.folders().items():
        target = assignment.layout.root / folder
        changed = _write(target, files)
        lines.append(f"{target}: {len(files)} files, {len(changed)} of them written anew.")
        lines += [f"  {name}" for name in changed[:_NAMED]]
        lines += [f"  and {len(changed) - _NAMED} more"] * (len(changed) > _NAMED)
        lines += [f"  {name} is not of the build: delete it?" for name in _strays(target, files)]
    for name, data in zips.items():
        path = writable_folder(output) / name
        write_whole(path, data)
        digest = hashlib.sha256(data).hexdigest()[:16]
        lines.append(f"{path}: {len(data) / 1000:.0f} kB, sha256 {digest}.")
    if made.stale:
        lines.append("The solved notebook's outputs are of other code: autograder build --execute")
    lines.append(f"Try it: otter run SUBMISSION -a {output / 'autograder.zip'}")
    return "\n".join(lines), made.faults


def _write(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write what differs, so that times tell what changed; the names of these files."""
    changed = differing(folder, files)
    for name in changed:
        write_whole(folder / name, files[name])
        (folder / name).chmod(0o644)  # these are for others to read
    return changed


def _strays(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Files of an earlier build, or somebody's own; they are in no zip."""
    found = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return [
        name.as_posix()
        for name in found
        if name.as_posix() not in files and not set(name.parts) & set(_UNLISTED)
    ]
