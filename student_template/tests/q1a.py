from otter.test_files import test_case

OK_FORMAT = False

name = "q1a"
points = None

@test_case(points=None, hidden=False)
def test_worked_example(env):
    """For n = 5 and the kernel [1, 2, 3] the matrix is as the formula says."""
    import numpy as np
    from autograder.checking import local_student
    expected = [[2, 3, 0, 0, 0], [1, 2, 3, 0, 0], [0, 1, 2, 3, 0], [0, 0, 1, 2, 3], [0, 0, 0, 1, 2]]
    outcome = local_student(env).build_conv_matrix(np.array([1.0, 2.0, 3.0]), 5)
    hint = "kernel[0] meets the input before the output's place, so it stands left of the diagonal: nothing is flipped."
    outcome.returns_array(expected, hint=hint)
    hint = 'np.zeros gives float64.'
    outcome.has_array_type(hint=hint)

@test_case(points=None, hidden=False)
def test_is_the_convolution_of_torch(env):
    """For odd and even kernels, K @ x is what torch computes."""
    import numpy as np
    import torch
    from autograder.checking import local_student
    from torch.nn import functional
    rng = np.random.default_rng(0)
    for n, k in ((6, 1), (6, 3), (6, 4), (4, 6)):
        kernel, x = (rng.integers(-4, 5, k).astype(float), rng.integers(-4, 5, n).astype(float))
        outcome = local_student(env).build_conv_matrix(kernel, n)
        found = outcome.array((n, n))
        padded = functional.pad(torch.tensor(x)[None, None], ((k - 1) // 2, k // 2))
        expected = functional.conv1d(padded, torch.tensor(kernel)[None, None])[0, 0].numpy()
        hint = 'Look at one row: which input does each weight of the kernel meet?'
        outcome.require(np.allclose(found @ x, expected), f'K @ x is not the convolution, for x = {x.tolist()}.', expected=expected, actual=found @ x, hint=hint)

