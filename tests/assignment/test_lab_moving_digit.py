"""The image-to-image networks of questions 2b and 2c, and what students see of them."""

import inspect
import sys
from types import ModuleType, SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from cnn_lab.experiments import image_maps, moving_digit
from cnn_lab.experiments.image_maps import (
    ImageMaps,
    outline,
    put,
    train_image_maps,
    untrained_image_maps,
)
from cnn_lab.experiments.notebook import FACTS
from torch import Tensor

SHIFTS = len(moving_digit.SHIFTS)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def untrained() -> ImageMaps:
    return untrained_image_maps()


@pytest.fixture(scope="module")
def trained() -> ImageMaps:
    return train_image_maps(epochs=4)


@pytest.fixture
def shown(monkeypatch) -> list[plt.Figure]:
    """The figures that are shown, before they are closed."""
    figures = []
    monkeypatch.setattr(plt, "show", lambda: figures.append(plt.gcf()))
    return figures


@pytest.fixture
def facts(monkeypatch) -> dict[str, float]:
    """The numbers that are reported."""
    reported = {}
    monkeypatch.setattr(moving_digit, "report", lambda text, **numbers: reported.update(numbers))
    return reported


@torch.no_grad()
def error_of(f, images, shift, *, margin=0) -> float:
    """What a right answer to question 2b gives."""
    border = max(map(abs, shift)) + margin
    inside = (..., slice(border, -border), slice(border, -border))
    moved = torch.roll(f(images), shift, (2, 3))[inside]
    return float((f(torch.roll(images, shift, (2, 3)))[inside] - moved).norm() / moved.norm())


def images_at(*places: tuple[int, int]) -> Tensor:
    picture = untrained_image_maps().picture(5)
    return torch.cat([put(picture, *place) for place in places])


class TestNetworks:
    def test_maps_have_the_size_of_the_images(self, untrained):
        for network in (untrained.cnn, untrained.mlp):
            assert network(torch.rand(3, 1, 24, 24)).shape == (3, 1, 24, 24)
            assert not network.training

    def test_the_receptive_field_has_the_stated_radius(self, untrained):
        image = torch.zeros(1, 1, 24, 24)
        image[0, 0, 12, 12] = 1
        rows, columns = torch.nonzero(untrained.cnn(image)[0, 0], as_tuple=True)
        assert rows.min() == columns.min() == 12 - image_maps.REACH
        assert rows.max() == columns.max() == 12 + image_maps.REACH

    def test_networks_depend_on_the_seed_alone(self):
        before = torch.get_rng_state()
        first, second, other = (untrained_image_maps(seed=seed) for seed in (1, 1, 2))
        assert torch.equal(torch.get_rng_state(), before)
        assert torch.equal(first.mlp[1].weight, second.mlp[1].weight)
        assert not torch.equal(first.mlp[1].weight, other.mlp[1].weight)

    def test_training_leaves_the_global_generators_alone(self):
        before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
        first, second = (train_image_maps(epochs=1) for _ in range(2))
        assert torch.equal(torch.get_rng_state(), before)
        assert np.array_equal(np.random.get_state()[1], numpy_before)
        assert torch.equal(first.cnn[0].weight, second.cnn[0].weight)

    def test_both_networks_learn_outlines_of_centred_digits(self, trained, untrained):
        images = put(trained.pictures.images, 8, 8)
        due = outline(images)

        def unexplained(network) -> float:
            with torch.no_grad():
                return float(((network(images) - due) ** 2).mean() / due.var())

        assert unexplained(trained.cnn) < 0.25
        assert unexplained(trained.mlp) < 0.35
        assert min(unexplained(untrained.cnn), unexplained(untrained.mlp)) > 0.6

    def test_the_course_parameters_are_as_documented(self, untrained):
        counts = [
            sum(parameter.numel() for parameter in network.parameters())
            for network in (untrained.cnn, untrained.mlp)
        ]
        assert counts == [281, 148_160]
        for count in counts:
            assert f"{count:,} parameters" in inspect.getdoc(untrained_image_maps)

    def test_the_outline_surrounds_the_digit(self):
        image = torch.zeros(1, 1, 5, 5)
        image[0, 0, 2, 2] = 1
        assert outline(image).sum() == 8
        assert outline(image)[0, 0, 2, 2] == 0

    def test_a_digit_lies_where_it_is_put(self):
        rows, columns = torch.nonzero(images_at((3, 11))[0, 0], as_tuple=True)
        assert 3 <= rows.min() <= rows.max() < 11 <= columns.min() <= columns.max() < 19

    def test_another_label_is_an_error(self, untrained):
        with pytest.raises(ValueError, match="label must be 0 to 9, not 10"):
            untrained.picture(10)


