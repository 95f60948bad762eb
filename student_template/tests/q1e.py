from otter.test_files import test_case

OK_FORMAT = False

name = "q1e"
points = None

@test_case(points=None, hidden=False)
def test_worked_example(env):
    """A kernel of 5 has 20 places in 24 pixels."""
    from autograder.checking import local_student
    outcome = local_student(env).output_size(24, 5)
    hint = 'The first window starts at pixel 0; where does the last one?'
    outcome.returns_number(20, hint=hint)
    outcome.has_int_type()

@test_case(points=None, hidden=False)
def test_is_the_size_in_torch(env):
    """It is the length of what torch's conv1d returns."""
    import torch
    from autograder.checking import local_student
    from torch.nn import functional
    for size in (1, 4, 7):
        for k in range(1, size + 1):
            made = functional.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, k))
            outcome = local_student(env).output_size(size, k)
            hint = 'Draw the input, and slide the kernel.'
            outcome.returns_number(made.shape[-1], hint=hint)

