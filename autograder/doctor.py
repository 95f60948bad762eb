"""`autograder doctor`: what this machine offers to confine student code, and which versions run."""

import importlib.metadata
import os
import platform

from autograder.config import Assignment, load_assignment
from autograder.errors import AutograderError
from autograder.host.sandbox import open_sandbox
from autograder.sandbox.layers import Layers, probe_layers
from autograder.sandbox.runtime import find_runtime

__all__ = ["report"]

_PACKAGES = ("otter-grader", "numpy", "torch", "pytest", "hypothesis")


def report(*, unsafe: bool = False) -> tuple[str, int]:
    """The text to print, and the exit code: 0 when submissions can be graded here, else 2."""
    lines = [f"{platform.system()} {platform.release()}, {platform.machine()}"]
    lines += [f"Python {platform.python_version()}"]
    lines += [f"{name} {_version(name)}" for name in _PACKAGES]
    try:
        layers = probe_layers()
    except AutograderError as error:
        return "\n".join([*lines, "", str(error)]), 2
    lines += ["", *_layer_lines(layers), ""]
    try:
        layers.require(unsafe=unsafe)
        runtime = find_runtime()
        assignment = load_assignment()
        lines += [f"worker's Python      {runtime.python}", *_limit_lines(assignment), ""]
        with open_sandbox(assignment, unsafe=unsafe) as sandbox, sandbox.place():
            pass
    except AutograderError as error:
        return "\n".join([*lines, f"Submissions cannot be graded here. {error}"]), 2
    lines.append("A worker was started and can read no secret. Submissions can be graded here.")
    return "\n".join(lines), 0


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "is not installed"


def _layer_lines(layers: Layers) -> list[str]:
    yes_no = {True: "active", False: "not available"}
    landlock = f"active, ABI {layers.landlock_abi}" if layers.landlock_abi else "not available"
    uid = "active" if layers.uid else f"not available (not root, but uid {os.geteuid()})"
    return [
        f"uid for each worker  {uid}",
        f"Landlock             {landlock}",
        f"seccomp              {yes_no[layers.seccomp]}",
        "rlimits, watchdog    active",
    ]


def _limit_lines(assignment: Assignment) -> list[str]:
    limits = assignment.limits
    return [
        f"limits               {limits.cell_cpu_s:g} CPU-s a cell, {limits.cells_cpu_s:g} for all;"
        f" {limits.call_cpu_s:g} a call, {limits.question_cpu_s:g} a question;",
        f"                     {limits.memory_mb} MB memory, {limits.disk_mb} MB disk,"
        f" {limits.processes} processes",
    ]
