"""How often the training runs of questions 2a and 2d fail a correct design, or pass a wrong one.

Each run is the hidden one, by the code of the hidden checks, on one thread; only the seeds differ.
Run number s has a split and placements of its own (whatever seed an instructor takes), weights of
its own at the start, and, where the network is the course's, weights by seed s too (the hidden
check has 1).

`python -m bench.false_fails --csv FILE` writes each run to the file as it ends, and goes on where
the file stops; 10 seeds are about two CPU hours. Begin a new file when designs or settings change.

How to read "a 1,000 runs": a normal distribution is fitted to logit(accuracy) over the seeds, and
the mass beyond the threshold is given, of a new run by Student's distribution, which knows how
little a few seeds say (first number), and as if mean and deviation were known (second number). Runs
that collapse for a reason of their own are not in a normal distribution: for these only the counts
speak, hence the interval (Wilson's, 95 %) and the line below each table. Where the best of several
runs counts, the last column is how often all of them miss: the largest of these figures, to their
power.
"""

import argparse
import csv
import itertools
import math
import multiprocessing
import multiprocessing.connection
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from scipy import stats
from torch import nn

from autograder.checking.local import LocalTransport
from autograder.checking.student import Student
from autograder.examine.modules import load_module
from bench.designs import PAIRS
from bench.networks import CORRECT, NETWORKS
from bench.trainings import BOLD, SANE, TRAININGS, WRONG, Trainer
from tests.support import local

_TRAINING = load_module("hidden_training", local.HIDDEN / "hidden_training.py")
_SETTINGS = local.HELPER.settings
_DATA_SEEDS = 1000
_COURSE = "the course's"
_COLUMNS = (
    *("part", "network", "training", "seed", "epochs"),
    *("parameters", "accuracy", "train_accuracy", "loss", "cpu_s"),
)

Key = tuple[str, str, str]
"""Part, network, training."""


@dataclass(frozen=True)
class Plan:
    """What is run; ``train`` None is the course's training of a student's network."""

    build: Callable[[int], nn.Module]
    train: Trainer | None
    epochs: int = _SETTINGS.EPOCHS
    threshold: float = _SETTINGS.PASS_ACCURACY


@dataclass(frozen=True)
class Part:
    """One table."""

    title: str
    must_pass: bool = True
    share: float = 1.0  # of the seeds, so that dear runs that decide little do not take the time
    best_of: int = 1  # the runs of which the best counts
    by_network: bool = False  # one row a network, for all trainings


PARTS = {
    "designs": Part(
        "2a: as recommended, the whole run", share=0.5, best_of=_SETTINGS.RUNS, by_network=True
    ),
    "faster": Part(
        "2a: the same networks with 5e-3 and batches of 32", share=0.5, best_of=_SETTINGS.RUNS
    ),
    "bold": Part("2a: right, and bolder than recommended", best_of=_SETTINGS.RUNS),
    "networks": Part("2a: networks under the course's training", share=0.3),
    "trainings": Part("2a: the course's network under correct trainings"),
    "heads": Part("2d: frozen random features under correct trainings"),
    "risky": Part("2a: right, and weaker than recommended", share=0.5, best_of=_SETTINGS.RUNS),
    "outside": Part("2a: correct, and outside of the recommendation", share=0.2),
    "dear": Part("2a: what takes long", share=0.1),
    "mlps": Part("MLPs of at most 20,000 weights", must_pass=False, share=0.5),
    "wrong": Part("2a: wrong trainings", must_pass=False, share=0.3),
    "wrong heads": Part("2d: wrong trainings", must_pass=False, share=0.3),
    "unseen": Part("2a: wrong trainings that an accuracy does not show", share=0.2),
}


