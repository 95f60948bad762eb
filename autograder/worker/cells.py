"""Runs a submission's cells in one namespace, as a notebook would, without a kernel.

A notebook's cells go through IPython's input transformer; what it makes of magics and ``!`` lines
goes to the stand-ins. Statements run one by one, and those after one that fails still run: a file
that is missing here, or a slip in an experiment, costs no function. A cell that uses up its CPU
time, or sleeps, is interrupted by a signal, and of its rest only imports, definitions and constants
run; where the signal does not help, the grader kills the worker and runs the cells again with only
the definitions of that cell.
"""

import __future__

import ast
import asyncio
import builtins
import inspect
import linecache
import signal
import sys
import time
import traceback
from types import CodeType, ModuleType
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from autograder.worker import stand_ins

__all__ = ["CellInterrupted", "CellRunner", "student_traceback"]

_FUTURE = 0
for _name in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _name).compiler_flag

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_WORK = (ast.Call, ast.Await, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class CellInterrupted(BaseException):
    """A cell took too long; no ``Exception``, so that a student's handler does not swallow it."""


class CellRunner:
    """One namespace and the cells that have run in it."""

    def __init__(self, language: str, module: str, limits: dict[str, float]) -> None:
        is_notebook = language == "notebook"
        # A notebook is its own __main__; a module is imported, so its __main__ block does not run.
        self._module = ModuleType("__main__" if is_notebook else module)
        sys.modules[self._module.__name__] = self._module
        self.namespace: dict[str, Any] = self._module.__dict__
        self.namespace["__builtins__"] = builtins  # the module, as in Jupyter, and not its dict
        transformer: Any = TransformerManager  # has no types
        self._transform = transformer().transform_cell if is_notebook else str
        self._file = "cell {}" if is_notebook else f"{module}.py"
        self._limits = limits
        self._left = limits["cells_cpu_s"]
        self._flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._notes: list[str] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        stand_ins.install(self.namespace, self._notes, self._run_nested)

    def run(self, index: int, source: str, *, definitions_only: bool) -> dict[str, Any]:
        """Run one cell and report on it."""
        self._notes.clear()
        name = self._file.format(index + 1)
        start = time.process_time()
        error = None
        self._definitions_only = definitions_only or self._left <= 0
        self._cell_ends = start + min(self._limits["cell_cpu_s"], self._left)
        if definitions_only:
            error = "was stopped; only its definitions were kept"
        elif self._left <= 0:
            error = "was not run, since the cells before it used up the time; its definitions were"
        try:
            error = self._execute(source, name) or error
        except BaseException as problem:  # a signal that came a moment late
            error = _sentence(problem)
        self._left -= time.process_time() - start
        return {"cell": index, "error": error, "notes": self._notes[:20]}

    def _execute(self, source: str, name: str) -> str | None:
        """Run the statements; the first error's sentence, if any."""
        try:
            text = self._transform(source)
            linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
            tree = compile(text, name, "exec", ast.PyCF_ONLY_AST | self._flags)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
            return _sentence(problem)
        error: str | None = None
        for statement in tree.body:
            if self._definitions_only and not _defines(statement):
                continue
            failure = self._statement(statement, name)
            error = error or failure
        return error

    def _statement(self, statement: ast.stmt, name: str) -> str | None:
        try:
            tree = ast.Module([statement], [])
            code = compile(tree, name, "exec", self._flags, dont_inherit=True)
            self._flags |= code.co_flags & _FUTURE
            with _Alarm(self._cell_ends - time.process_time(), self._limits):
                self._evaluate(code)
        except Exception as problem:
            return _sentence(problem)
        except BaseException as problem:  # out of time, or the student's own wish to end here
            self._definitions_only = True
            return _sentence(problem)
        return None

    def _evaluate(self, code: CodeType) -> None:
        if not code.co_flags & inspect.CO_COROUTINE:
            exec(code, self.namespace)
            return
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(eval(code, self.namespace))

    def _run_nested(self, source: str) -> None:
        """The body of a cell magic that runs its body, such as ``%%time``."""
        error = self._execute(source, "cell magic")
        if error is not None:
            raise RuntimeError(error)


class _Alarm:
    """Interrupts a statement that used its CPU time, or that does nothing for too long."""

    def __init__(self, cpu_s: float, limits: dict[str, float]) -> None:
        self._cpu_s = max(cpu_s, 0.5)  # also a definition after the end needs a moment
        self._limit_s = limits["cell_cpu_s"]
        self._sleep_s = limits["sleep_s"]

    def __enter__(self) -> None:
        self._seen_cpu, self._seen_at = time.process_time(), time.monotonic()
        signal.signal(signal.SIGPROF, self._out_of_time)
        signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_PROF, self._cpu_s, 0.5)
        signal.setitimer(signal.ITIMER_REAL, 1.0, 1.0)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _out_of_time(self, *_: object) -> None:
        raise CellInterrupted(f"took more than {self._limit_s:g} s of CPU time and was stopped")

    def _look(self, *_: object) -> None:
        cpu, now = time.process_time(), time.monotonic()
        if cpu - self._seen_cpu > 0.05:
            self._seen_cpu, self._seen_at = cpu, now
        elif now - self._seen_at > self._sleep_s:
            raise CellInterrupted(f"did nothing for {self._sleep_s:g} s and was stopped")


def _defines(statement: ast.stmt) -> bool:
    """An import, a definition, or a constant; nothing that could take time again."""
    if isinstance(statement, _DEFINITIONS):
        return True
    if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
        if isinstance(statement.value, ast.Lambda):
            return True
        return not any(isinstance(node, _WORK) for node in ast.walk(statement.value))
    return False


def _sentence(problem: BaseException) -> str:
    """One line for the report."""
    if isinstance(problem, CellInterrupted):
        return str(problem)
    try:
        message = str(problem)
    except BaseException:
        message = ""
    line = ""
    if isinstance(problem, SyntaxError):
        message, line = str(problem.msg), f" in line {problem.lineno}" if problem.lineno else ""
    text = f"raised {type(problem).__name__}{line}" + (f": {message}" if message else "")
    return text[:300]


def student_traceback(error: BaseException) -> str:
    """The last lines of a traceback that stand in the submission itself."""
    try:
        frames = traceback.extract_tb(error.__traceback__)
        own = [f for f in frames if f.filename.startswith("cell ") or "/" not in f.filename]
        own = [f for f in own if not f.filename.startswith("<")]
        lines = (f"{f.filename}, line {f.lineno}, in {f.name}: {f.line}" for f in own[-3:])
        return "\n".join(lines)[:1500]
    except BaseException:
        return ""
