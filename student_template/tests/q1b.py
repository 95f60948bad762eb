from otter.test_files import test_case

OK_FORMAT = False

name = "q1b"
points = None

@test_case(points=None, hidden=False)
def test_worked_example(env):
    """For n = 9 and k = 3 there are 81, 25 and 3 weights."""
    from autograder.checking import local_student
    for kind, expected in (('dense', 81), ('unshared', 25), ('shared', 3)):
        outcome = local_student(env).count_params(kind, 9, 3)
        outcome.returns_number(expected, hint='Count the entries of the matrix that are not always zero, equal ones once.')
        outcome.has_int_type()

@test_case(points=None, hidden=False)
def test_one_weight_wide(env):
    """A kernel of one weight touches the diagonal only."""
    from autograder.checking import local_student
    for n in (1, 2, 7):
        for kind, expected in (('dense', n * n), ('unshared', n), ('shared', 1)):
            outcome = local_student(env).count_params(kind, n, 1)
            outcome.returns_number(expected, hint='With k = 1 only the diagonal is not zero.')

