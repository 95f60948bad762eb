"""A small assignment: its master, its configuration, its hidden checks."""

MASTER = '''\
# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: false
# export_cell: false
# generate: false
# run_tests: false
# tests: {files: true, ok_format: false}

# %% [markdown]
# # Doubling

# %% tags=["reference"]
import math

# %% [raw]
# # BEGIN QUESTION
# name: q1
# check_cell: false

# %% [markdown]
# <!-- hidden checks: q1 -->

# %% [raw]
# # BEGIN SOLUTION


# %%
def double(x):
    """Twice x."""
    # BEGIN SOLUTION
    return math.fsum([x, x])
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_one(env):
    assert env["double"](1) == 2


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %%
print(double(21))

# %% [raw]
# # BEGIN QUESTION
# name: q1_written
# points: 2
# manual: true

# %% [markdown]
# Why twice?

# %% [raw]
# # BEGIN SOLUTION

# %% [markdown]
# Since once is not enough.

# %% [raw]
# # END SOLUTION

# %% [raw]
# # END QUESTION
'''

CONFIG = """
title = "Doubling"
module = "doubling"
[[questions]]
id = "q1"
title = "Double"
points = 3
[[written]]
id = "q1_written"
title = "Why"
points = 2
"""

HIDDEN = '''
import pytest
pytestmark = pytest.mark.question("q1")

@pytest.mark.points(2)
def test_of_two(student):
    """Twice two
    is four.

    Nobody but the staff reads this.
    """
    student.double(2).returns_number(4)

@pytest.mark.points(1)
@pytest.mark.visibility("hidden")
def test_of_zero(student):
    """Twice nothing is nothing."""
    student.double(0).returns_number(0)
'''
