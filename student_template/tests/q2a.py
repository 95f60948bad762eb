from otter.test_files import test_case

OK_FORMAT = False

name = "q2a"
points = None

@test_case(points=None, hidden=False)
def test_network(env):
    """build_cnn gives a new network of the right parts, shapes and size."""
    import cnn_lab
    cnn_lab.try_network(env)

@test_case(points=None, hidden=False)
def test_training_loop(env):
    """train_model uses each image once an epoch, in train mode, and repeats with the same seed."""
    import cnn_lab
    cnn_lab.try_loop(env)

@test_case(points=None, hidden=False)
def test_training_run(env):
    """After 15 epochs of train_model the CNN names at least half of the test digits."""
    import cnn_lab
    cnn_lab.try_training(env)

