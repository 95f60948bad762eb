"""The figures and numbers of question 1e."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from cnn_lab.experiments import dense_limit


def unshared_conv2d(image, kernels):
    cut = np.lib.stride_tricks.sliding_window_view(image, kernels.shape[2:])
    return (cut * kernels).sum((2, 3))


@pytest.fixture
def facts(monkeypatch):
    reported = {}
    monkeypatch.setattr(dense_limit, "report", lambda text, **numbers: reported.update(numbers))
    return reported


def test_the_output_shrinks_to_one_pixel(facts):
    dense_limit.show_output_size(lambda size, k: size - k + 1)
    assert facts == {"size_1": 24, "size_3": 22, "size_12": 13, "size_24": 1}


def test_the_figure_shows_the_answer_even_if_wrong(facts):
    dense_limit.show_output_size(lambda size, k: size)
    assert facts["size_24"] == 24


@pytest.mark.parametrize("off", [-1, 0.0])
def test_a_size_that_is_no_whole_number_from_one_ends_in_a_sentence(off, facts, capsys):
    dense_limit.show_output_size(lambda size, k: size - k + 1 + off)
    assert 'grader.check("q1e")' in capsys.readouterr().out
    assert not facts
    assert not plt.get_fignums()


def test_the_matrix_fills_up_until_the_layer_is_fully_connected(facts):
    dense_limit.show_dense_limit(unshared_conv2d)
    assert facts["nonzero_share_3"] == 9 / 36
    assert facts["nonzero_share_5"] == pytest.approx(25 / 36)
    assert facts["nonzero_share_6"] == 1
    assert [facts[f"outputs_{k}"] for k in (3, 5, 6)] == [16, 4, 1]
    assert facts["max_difference"] < 1e-12


def test_an_output_that_is_not_the_weighted_sum_is_seen(facts):
    dense_limit.show_dense_limit(lambda image, kernels: unshared_conv2d(image.T, kernels))
    assert facts["max_difference"] > 0.1


def test_stubs_end_in_a_sentence(facts, capsys):
    def stub(*args):
        raise NotImplementedError

    dense_limit.show_dense_limit(stub)
    assert "stub is not written yet. Do question 1d first" in capsys.readouterr().out
    dense_limit.show_output_size(stub)
    assert "stub is not written yet. Do question 1e first" in capsys.readouterr().out
    assert not facts
