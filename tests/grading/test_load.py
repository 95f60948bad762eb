"""However busy the machine is, the same submissions come to the same grades, byte for byte."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.gradescope_folders import ENDLESS
from support.small_class import lay_out

# Near every limit, on both sides: 10 CPU seconds a call, 5 a cell, 10 of doing nothing, 2000 MB.
CLOSE = {
    "busy call.py": "import time\ndef one():\n    while time.process_time() < 6: pass\n"
                    "    return 1\ndef two(): return 2\n",
    "busy cell.py": "import time\nwhile time.process_time() < 3.5: pass\n"
                    "def one(): return 1\ndef two(): return 2\n",
    "busy thread.py": "import threading, time\ndef one():\n    def work():\n"
                      "        while time.process_time() < 5: pass\n"
                      "    t = threading.Thread(target=work); t.start(); t.join()\n    return 1\n",
    "endless call.py": ENDLESS,
    "endless cell.py": "def one(): return 1\nwhile True: pass\n",
    "naps.py": "import time\ndef one():\n    time.sleep(6)\n    return 1\n",
    "sleeps.py": "import time\ndef one():\n    time.sleep(30)\n    return 1\ndef two(): return 2\n",
    "large.py": "import numpy as np\ndef one():\n    return int(np.ones(10**8)[0])\n",
    "too large.py": "import numpy as np\ndef one():\n    return int(np.ones(3 * 10**8)[0])\n",
    "forks.py": "import os\ndef one():\n    for _ in range(5):\n"
                "        if os.fork() == 0: os._exit(0)\n        os.wait()\n    return 1\n",
    "exits.py": "import os\ndef one(): return 1\ndef two(): os._exit(0)\n",
}  # fmt: skip


@contextmanager
def both_cores_burn() -> Iterator[None]:
    burners = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(os.cpu_count() or 1)
    ]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def test_load_never_changes_a_grade(tmp_path: Path) -> None:
    small = lay_out(tmp_path)
    for name, text in CLOSE.items():
        small.submit(name, text)
    written = []
    for jobs in (1, 2):
        small.run("--fresh", "--jobs", str(jobs))
        written.append((small.grades / "grades.csv").read_bytes())
    with both_cores_burn():
        small.run("--fresh", "--jobs", str(2 * (os.cpu_count() or 1)))
    written.append((small.grades / "grades.csv").read_bytes())
    assert written[0] == written[1] == written[2]
    scores = small.scores()
    for name, score in {
        "busy call.py": "7", "busy cell.py": "7", "busy thread.py": "3", "endless call.py": "3",
        "endless cell.py": "3", "naps.py": "3", "sleeps.py": "4", "large.py": "3",
        "too large.py": "0", "forks.py": "3", "exits.py": "3",
    }.items():  # fmt: skip
        assert scores[name] == score, name
    assert small.table("changes.csv") == []
