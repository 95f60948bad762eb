"""What a training frees stays for its next step."""

import subprocess
import sys

import pytest

STEPS = """
import resource
import numpy as np
{keep}
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for size in (1 << 20, 3 << 20):  # the first, once freed, is what glibc takes for usual
    np.ones(size, np.uint8)
before = faults()
for step in range(200):
    a, b, c = (np.ones(2 << 20, np.uint8) for _ in range(3))
    del a, b, c
print(faults() - before)
"""
KEEP = "from autograder.worker.allocator import keep_freed_memory; keep_freed_memory()"


def faults(keep: str) -> int:
    """Page faults of 200 steps, each of which takes 6 MB, in a process of its own."""
    command = [sys.executable, "-c", STEPS.format(keep=keep)]
    return int(subprocess.run(command, capture_output=True, check=True).stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it is glibc's")
def test_memory_that_is_freed_is_not_taken_anew_at_every_step() -> None:
    kept, given_back = faults(KEEP), faults("")
    assert 10 * kept < given_back
