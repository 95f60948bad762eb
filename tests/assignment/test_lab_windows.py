"""The figures and numbers of question 1d: what windows learn with and without weight sharing."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from cnn_lab.experiments import place_training, places, windows
from cnn_lab.experiments.place_training import PATTERNS, PLACES, Weights, make_images, train
from torch.nn import functional


def unshared_conv2d(image, kernels):
    cut = np.lib.stride_tricks.sliding_window_view(image, kernels.shape[2:])
    return (cut * kernels).sum((2, 3))


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Tests run side by side, and torch's threads would wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def facts(monkeypatch):
    reported = {}
    for module in (windows, places):
        monkeypatch.setattr(module, "report", lambda text, **numbers: reported.update(numbers))
    return reported


def random_weights(count):
    generator = torch.Generator().manual_seed(0)
    shapes = (count, 9, 8), (count, 1, 8), (8, 8), (8,)
    return Weights(*(torch.randn(shape, generator=generator) for shape in shapes))


def test_equal_kernels_are_compared_with_torch(facts):
    windows.show_unshared_windows(unshared_conv2d)
    assert facts["places"] == 14 * 14
    assert facts["max_difference"] < 1e-12


def test_a_flipped_window_is_seen(facts):
    windows.show_unshared_windows(lambda image, kernels: unshared_conv2d(image.T, kernels))
    assert facts["max_difference"] > 0.1


def test_the_output_shows_what_each_side_looks_for(monkeypatch):
    maps = []

    def remember(image, kernels):
        maps.append(unshared_conv2d(image, kernels))
        return maps[-1]

    windows.show_unshared_windows(remember)
    shared, unshared = maps
    assert np.array_equal(shared[:, :7], unshared[:, :7])
    assert np.abs(shared[:, 7:] - unshared[:, 7:]).max() > 1


@pytest.mark.parametrize(
    ("convolve", "sentence"),
    [
        (lambda image, kernels: None, "is not written yet. Do question 1d first"),
        (lambda image, kernels: unshared_conv2d(image, kernels)[1:], "shape (13, 14)"),
        (lambda image, kernels: torch.zeros(14, 14), "returned a Tensor"),
    ],
)
def test_an_answer_that_is_no_output_ends_in_a_sentence(convolve, sentence, facts, capsys):
    windows.show_unshared_windows(convolve)
    assert sentence in capsys.readouterr().out
    assert not facts
    assert not plt.get_fignums()


def test_an_unshared_layer_learns_fixed_places_and_a_shared_one_cannot(facts):
    places.run_fixed_place((3,), steps=70)
    assert facts["fixed_place_shared_weights"] == 152
    assert facts["fixed_place_unshared_weights"] == 20_552
    assert facts["fixed_place_unshared_test_percent"] > 97
    assert facts["fixed_place_unshared_steps"] <= 60
    assert facts["fixed_place_shared_test_percent"] < 20
    assert "fixed_place_shared_steps" not in facts


def test_a_shared_layer_learns_a_pattern_anywhere_and_an_unshared_one_memorises(facts):
    places.run_any_place((3,), steps=120)
    assert facts["any_place_shared_test_percent"] > 95
    assert facts["any_place_shared_steps"] <= 90
    assert facts["any_place_unshared_test_percent"] < 35
    assert facts["any_place_unshared_train_percent"] > facts["any_place_unshared_test_percent"] + 10
    assert "any_place_unshared_steps" not in facts


def test_the_weights_that_move_are_those_at_the_places_of_the_classes():
    run = train(anywhere=False, shared=False, seed=0, steps=60)
    moved = (run.end.kernels - run.start.kernels).square().sum((1, 2)).reshape(16, 16)
    near = torch.zeros(16, 16, dtype=torch.bool)
    for row, column in PLACES:
        near[row - 1 : row + 4, column - 1 : column + 4] = True
    assert moved[near].sum() > 0.95 * moved.sum()


def test_a_run_depends_on_its_seed_alone():
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    first = train(anywhere=True, shared=False, seed=5, steps=10)
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.manual_seed(2)
    again = train(anywhere=True, shared=False, seed=5, steps=10)
    other = train(anywhere=True, shared=False, seed=6, steps=10)
    assert all(map(torch.equal, first.end, again.end))
    assert first.accuracies == again.accuracies
    assert first.steps == [0, 5, 10]
    assert not torch.equal(first.end.kernels, other.end.kernels)


def test_a_step_follows_the_gradient_with_momentum(monkeypatch):
    """Torch's own optimizer takes the same steps."""
    run = train(anywhere=False, shared=True, seed=0, steps=3)
    monkeypatch.setattr(place_training, "_starting_weights", lambda places, generator: run.start)
    ours = train(anywhere=False, shared=True, seed=0, steps=3)

    data = make_images(600, np.random.default_rng(0), anywhere=False)
    generator = torch.Generator().manual_seed(0)
    theirs = Weights(*(part.clone().requires_grad_() for part in run.start))
    optimizer = torch.optim.SGD(theirs, lr=0.05, momentum=0.9)
    for _ in range(3):
        batch = torch.randint(600, (32,), generator=generator)
        optimizer.zero_grad()
        logits = theirs.logits(data.windows[:, batch])
        functional.cross_entropy(logits, data.labels[batch]).backward()
        optimizer.step()
    for our, their in zip(ours.end, theirs, strict=True):
        torch.testing.assert_close(our, their.detach())


def test_one_kernel_for_all_places_is_a_convolution():
    weights = random_weights(1)
    images = make_images(6, np.random.default_rng(0), anywhere=True)
    maps = functional.conv2d(
        images.pixels[:, None],
        weights.kernels[0].T.reshape(8, 1, 3, 3),
        weights.biases[0, 0],
        padding=1,
    )
    torch.testing.assert_close(weights.features(images.windows), maps.relu().amax((2, 3)))


def test_equal_kernels_of_their_own_are_a_shared_kernel():
    shared = random_weights(1)
    unshared = shared._replace(
        kernels=shared.kernels.expand(256, -1, -1), biases=shared.biases.expand(256, -1, -1)
    )
    windows_of_images = make_images(6, np.random.default_rng(0), anywhere=False).windows
    expected = shared.logits(windows_of_images)
    torch.testing.assert_close(unshared.logits(windows_of_images), expected)


def test_the_class_decides_the_place_or_the_pattern():
    fixed = make_images(2000, np.random.default_rng(0), anywhere=False)
    for label, (row, column) in enumerate(PLACES):
        mean = fixed.pixels[fixed.labels == label].mean(0)
        patch = mean[row : row + 3, column : column + 3].numpy().copy()
        assert np.abs(patch - PATTERNS[0]).max() < 0.15
        mean[row : row + 3, column : column + 3] = 0
        assert mean.abs().max() < 0.15
    free = make_images(2000, np.random.default_rng(0), anywhere=True)
    for label, pattern in enumerate(PATTERNS):
        chosen = np.flatnonzero(free.labels.numpy() == label)
        patches = [
            free.pixels[i, r : r + 3, c : c + 3]
            for i, (r, c) in zip(chosen, free.corners[chosen], strict=True)
        ]
        assert np.abs(torch.stack(patches).mean(0).numpy() - pattern).max() < 0.15
    assert {tuple(corner) for corner in free.corners} == set(np.ndindex(14, 14))


def test_the_patterns_differ():
    assert len({pattern.tobytes() for pattern in PATTERNS}) == 8