class TestMovingDigit:
    @pytest.mark.parametrize("kind", ["trained", "untrained"])
    def test_the_cnn_follows_the_digit_and_the_mlp_does_not(self, kind, request, shown, facts):
        moving_digit.show_moving_digit(request.getfixturevalue(kind))
        assert len(shown) == 1
        assert facts["digit_moved"] == 10
        assert facts[f"{kind}_cnn_moved_down"] == pytest.approx(10, abs=1e-3)
        assert facts[f"{kind}_cnn_moved_right"] == pytest.approx(10, abs=1e-3)
        assert abs(facts[f"{kind}_mlp_moved_down"]) < 2
        assert abs(facts[f"{kind}_mlp_moved_right"]) < 2

    def test_the_strip_has_one_symmetric_scale_for_all_maps(self, untrained, shown, facts):
        moving_digit.show_moving_digit(untrained)
        limits = [image.get_clim() for axis in shown[0].axes for image in axis.get_images()]
        assert len(limits) == 3 * moving_digit.STRIP
        inputs, maps = set(limits[: moving_digit.STRIP]), set(limits[moving_digit.STRIP :])
        assert inputs == {(0, 1)}
        assert len(maps) == 1
        low, high = maps.pop()
        assert low == -high < 0

    def test_the_strip_shows_what_the_networks_give(self, untrained, shown, facts):
        moving_digit.show_moving_digit(untrained)
        pictures = [image.get_array() for axis in shown[0].axes for image in axis.get_images()]
        image = images_at((0, 0))
        for row, network in enumerate((torch.nn.Identity(), untrained.cnn, untrained.mlp)):
            with torch.no_grad():
                due = network(image)[0, 0].numpy()
            np.testing.assert_allclose(pictures[row * moving_digit.STRIP], due, atol=1e-5)


@pytest.mark.usefixtures("facts")
class TestSliders:
    @pytest.fixture
    def made(self, monkeypatch) -> list[dict]:
        """A kernel and ipywidgets, as far as they are used; what is asked of `interact`."""
        calls = []
        widgets = ModuleType("ipywidgets")
        widgets.IntSlider = lambda value, low, high: SimpleNamespace(value=value, range=(low, high))
        widgets.interact = lambda draw, **sliders: calls.append({"draw": draw, **sliders})
        ipython = ModuleType("IPython")
        ipython.get_ipython = lambda: SimpleNamespace(kernel=object())
        monkeypatch.setitem(sys.modules, "ipywidgets", widgets)
        monkeypatch.setitem(sys.modules, "IPython", ipython)
        return calls

    def test_sliders_reach_every_place(self, made, untrained, shown):
        moving_digit.show_moving_digit(untrained)
        (call,) = made
        assert call["row"].range == call["column"].range == (0, 16)
        call["draw"](16, 0)
        image, *_ = (image.get_array() for axis in shown[1].axes for image in axis.get_images())
        np.testing.assert_array_equal(image, images_at((16, 0))[0, 0].numpy())

    def test_no_sliders_where_they_are_not_wanted(self, made, untrained, shown):
        moving_digit.show_moving_digit(untrained, slider=False)
        assert made == []
        assert len(shown) == 1

    def test_no_sliders_without_a_kernel(self, made, untrained, shown, monkeypatch):
        for shell in (None, SimpleNamespace()):
            monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda shell=shell: shell)
            moving_digit.show_moving_digit(untrained)
        assert made == []
        assert len(shown) == 2

    @pytest.mark.parametrize("package", ["ipywidgets", "IPython"])
    def test_no_sliders_without_the_package(self, package, made, untrained, shown, monkeypatch):
        monkeypatch.setitem(sys.modules, package, None)
        moving_digit.show_moving_digit(untrained)
        assert made == []
        assert len(shown) == 1


