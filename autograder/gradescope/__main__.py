"""``python -m autograder.gradescope ROOT``: grade the submission in Gradescope's folder ROOT."""

import sys
from pathlib import Path

from autograder.gradescope.run import run

if __name__ == "__main__":
    run(Path(sys.argv[1]).resolve())
