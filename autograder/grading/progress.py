"""How far a run is: a bar on a terminal, and now and then a line elsewhere; on standard error."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from autograder.finding import printable
from autograder.results import GradingResult, Status

__all__ = ["Tally", "say", "say_passed_over", "with_progress"]

_EVERY_S = 15.0  # between two lines in a log


def say(sentence: str) -> None:
    """One line of what a person should know, apart from the results."""
    print(f"autograder: {printable(sentence)}", file=sys.stderr, flush=True)


def say_passed_over(paths: Iterable[Path]) -> None:
    """Files in a folder of submissions that can be none."""
    for path in paths:
        say(f"passed over {str(path)!a}")


class Tally:
    """What was graded so far in this run, how fast, and how long the rest will take."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = total
        self.done = 0
        self._clock = clock
        self._start = clock()
        self._counts: Counter[Status] = Counter()

    def add(self, result: GradingResult) -> None:
        """Count one more."""
        self.done += 1
        self._counts[result.status] += 1

    @property
    def elapsed_s(self) -> float:
        """Since the run began."""
        return self._clock() - self._start

    def text(self) -> str:
        """The counts, the rate, and the time that is left."""
        counts = ", ".join(
            f"{self._counts[status]} {status.replace('_', ' ')}"
            for status in Status
            if self._counts[status] or status is Status.GRADED
        )
        elapsed = self.elapsed_s
        if not self.done or elapsed <= 0:
            return counts
        per_minute = 60 * self.done / elapsed
        left_s = (self.total - self.done) * elapsed / self.done
        return f"{counts}; {per_minute:.{0 if per_minute >= 10 else 1}f} a minute, {_left(left_s)}"


def with_progress(results: Iterable[GradingResult], total: int) -> Iterator[GradingResult]:
    """The same results, and word of each on standard error; of a single one none."""
    if total < 2:
        yield from results
    elif sys.stderr.isatty():
        yield from _bar(results, Tally(total))
    else:
        yield from _lines(results, Tally(total))


def _bar(results: Iterable[GradingResult], tally: Tally) -> Iterator[GradingResult]:
    columns = (BarColumn(bar_width=30), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=tally.total)
        for result in results:
            tally.add(result)
            bar.update(task, advance=1, description=tally.text())
            yield result


def _lines(results: Iterable[GradingResult], tally: Tally) -> Iterator[GradingResult]:
    """A line now and then, so that a log stays short; a short run leaves none."""
    said_s = tally.elapsed_s
    for result in results:
        tally.add(result)
        if tally.elapsed_s - said_s >= _EVERY_S:
            said_s = tally.elapsed_s
            say(f"{tally.done} of {tally.total}: {tally.text()}")
        yield result


def _left(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s left"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min left"
    return f"{seconds / 3600:.1f} h left"
