from otter.test_files import test_case

OK_FORMAT = False

name = "q1d"
points = None

@test_case(points=None, hidden=False)
def test_worked_example(env):
    """On a 2 x 3 image, two windows of 2 x 2 meet two different kernels."""
    import numpy as np
    from autograder.checking import local_student
    image = np.array([[1.0, 2, 3], [4, 5, 6]])
    kernels = np.array([[[[1.0, 0], [0, 1]], [[0, 1], [2, 0]]]])
    outcome = local_student(env).unshared_conv2d(image, kernels)
    hint = 'The first is 1 + 5, the second 3 + 2 * 5.'
    outcome.returns_array([[6, 13]], hint=hint)
    hint = 'np.zeros gives float64.'
    outcome.has_array_type(hint=hint)

@test_case(points=None, hidden=False)
def test_equal_kernels_are_a_convolution(env):
    """With the same kernel everywhere it is torch's conv2d without padding."""
    import numpy as np
    import torch
    from autograder.checking import local_student
    from torch.nn import functional
    rng = np.random.default_rng(2)
    for height, width, size in ((4, 5, 3), (3, 3, 3), (3, 4, 1)):
        image = rng.integers(-4, 5, (height, width)).astype(float)
        kernel = rng.integers(-4, 5, (size, size)).astype(float)
        with_torch = functional.conv2d(torch.tensor(image)[None, None], torch.tensor(kernel)[None, None])
        expected = with_torch[0, 0].numpy()
        kernels = np.broadcast_to(kernel, (*expected.shape, size, size)).copy()
        outcome = local_student(env).unshared_conv2d(image, kernels)
        hint = 'Multiply each window by its kernel, entry by entry, and add up.'
        outcome.returns_array(expected, hint=hint)

