"""The figures and numbers of questions 1a to 1c."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from cnn_lab.experiments import matrices


def build_conv_matrix(kernel, n):
    return sum(weight * np.eye(n, k=j - 1) for j, weight in enumerate(kernel))


def build_unshared_matrix(kernels):
    n = len(kernels)
    return sum(np.diag(kernels[:, j]) @ np.eye(n, k=j - 1) for j in range(3))


def count_params(kind, n, k):
    return {"dense": n * n, "unshared": 3 * n - 2, "shared": min(k, 2 * n - 1)}[kind]


@pytest.fixture
def facts(monkeypatch):
    reported = {}
    monkeypatch.setattr(matrices, "report", lambda text, **numbers: reported.update(numbers))
    return reported


@pytest.fixture
def texts(monkeypatch):
    """What is written into the figures."""
    written = []

    def read():
        figure = plt.gcf()
        figure.canvas.draw()
        written.extend([text.get_text() for text in axis.texts] for axis in figure.axes)

    monkeypatch.setattr(plt, "show", read)
    return written


def test_the_convolution_matrix_has_three_weights_and_agrees_with_torch(facts, texts):
    matrices.show_conv_matrix(build_conv_matrix)
    assert facts["distinct_weights"] == 3
    assert facts["zeros"] == 81 - 25
    assert facts["other_entries"] == 0
    assert facts["max_difference"] < 1e-12
    assert texts[0][:4] == ["$k_2$", "$k_3$", "0", "0"]
    assert texts[0][9:13] == ["$k_1$", "$k_2$", "$k_3$", "0"]


def test_a_flipped_kernel_is_seen(facts, texts):
    matrices.show_conv_matrix(lambda kernel, n: build_conv_matrix(kernel[::-1], n))
    assert facts["max_difference"] > 0.1
    assert texts[0][:3] == ["$k_2$", "$k_1$", "0"]


def test_entries_that_are_no_weight_are_seen(facts, texts):
    matrices.show_conv_matrix(lambda kernel, n: build_conv_matrix(kernel, n) + 7.5 * np.eye(n, k=4))
    assert facts["other_entries"] == 5
    assert texts[0].count("?") == 5


def test_weight_counts_at_nine_and_fifty(facts):
    matrices.show_weight_counts(count_params)
    assert facts == {
        "dense_9": 81,
        "dense_50": 2500,
        "unshared_9": 25,
        "unshared_50": 148,
        "shared_9": 3,
        "shared_50": 3,
    }


def test_without_sharing_all_weights_differ(facts, texts):
    matrices.show_sharing(build_conv_matrix, build_unshared_matrix)
    assert facts == {"shared_weights": 3, "unshared_weights": 25, "other_entries": 0}
    names = [name for name in texts[1] if name != "0"]
    assert len(set(names)) == 25
    assert names[:3] == ["$k_2^{(1)}$", "$k_3^{(1)}$", "$k_1^{(2)}$"]


def test_a_kernel_that_is_shared_after_all_is_seen(facts):
    matrices.show_sharing(build_conv_matrix, lambda kernels: build_conv_matrix(kernels[0], 9))
    assert facts["unshared_weights"] == 3


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda kernel, n: None, "is not written yet. Do question 1a first"),
        (lambda kernel, n: build_conv_matrix(kernel, n)[1:], "shape (8, 9)"),
        (lambda kernel, n: build_conv_matrix(kernel, n).tolist(), "returned a list"),
        (lambda kernel, n: build_conv_matrix(kernel, n) + np.nan, "nan or inf"),
        (lambda kernel, n: build_conv_matrix(kernel, n).astype(object), "dtype object"),
    ],
)
def test_an_answer_that_is_no_matrix_ends_in_a_sentence(build, sentence, facts, capsys):
    for experiment in (
        lambda: matrices.show_conv_matrix(build),
        lambda: matrices.show_sharing(build, build_unshared_matrix),
    ):
        experiment()
        assert sentence in capsys.readouterr().out
    assert not facts
    assert not plt.get_fignums()


@pytest.mark.parametrize("count", [3.0, True, 0, "3", np.float64(3)])
def test_a_count_that_is_no_whole_number_ends_in_a_sentence(count, facts, capsys):
    matrices.show_weight_counts(lambda kind, n, k: count)
    assert 'grader.check("q1b")' in capsys.readouterr().out
    assert not facts


def test_numpy_integers_are_counts(facts):
    matrices.show_weight_counts(lambda kind, n, k: np.int64(count_params(kind, n, k)))
    assert facts["dense_9"] == 81


def test_other_errors_are_not_hidden():
    def broken(kernel, n):
        raise IndexError

    with pytest.raises(IndexError):
        matrices.show_conv_matrix(broken)
