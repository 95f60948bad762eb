from otter.test_files import test_case

OK_FORMAT = False

name = "q2b"
points = None

@test_case(points=None, hidden=False)
def test_worked_example(env):
    """For a map that leaves the images alone but doubles one pixel, the error is known."""
    import torch
    from autograder.checking import local_student

    def doubles_pixel_2_3(x):
        maps = x.clone()
        maps[:, :, 2, 3] *= 2
        return maps
    images = torch.stack([torch.ones(1, 5, 5), torch.zeros(1, 5, 5)])
    outcome = local_student(env).equivariance_error(doubles_pixel_2_3, images, (0, 1))
    hint = 'f doubles pixel [2, 3] of each image. Inside are 3 x 3 pixels, and T moves the doubled one out of them: one pixel differs, by 1, and ||T f(x)|| is the root of 9.'
    outcome.returns_number(1 / 3, rtol=0.0001, atol=1e-05, hint=hint)
    hint = 'float(...) or .item() makes a Python float.'
    outcome.has_float_type(hint=hint)

@test_case(points=None, hidden=False)
def test_convolutions_are_equivariant(env):
    """A convolution has error 0 when the margin covers its reach; a fully connected layer not."""
    import torch
    from autograder.checking import local_student
    from torch import nn
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(2, 1, 12, 10, generator=generator)
    convolution = nn.Conv2d(1, 2, 3, padding='same').eval()
    dense = nn.Sequential(nn.Flatten(), nn.Linear(120, 120), nn.Unflatten(1, (1, 12, 10))).eval()
    with torch.no_grad():
        for parameter in (*convolution.parameters(), *dense.parameters()):
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    student = local_student(env)
    outcome = student.equivariance_error(convolution, images, (1, -2), margin=1)
    hint = 'Leave out max(1, 2) + 1 pixels on each side.'
    outcome.returns_number(0.0, atol=1e-05, hint=hint)
    outcome = student.equivariance_error(dense, images, (1, -2), margin=1)
    hint = 'Compare f of the moved images with the moved f of the images.'
    outcome.require(0.5 < outcome.number() < 3, 'The error of this fully connected layer is not near 1.', actual=outcome.value, hint=hint)

