from otter.test_files import test_case

OK_FORMAT = False

name = "q1c"
points = None

@test_case(points=None, hidden=False)
def test_worked_example(env):
    """Row i of the matrix holds kernel i, and what sticks out on either side is cut off."""
    import numpy as np
    from autograder.checking import local_student
    kernels = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]])
    expected = [[2, 3, 0, 0], [4, 5, 6, 0], [0, 7, 8, 9], [0, 0, 10, 11]]
    outcome = local_student(env).build_unshared_matrix(kernels)
    hint = 'Row i of the matrix holds row i of kernels.'
    outcome.returns_array(expected, hint=hint)
    hint = 'np.zeros gives float64.'
    outcome.has_array_type(hint=hint)

@test_case(points=None, hidden=False)
def test_equal_kernels_are_a_convolution(env):
    """When all kernels are equal, the matrix computes what torch's convolution computes."""
    import numpy as np
    import torch
    from autograder.checking import local_student
    from torch.nn import functional
    rng = np.random.default_rng(1)
    for n, k in ((5, 3), (5, 4), (3, 5)):
        kernel, x = (rng.integers(-4, 5, k).astype(float), rng.integers(-4, 5, n).astype(float))
        outcome = local_student(env).build_unshared_matrix(np.tile(kernel, (n, 1)))
        found = outcome.array((n, n))
        padded = functional.pad(torch.tensor(x)[None, None], ((k - 1) // 2, k // 2))
        expected = functional.conv1d(padded, torch.tensor(kernel)[None, None])[0, 0].numpy()
        hint = 'With equal kernels this is the matrix of 1a.'
        outcome.require(np.allclose(found @ x, expected), f'The matrix times x is not the convolution, for x = {x.tolist()}.', expected=expected, actual=found @ x, hint=hint)