def plans() -> Iterator[tuple[Key, Plan]]:
    """All that is run, by part, network and training."""
    head = {"epochs": _SETTINGS.HEAD_EPOCHS, "threshold": _SETTINGS.HEAD_PASS_ACCURACY}

    def course(seed: int) -> nn.Module:
        return local.GIVEN.course_cnn(seed=seed)

    def frozen(seed: int) -> nn.Module:
        return local.GIVEN.frozen_features(seed=seed)

    for part in PAIRS:
        for network, training in PAIRS[part]:
            plan = Plan(_seeded(NETWORKS[network]), TRAININGS[training])
            yield (part, network, training), plan
    for network in CORRECT:
        yield ("networks", network, _COURSE), Plan(_seeded(NETWORKS[network]), None)
    for name in (*SANE, *BOLD):
        yield ("trainings", _COURSE, name), Plan(course, TRAININGS[name])
        yield ("heads", _COURSE, name), Plan(frozen, TRAININGS[name], **head)
    for name in WRONG:
        yield ("wrong heads", _COURSE, name), Plan(frozen, TRAININGS[name], **head)


def _seeded(make: Callable[[], nn.Module]) -> Callable[[int], nn.Module]:
    def build(seed: int) -> nn.Module:
        torch.manual_seed(seed)
        return make()

    return build


def measure(key: Key, seed: int, path: Path) -> None:
    """One run; its row goes to the end of the file."""
    plan = _PLANS[key]
    functions = {"build_cnn": lambda _: plan.build(seed), "train_model": plan.train}
    student = Student(LocalTransport(functions, local.GIVEN))
    data = _TRAINING.course(student, local.HELPER, {"data_seed": _DATA_SEEDS + seed})
    run_of = _TRAINING.course_training if plan.train is None else _TRAINING.whole_run
    start = time.process_time()
    run = run_of(student, data, plan.epochs)
    used = time.process_time() - start
    size = sum(parameter.numel() for parameter in plan.build(seed).parameters())
    numbers = (f"{x:.5g}" for x in (run.accuracy, run.train_accuracy, run.loss, used))
    with path.open("a", newline="") as file:
        row = (*key, seed, plan.epochs, size, *numbers)
        csv.writer(file, lineterminator="\n").writerow(row)


_PLANS = dict(plans())
_THRESHOLDS = {key[0]: plan.threshold for key, plan in _PLANS.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is not in the file yet, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.false_fails")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--csv", type=Path, default=Path("build/false_fails.csv"))
    parser.add_argument("--part", action="append", choices=PARTS, help="only these tables")
    options = parser.parse_args(arguments)
    chosen = options.part or list(PARTS)
    done = {(key, int(row["seed"])) for key, rows in _read(options.csv).items() for row in rows}
    jobs = [
        (key, seed)
        for seed in range(1, options.seeds + 1)  # all designs once before any for the second time
        for key in _PLANS
        if key[0] in chosen and seed <= math.ceil(PARTS[key[0]].share * options.seeds)
        if (key, seed) not in done
    ]
    _measure(jobs, options.jobs, options.csv)
    found = _read(options.csv)
    for part in chosen:
        print(f"\n## {PARTS[part].title}\n")
        for line in _table(part, _rows(part, found)):
            print(line)


def _measure(jobs: list[tuple[Key, int]], processes: int, path: Path) -> None:
    """Run all, each in a process of its own, which may end as it will."""
    torch.set_num_threads(1)  # before the fork, as the grader does
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text(",".join(_COLUMNS) + "\n")
    context = multiprocessing.get_context("fork")
    running: dict[int, tuple[Any, tuple[Key, int]]] = {}
    waiting = iter(jobs)
    while True:
        for key, seed in itertools.islice(waiting, processes - len(running)):
            process = context.Process(target=measure, args=(key, seed, path))
            process.start()
            running[process.sentinel] = process, (key, seed)
        if not running:
            return
        for sentinel in multiprocessing.connection.wait(running):
            process, job = running.pop(sentinel)
            process.join()
            if process.exitcode:
                print(f"{job} ended with {process.exitcode}", file=sys.stderr, flush=True)


def _read(path: Path) -> dict[Key, list[dict[str, str]]]:
    """The runs by what was run, in the order of the plans; none of other numbers of epochs."""
    found: dict[Key, list[dict[str, str]]] = {key: [] for key in _PLANS}
    if path.exists():
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                key = (row["part"], row["network"], row["training"])
                if key in found and int(row["epochs"]) == _PLANS[key].epochs:
                    found[key].append(row)
    return {key: rows for key, rows in found.items() if rows}


