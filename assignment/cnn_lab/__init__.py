"""The course's own code for "Principles of CNNs": data, networks to compare with, experiments.

In the notebook, ``import cnn_lab as lab``. When the notebook is graded, calls into
`cnn_lab.experiments` do nothing.
"""

from cnn_lab.data import Data, load_data
from cnn_lab.datafiles import DataError
from cnn_lab.experiments import (
    compare_cnn_and_mlp,
    random_features,
    run_any_place,
    run_fixed_place,
    show_conv_matrix,
    show_data,
    show_dense_limit,
    show_equivariance,
    show_feature_maps,
    show_moving_digit,
    show_output_size,
    show_sharing,
    show_unshared_windows,
    show_weight_counts,
    train_image_maps,
    try_frozen_features,
    try_loop,
    try_network,
    try_training,
    untrained_image_maps,
)
from cnn_lab.networks import count_parameters, mlp, wide_cnn

__all__ = [
    "Data",
    "DataError",
    "compare_cnn_and_mlp",
    "count_parameters",
    "load_data",
    "mlp",
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
    "wide_cnn",
]
