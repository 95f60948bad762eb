"""The notebook's experiments and figures: every call that grading leaves out."""

from cnn_lab.experiments.dense_limit import show_dense_limit, show_output_size
from cnn_lab.experiments.frozen_features import random_features
from cnn_lab.experiments.image_maps import train_image_maps, untrained_image_maps
from cnn_lab.experiments.matrices import show_conv_matrix, show_sharing, show_weight_counts
from cnn_lab.experiments.moving_digit import (
    show_equivariance,
    show_feature_maps,
    show_moving_digit,
)
from cnn_lab.experiments.places import run_any_place, run_fixed_place
from cnn_lab.experiments.training_task import compare_cnn_and_mlp, show_data
from cnn_lab.experiments.trials import (
    try_frozen_features,
    try_loop,
    try_network,
    try_training,
)
from cnn_lab.experiments.windows import show_unshared_windows

__all__ = [
    "compare_cnn_and_mlp",
    "random_features",
    "run_any_place",
    "run_fixed_place",
    "show_conv_matrix",
    "show_data",
    "show_dense_limit",
    "show_equivariance",
    "show_feature_maps",
    "show_moving_digit",
    "show_output_size",
    "show_sharing",
    "show_unshared_windows",
    "show_weight_counts",
    "train_image_maps",
    "try_frozen_features",
    "try_loop",
    "try_network",
    "try_training",
    "untrained_image_maps",
]