def _rows(part: str, found: Mapping[Key, list[dict[str, str]]]) -> dict[Key, list[dict[str, str]]]:
    """The runs of a table, by its rows."""
    rows: dict[Key, list[dict[str, str]]] = {}
    for key, some in found.items():
        if key[0] == part:
            row = (part, key[1], "recommended") if PARTS[part].by_network else key
            rows.setdefault(row, []).extend(some)
    return rows


def _table(part: str, found: Mapping[Key, list[dict[str, str]]]) -> Iterator[str]:
    right, best_of = PARTS[part].must_pass, PARTS[part].best_of
    wanted, beyond = ("passed", "misses") if right else ("failed", "passes")
    titles = ["network", "training", "weights", "runs", "accuracy", "lowest, highest", "CPU-s"]
    titles += [wanted, "95 %", f"{beyond} a 1,000 runs"]
    titles += [f"best of {best_of}"] * (best_of > 1)
    yield "| " + " | ".join(titles) + " |"
    yield "|" + "---|" * len(titles)
    residuals: list[float] = []
    good = total = 0
    for key, rows in found.items():
        accuracies = [float(row["accuracy"]) for row in rows]
        threshold = _THRESHOLDS[part]
        count = sum((accuracy >= threshold) == right for accuracy in accuracies)
        low, high = wilson(count, len(rows))
        spread = statistics.stdev(accuracies) if len(rows) > 1 else math.nan
        logits = [logit(accuracy) for accuracy in accuracies]
        sign = 1 if right else -1
        odds = extrapolate([sign * x for x in logits], sign * logit(threshold))
        cells = [
            *key[1:],
            f"{int(rows[0]['parameters']):,}",
            f"{len(rows)}",
            f"{statistics.mean(accuracies):.3f} ± {spread:.3f}",
            f"{min(accuracies):.3f}, {max(accuracies):.3f}",
            f"{statistics.median(float(row['cpu_s']) for row in rows):.1f}",
            f"{count}",
            f"{100 * low:.0f} to {100 * high:.0f}",
            "{:.2g}, {:.1g}".format(*(1000 * p for p in odds)),
        ]
        if best_of > 1:
            missed = max(1 - count / len(rows), *(p for p in odds if not math.isnan(p)), 0.0)
            cells.append(f"{1000 * missed**best_of:.1g}")
        yield "| " + " | ".join(cells) + " |"
        if len(rows) > 4 and statistics.stdev(logits) > 0:
            middle, deviation = statistics.mean(logits), statistics.stdev(logits)
            residuals += [(x - middle) / deviation for x in logits]
        good, total = good + count, total + len(rows)
    if total:
        low, high = wilson(good, total)
        yield f"\n{good} of {total} {wanted}: {100 * low:.1f} to {100 * high:.1f} %."
    if len(residuals) > 50:
        yield (
            f"Logits, each less its design's mean, over its deviation: from {min(residuals):.1f} "
            f"to {max(residuals):.1f}, skewness {stats.skew(residuals):.2f}."
        )


def wilson(count: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    z, share = 1.96, count / total
    middle = share + z * z / (2 * total)
    reach = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    low, high = ((middle + side * reach) / (1 + z * z / total) for side in (-1, 1))
    return max(low, 0.0), min(high, 1.0)


def logit(accuracy: float) -> float:
    """The log odds; an accuracy of 0 or 1 counts as half a test image off it."""
    half = 0.5 / 1436
    accuracy = min(max(accuracy, half), 1 - half)
    return math.log(accuracy / (1 - accuracy))


def extrapolate(values: Sequence[float], threshold: float) -> tuple[float, float]:
    """Probabilities of a value below the threshold: Student's, for a new run, and the normal."""
    if len(values) < 3 or statistics.stdev(values) == 0:
        return math.nan, math.nan
    distance = (threshold - statistics.mean(values)) / statistics.stdev(values)
    count = len(values)
    new = float(stats.t.cdf(distance / math.sqrt(1 + 1 / count), count - 1))
    return new, statistics.NormalDist().cdf(distance)


if __name__ == "__main__":
    main()
