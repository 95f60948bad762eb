"""What hidden checks call student functions with, and look at networks with; nothing is secret.

The grader and the worker each have this package. `given.maps` and `given.networks` are factories:
what one makes depends on its keywords alone. `given.probes` are called in the worker, on networks
that stay there.
"""

from given.maps import (
    checkerboard,
    circular_conv,
    constant,
    conv_relu_conv,
    identity,
    mlp,
    network,
    one_pixel,
    padded_conv,
    position_weights,
    scaled_pixel,
    signed_network,
)
from given.networks import course_cnn, frozen_features, linear, moody, watched
from given.probes import (
    describe,
    forward,
    leave_gradients,
    perturb,
    scramble,
    seen,
    share_weights,
    state,
    step,
    strengthen,
)

__all__ = [
    "checkerboard",
    "circular_conv",
    "constant",
    "conv_relu_conv",
    "course_cnn",
    "describe",
    "forward",
    "frozen_features",
    "identity",
    "leave_gradients",
    "linear",
    "mlp",
    "moody",
    "network",
    "one_pixel",
    "padded_conv",
    "perturb",
    "position_weights",
    "scaled_pixel",
    "scramble",
    "seen",
    "share_weights",
    "signed_network",
    "state",
    "step",
    "strengthen",
    "watched",
]
