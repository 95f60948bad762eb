"""The course's own code for "Principles of CNNs": data, networks to compare with, experiments.

In the notebook, ``import cnn_lab as lab``. The experiments are loaded when the first of them is
used, because they draw, and to load matplotlib takes seconds. When the notebook is graded, calls
into `cnn_lab.experiments` do nothing.
"""

from typing import Any

from cnn_lab import settings
from cnn_lab.data import Data, load_data
from cnn_lab.datafiles import DataError
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
    "settings",
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


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'cnn_lab' has no attribute {name!r}")
    from cnn_lab import experiments  # noqa: PLC0415 - see above

    return getattr(experiments, name)


def __dir__() -> list[str]:
    return sorted(__all__)
