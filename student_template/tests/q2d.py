from otter.test_files import test_case

OK_FORMAT = False

name = "q2d"
points = None

@test_case(points=None, hidden=False)
def test_trains_the_head_alone(env):
    """A frozen network keeps its features bit by bit, and its head learns to name the digits."""
    import cnn_lab
    cnn_lab.try_frozen_features(env)

