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
        hint = 'Count the entries of the matrix that are not always zero, equal ones once.'
        outcome.returns_number(expected, hint=hint)
        outcome.has_int_type()

@test_case(points=None, hidden=False)
def test_longer_than_the_input(env):
    """A kernel of 2n weights reaches every input from every place."""
    from autograder.checking import local_student
    for n in (2, 3, 5):
        for kind, expected in (('dense', n * n), ('unshared', n * n), ('shared', 2 * n - 1)):
            outcome = local_student(env).count_params(kind, n, 2 * n)
            hint = 'Every output meets every input here: count the weights that meet one, equal ones once.'
            outcome.returns_number(expected, hint=hint)

