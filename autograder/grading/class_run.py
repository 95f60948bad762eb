"""A run over a class: what is graded anew, what is kept, whose rows grades.csv has."""

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path

from autograder.errors import UsageError
from autograder.gradebook.changes import Change
from autograder.gradebook.digests import digest_of
from autograder.gradebook.folder import ClassFolder
from autograder.gradebook.store import Graded
from autograder.grading.inputs import Submission
from autograder.grading.progress import say
from autograder.outlets.grades import Person
from autograder.results import GradingResult
from autograder.written.codes import read_codes, submissions_called
from autograder.written.merge import merge
from autograder.written.sheet import read_points, version

__all__ = ["ClassRun", "Results"]

Results = Generator[GradingResult, None, None]


class ClassRun:
    """Submissions that lie at ``paths``, and the folder of grades that they go into.

    If each path is one submission, and any of them is of the class, the rows of these change and no
    others; else they are the whole class from now on. Raises UsageError for a folder that is one
    submission of the class, and looks like many.
    """

    def __init__(
        self,
        folder: ClassFolder,
        submissions: Sequence[Submission],
        paths: Sequence[Path],
        checks: str,
    ) -> None:
        self._folder = folder
        self._submissions = submissions
        self._checks = checks
        self._digests = {s.name: digest_of(s.path) for s in submissions}
        self._listed = folder.gradebook.class_list()
        self._by_name = set(map(_real, paths)) == {_real(s.path) for s in submissions}
        if not self._by_name:
            self._require_whole_classes(paths)

    @property
    def is_of_others(self) -> bool:
        """Whether there is a class already, no smaller than this, and these are none of it."""
        is_class = 1 < len(self._listed) >= len(self._digests)
        return self._by_name and is_class and not self._listed.keys() & self._digests.keys()

    @property
    def _is_look(self) -> bool:
        """Whether these are some of the class, each named for itself: all others stay."""
        return self._by_name and bool(self._listed.keys() & self._digests.keys())

    def take_over(self, sheets: Sequence[Path]) -> None:
        """Keep the points of written answers; where a sheet has none, those from before stay.

        Points for something that was handed in before are kept as such, and so said on every run.
        Raises UsageError for a sheet that cannot be meant.
        """
        folder, gradebook = self._folder, self._folder.gradebook
        names = {*self._digests, *self._listed}
        called = submissions_called(names, read_codes(folder.path, names))
        given, strangers = read_points(sheets, folder.assignment, called)
        for name in strangers:
            say(f"there are points for the answers of {name!r}, which is no submission here.")
        kept = gradebook.written_points()
        digests = {**gradebook.graded_digests(), **self._digests}
        merged = merge(given, kept, {name: version(digest) for name, digest in digests.items()})
        for name, now in merged.items():
            if name in kept and (gone := kept[name].points.keys() - now.points.keys()):
                say(f"{name} has no points any more for {', '.join(sorted(gone))}.")
        gradebook.set_written_points(merged)
        count = sum(len(one.points) for one in given.values())
        say(f"the sheets have {count} points of {len(given)} submissions; others stay as they are.")

    def grade(
        self, grade_now: Callable[[Sequence[Submission]], Results], *, fresh: bool
    ) -> list[Change]:
        """Grade what has no result that holds, commit each, and write the files of all."""
        gradebook, others = self._folder.gradebook, self._others()
        people = {s.name: s.submitters or self._known(s.name) for s in self._submissions}
        for name in self._folder.strangers(self._digests.keys() | others.keys()):
            say(f"overrides.csv sets a score for {name!r}, which is no submission here.")
        if fresh:
            gradebook.outdate(self._digests)
        done = gradebook.finished(self._digests, self._checks)
        missing = [s for s in self._submissions if s.name not in done]
        if done:
            say(f"{len(done)} of {len(people)} are graded already; --fresh grades them anew.")
        now: set[str] = set()
        try:
            if missing:
                with closing(grade_now(missing)) as results:
                    for result in results:
                        self._keep(result)
                        now.add(result.submission)
            changes = self._folder.finish({**others, **people}, written=now)
        except KeyboardInterrupt:
            done = gradebook.finished(self._digests, self._checks)
            stay = self._listed if self._is_look else {}  # those that were not reached, too
            if done:
                graded = {name: group for name, group in people.items() if name in done}
                self._folder.write_grades({**stay, **graded})
            raise KeyboardInterrupt(
                f"{len(done)} of {len(people)} are graded and saved"
                f"{', and grades.csv has these only' if done and not stay else ''}. "
                f"To go on, run the same again{' without --fresh' if fresh else ''}."
            ) from None
        if again := self._marked_before():
            say(
                f"since their answers were given points, other files came of {', '.join(again)}: "
                "run autograder answers, and read them again."
            )
        return changes

    def _known(self, name: str) -> tuple[Person, ...]:
        """Whose it is, by what a run over the whole class said: a path alone tells nothing."""
        return self._listed.get(name, ()) if self._by_name else ()

    def _marked_before(self) -> list[str]:
        """Who has handed in something else since the written answers were given points."""
        digests = self._folder.gradebook.graded_digests()
        points = self._folder.gradebook.written_points()
        return sorted(
            name
            for name, one in points.items()
            if one.version and name in digests and one.version != version(digests[name])
        )

    def _keep(self, result: GradingResult) -> None:
        digest = self._digests[result.submission]
        self._folder.add(
            Graded(result=result, submission_digest=digest, assignment_digest=self._checks)
        )

    def _others(self) -> dict[str, tuple[Person, ...]]:
        """Those of the class whose rows stay; says who does, or does not."""
        missing = {name: g for name, g in self._listed.items() if name not in self._digests}
        if self._is_look:
            if missing:
                say(f"{len(missing)} others of the class stay in grades.csv as they are.")
            return missing
        if missing:
            say(
                f"{len(missing)} that grades.csv had are not among these; the gradebook keeps them."
            )
        return {}

    def _require_whole_classes(self, paths: Sequence[Path]) -> None:
        """Or a folder in a student's folder would be graded as the student it is called like."""
        for path in paths:
            if Path(_real(path)).name in self._listed:
                raise UsageError(
                    f"{path}: is one submission of the class that was graded, though it looks like "
                    f"many; --single grades it as one. If it is a class by now, choose another "
                    f"--output, or take the one submission out: autograder forget "
                    f"{Path(_real(path)).name!r}."
                )


def _real(path: Path) -> str:
    return os.path.realpath(path)  # Path.resolve raises on a loop of links
