"""The command `autograder`: parses, calls, prints.

Exit codes: 0 all graded (a low score or a rejected file too), 1 some could not be graded for our
fault, 2 usage, configuration or isolation, 3 nothing could be graded, 130 interrupted.
"""

import argparse
import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from autograder import __version__
from autograder.config import DEADLINE_S
from autograder.errors import AutograderError, InternalError
from autograder.finding import printable

__all__ = ["main", "run"]

_INTERRUPTED = 130


def run() -> NoReturn:
    """The program. Its end takes nothing apart: with torch that is a third of a second."""
    for stream in (sys.stdout, sys.stderr):  # a name that the terminal cannot write is no error
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # nobody reads, or the disk is full
        code = code or 1
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = _parser().parse_args(argv)
    # To be asked to end, or to lose the terminal, is an interruption like Ctrl-C: workers end,
    # temporary folders go.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under `nohup`
            signal.signal(number, signal.default_int_handler)
    try:
        code: int = options.run(options)
    except BrokenPipeError:  # the reader of our output went away (`| head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt as error:
        said, code = f"interrupted. {error}".rstrip(), _INTERRUPTED
    except InternalError as error:
        said, code = str(error), 3
    except (AutograderError, OSError, UnicodeError) as error:  # of a path on the command line, too
        said, code = str(error), 2
    else:
        return code
    with suppress(OSError):  # the terminal may be gone
        print(f"autograder: {printable(said)}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder", description="Grades submissions.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    grade = commands.add_parser("grade", help="grade a submission, or a folder of them")
    grade.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    grade.add_argument("--output", type=Path, default=Path("grades"), metavar="DIR",
                       help="where grades.csv and results/ go (default: grades)")  # fmt: skip
    grade.add_argument("--jobs", type=_jobs, default=len(os.sched_getaffinity(0)), metavar="N",
                       help="how many to grade at once (default: one per core)")  # fmt: skip
    grade.add_argument(
        "--deadline",
        type=_seconds,
        default=DEADLINE_S,
        metavar="SECONDS",
        help="wall time for one submission; past it there is no score",
    )
    grade.add_argument("--scheduler", default="", metavar="ADDRESS",
                       help="grade on the workers of a Dask scheduler")  # fmt: skip
    grade.add_argument("--fresh", action="store_true",
                       help="grade anew also what is in the gradebook")  # fmt: skip
    grade.add_argument("--format", choices=("text", "json"), default="text")
    grade.add_argument("-k", dest="keyword", default="", metavar="EXPR",
                       help="only the checks that match; writes no grades")  # fmt: skip
    grade.add_argument("--answers", type=Path, action="append", default=[], metavar="FILE",
                       help="points of the written answers; may be repeated")  # fmt: skip
    grade.add_argument("--unsafe", action="store_true",
                       help="grade even where submissions cannot be confined")  # fmt: skip
    grade.set_defaults(run=_grade)

    answers = commands.add_parser(
        "answers", help="the written answers beside the rubric, and a sheet for their points"
    )
    answers.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    for command in (grade, answers):
        command.add_argument(
            "--single",
            action="store_true",
            help="each PATH is one submission, also a folder of many files",
        )
    answers.add_argument("--anonymous", action="store_true",
                         help="codes in the place of names, drawn by lot")  # fmt: skip
    answers.set_defaults(run=_answers)

    publish = commands.add_parser(
        "publish", help="the grades as they are were published: changes count from them"
    )
    publish.set_defaults(run=_publish)

    export = commands.add_parser(
        "export", help="the scores in a table without names, or for Canvas"
    )
    export.add_argument("file", type=Path, metavar="FILE")
    export.add_argument("--for", dest="audience", choices=("study", "canvas", "gradescope"),
                        default="study", help="who reads it (default: study)")  # fmt: skip
    export.set_defaults(run=_export)

    forget = commands.add_parser("forget", help="delete all that is kept of one student")
    forget.add_argument("who", metavar="WHO", help="a submission's name, an email, a student id")
    forget.set_defaults(run=_forget)

    for command in (answers, publish, export, forget):
        command.add_argument("--output", type=Path, default=Path("grades"), metavar="DIR",
                             help="where the grades are (default: grades)")  # fmt: skip

    build = commands.add_parser("build", help="make all that students and staff get")
    build.add_argument("--output", type=Path, default=Path("dist"), metavar="DIR")
    build.add_argument("--execute", action="store_true",
                       help="also run the solved notebook, for its figures: minutes")  # fmt: skip
    build.set_defaults(run=_build)

    check = commands.add_parser("check", help="is the reference right, and every question checked?")
    check.set_defaults(run=_check)

    doctor = commands.add_parser("doctor", help="which isolation layers are active here")
    doctor.add_argument("--unsafe", action="store_true", help=argparse.SUPPRESS)
    doctor.set_defaults(run=_doctor)
    return parser


def _jobs(text: str) -> int:
    try:
        jobs = int(text)
    except ValueError:
        jobs = 0
    if not 1 <= jobs <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of jobs from 1 to 1024")
    return jobs


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds


# Each command imports what it needs: torch and pytest take seconds to load.


def _grade(options: argparse.Namespace) -> int:
    from autograder.grading.command import grade
    from autograder.grading.options import RunOptions

    how = RunOptions(
        jobs=options.jobs,
        scheduler=options.scheduler,
        keyword=options.keyword,
        deadline_s=options.deadline,
        unsafe=options.unsafe,
    )
    return grade(
        options.paths,
        how,
        output=options.output,
        single=options.single,
        fresh=options.fresh,
        answers=options.answers,
        as_json=options.format == "json",
    )


def _answers(options: argparse.Namespace) -> int:
    from autograder.grading.collect_answers import collect_answers

    print(
        collect_answers(
            options.paths,
            output=options.output,
            single=options.single,
            anonymous=options.anonymous,
        )
    )
    return 0


def _publish(options: argparse.Namespace) -> int:
    from autograder.gradebook.commands import publish

    print(printable(publish(options.output)))
    return 0


def _export(options: argparse.Namespace) -> int:
    from autograder.gradebook.export import export

    print(export(options.output, options.file, options.audience))
    return 0


def _forget(options: argparse.Namespace) -> int:
    from autograder.gradebook.commands import forget

    print(printable(forget(options.output, options.who)))
    return 0


def _build(options: argparse.Namespace) -> int:
    from autograder.package.build import build

    text, faults = build(options.output, executed=options.execute)
    print(text)
    for fault in faults:
        print(f"autograder: {fault}", file=sys.stderr)
    return 1 if faults else 0


def _check(_: argparse.Namespace) -> int:
    from autograder.grading.selfcheck import selfcheck

    faults = selfcheck()
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print("The solutions pass every check, the template passes none, and the points add up.")
    return 1 if faults else 0


def _doctor(options: argparse.Namespace) -> int:
    from autograder.doctor import report

    text, code = report(unsafe=options.unsafe)
    print(text)
    return code