class TestEquivariance:
    @pytest.mark.parametrize("kind", ["trained", "untrained"])
    def test_the_cnn_is_equivariant_inside_and_the_mlp_is_not(self, kind, request, shown, facts):
        moving_digit.show_equivariance(request.getfixturevalue(kind), error_of)
        assert 0.02 < facts[f"{kind}_cnn_margin_0_max"] < 0.3
        assert facts[f"{kind}_cnn_margin_3_max"] < 1e-5
        assert facts[f"{kind}_mlp_margin_0_min"] > 0.7
        assert facts[f"{kind}_mlp_margin_3_min"] > 0.7
        assert len(shown) == 1

    def test_bars_and_their_labels_are_the_student_s_errors(self, untrained, shown, facts):
        moving_digit.show_equivariance(untrained, lambda f, images, shift, *, margin: 0.25)
        bars = shown[0].axes[0].patches
        assert [bar.get_height() for bar in bars] == [0.25] * 4 * SHIFTS
        assert [text.get_text() for text in shown[0].axes[0].texts] == ["0.25"] * 4 * SHIFTS

    def test_exact_zeros_and_rounding_errors_are_told_apart(self):
        assert [moving_digit._short(error) for error in (0.0, 3e-8, 0.104)] == [
            "0",
            "3e-08",
            "0.10",
        ]

    @pytest.mark.parametrize(
        "returned", [torch.tensor(0.1), 1, np.float32(0.1), [0.1], float("nan"), float("inf"), -0.1]
    )
    def test_a_wrong_answer_ends_in_one_sentence(self, returned, untrained, shown, facts, capsys):
        def equivariance_error(f, images, shift, *, margin=0):
            return returned

        moving_digit.show_equivariance(untrained, equivariance_error)
        said = capsys.readouterr().out
        assert said.startswith("equivariance_error should return")
        assert 'grader.check("q2b")' in said
        assert shown == []
        assert facts == {}

    def test_a_stub_ends_in_one_sentence(self, untrained, shown, facts, capsys):
        def equivariance_error(f, images, shift, *, margin=0):
            raise NotImplementedError

        moving_digit.show_equivariance(untrained, equivariance_error)
        assert "equivariance_error is not written yet" in capsys.readouterr().out
        assert shown == []


class TestFeatureMaps:
    def test_features_move_along_unchanged(self, untrained, shown, facts):
        moving_digit.show_feature_maps(untrained)
        assert facts["active_channels"] == 8
        assert facts["largest_change"] < 1e-5
        maps = [image.get_array() for axis in shown[0].axes for image in axis.get_images()]
        assert len(maps) == 3 * (1 + 8)
        first, second, _ = (maps[i : i + 9] for i in (0, 9, 18))
        for one, other in zip(first, second, strict=True):
            assert not np.array_equal(one, other)
            np.testing.assert_allclose(np.roll(one, (5, 10), (0, 1)), other, atol=1e-5)


def test_a_report_is_text_for_people_and_numbers_for_tests(untrained, shown, monkeypatch):
    sent = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: sent.append(data))
    moving_digit.show_moving_digit(untrained)
    moving_digit.show_equivariance(untrained, error_of)
    moving_digit.show_feature_maps(untrained)
    for figure in shown:
        figure.canvas.draw()  # the layout warns where something does not fit
    for data in sent:
        assert all(isinstance(number, (int, float)) for number in data[FACTS].values())
        assert max(map(len, data["text/plain"].splitlines())) <= 80
    assert "10.0" in sent[0]["text/plain"]
    assert sent[1]["text/plain"].count("\n") == SHIFTS
