"""The numbers of the training task: one place for the notebook, the figures and the checks."""

DATA = "digits"
"""Where images come from: "digits", or a folder with the files of MNIST or CIFAR-10."""

SIDE = 24
"""Pixels on each side of the black canvas that an image is placed on."""

CLASSES = 10

SMALL_SIDE = 16
"""Larger source images are made smaller until they are no larger than this."""

PER_CLASS = 200
"""Source images of each class that are used, at most."""

TEST_SHARE = 0.2
"""Of the source images of each class: these are never trained on."""

TRAIN_PLACEMENTS = 2
TEST_PLACEMENTS = 4
"""How many times each source image is placed on a canvas, each time somewhere else."""

PUBLIC_SEED = 0
"""Of the split and the placements that students see; the grader's are others."""

MAX_PARAMETERS = 20_000
"""The budget of `build_cnn`, and the size of the MLP that it is compared with."""

EPOCHS = 15
PASS_ACCURACY = 0.50
"""2a: the training run, and the test accuracy that it must reach."""

RUNS = 3
"""2a: a run that misses is made again with other seeds, until there were so many; the best counts.

At a learning rate that is a little too high, one training in ten ends with no ReLU alive: that is
bad luck, and must not cost points.
"""

HEAD_EPOCHS = 10
HEAD_PASS_ACCURACY = 0.60
"""2d: the same for a trained head on random features."""
