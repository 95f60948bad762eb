"""Questions 2a and 2d in the notebook: networks, watched training runs, what the figures report."""

import copy

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from cnn_lab import settings
from cnn_lab.data import Data, load_data
from cnn_lab.experiments import frozen_features, training_task
from cnn_lab.experiments.frozen_features import random_features
from cnn_lab.experiments.notebook import NotReady, progress
from cnn_lab.experiments.runs import evaluate, new_cnn, run
from cnn_lab.experiments.training_task import compare_cnn_and_mlp, show_data
from cnn_lab.experiments.trials import train_and_score, train_head_and_score
from cnn_lab.networks import (
    changed_parameters,
    count_parameters,
    frozen_state,
    mlp,
    wide_cnn,
)
from torch import nn
from torch.nn import functional


@pytest.fixture(scope="module")
def data():
    """Every twelfth image: few enough to train with in no time, and sorted as all of them are."""
    every = load_data()
    return Data(*(tensor[::12] for tensor in vars(every).values()))


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Other tests run on the other cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def reported(monkeypatch):
    """What the experiments report: a list of texts and facts."""
    reports = []
    for module in (training_task, frozen_features):
        monkeypatch.setattr(module, "report", lambda text, **facts: reports.append((text, facts)))
    return reports


@pytest.fixture(autouse=True)
def figures(monkeypatch):
    """The figures shown, drawn as a notebook would; all are closed again."""
    shown = []

    def show():
        plt.gcf().canvas.draw()
        shown.append(plt.gcf())

    monkeypatch.setattr(plt, "show", show)
    yield shown
    assert not plt.get_fignums()


def build_cnn(num_classes=10):
    return nn.Sequential(
        nn.Conv2d(1, 4, 5), nn.ReLU(), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(4, 10)
    )


def train_model(model, images, labels, *, epochs, seed, rate=0.01):
    torch.manual_seed(seed)
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(trainable, lr=rate)
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            functional.cross_entropy(model(images[batch]), labels[batch]).backward()
            optimizer.step()
    return model


def scored(train, model, data, *, epochs=2, seed=0, with_curve=True):
    with progress((), "", total=epochs) as bar:
        return run(train, model, data, epochs=epochs, seed=seed, bar=bar, with_curve=with_curve)


def weights(model):
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def test_the_mlp_is_as_large_as_the_budget_allows():
    assert count_parameters(mlp(seed=0)) == (19_968, 0)
    one_unit_more = settings.SIDE**2 + 1 + settings.CLASSES
    assert 19_968 <= settings.MAX_PARAMETERS < 19_968 + one_unit_more
    assert mlp(seed=0)(torch.zeros(3, 1, 24, 24)).shape == (3, 10)


def test_the_wide_cnn_has_frozen_he_features_and_a_linear_head():
    model = wide_cnn(seed=0)
    assert count_parameters(model) == (10 * 129, 16 * 25 + 128 * 16 * 9)
    flags = {name: p.requires_grad for name, p in model.named_parameters()}
    assert all(flag == name.startswith("head.") for name, flag in flags.items())
    features = dict(model.features.named_parameters())
    assert features["conv5"].std().item() == pytest.approx((2 / 25) ** 0.5, rel=0.1)
    assert features["conv3"].std().item() == pytest.approx((2 / 144) ** 0.5, rel=0.02)
    images = torch.rand(3, 1, 24, 24)
    expected = functional.max_pool2d(functional.conv2d(images, features["conv5"], padding=2), 2)
    expected = functional.conv2d(expected.relu(), features["conv3"], padding=1).relu()
    assert torch.allclose(model.features(images)[..., 0, 0], expected.amax((2, 3)))
    assert torch.equal(model(images), model.head(model.features(images)))


@pytest.mark.parametrize("make", [mlp, wide_cnn, lambda seed: new_cnn(build_cnn, seed=seed)])
def test_a_seed_decides_the_weights_and_the_random_state_stays(make):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first = make(seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(6)
    assert torch.equal(weights(make(seed=1)), weights(first))
    assert not torch.equal(weights(make(seed=2)), weights(first))


def test_any_bit_or_flag_of_a_frozen_parameter_counts_as_a_change():
    def changes(change):
        model = wide_cnn(seed=0)
        before = frozen_state(model)
        with torch.no_grad():
            change(model)
        return changed_parameters(model, before)

    assert changes(lambda model: model.head[1].weight.add_(1)) == []
    assert changes(lambda model: model.features.conv5[0, 0, 0, 0].mul_(1 + 2e-7)) == [
        "features.conv5"
    ]
    assert changes(lambda model: model.features.conv3.requires_grad_(True)) == ["features.conv3"]
    zero = wide_cnn(seed=0)
    zero.features.conv5.zero_()
    before = frozen_state(zero)
    zero.features.conv5.neg_()
    assert changed_parameters(zero, before) == ["features.conv5"]


class Fixed(nn.Module):
    """Gives the logits that it was made with, in turn, and draws a random number each time."""

    def __init__(self, logits):
        super().__init__()
        self.logits, self.at = logits, 0
        self.part = nn.Dropout(0.5)

    def forward(self, images):
        assert not self.training
        assert not self.part.training
        assert not torch.is_grad_enabled()
        torch.rand(1)
        self.at += len(images)
        return self.logits[self.at - len(images) : self.at]


def test_accuracy_of_many_batches_with_modes_and_random_state_kept():
    labels = torch.arange(1300) % 10
    logits = functional.one_hot(labels, 10).float()
    logits[:325] = logits[:325].roll(1, 1)
    logits[325:650, 3] = torch.nan
    model = Fixed(logits)
    model.part.eval()
    before = torch.get_rng_state()
    assert evaluate(model, torch.zeros(1300, 1, 24, 24), labels) == 0.5
    assert torch.equal(torch.get_rng_state(), before)
    assert model.training
    assert not model.part.training


def test_accuracy_keeps_modes_when_the_model_fails():
    model = Fixed(torch.zeros(1, 10)).train()
    model.logits = None
    with pytest.raises(TypeError):
        evaluate(model, torch.zeros(2, 1, 24, 24), torch.zeros(2))
    assert model.part.training


def test_watching_does_not_change_the_training(data):
    plain, watched = mlp(seed=0), mlp(seed=0)
    plain[2] = watched[2] = nn.Dropout(0.3)
    train_model(plain, data.train_images, data.train_labels, epochs=2, seed=1000)
    scored(train_model, watched, data)
    assert torch.equal(weights(watched), weights(plain))
    assert not watched._forward_pre_hooks


def test_the_curve_shows_the_model_before_training_and_after_each_epoch(data):
    expected = []
    for epochs in range(4):
        model = mlp(seed=0)
        train_model(model, data.train_images, data.train_labels, epochs=epochs, seed=1000)
        expected.append(evaluate(model, data.test_images, data.test_labels))
    result = scored(train_model, mlp(seed=0), data, epochs=3)
    assert result.curve == tuple(expected)
    assert result.accuracy == expected[-1]
    assert len(set(expected)) == 4


def test_looking_in_between_is_no_training(data):
    def looks_again(model, images, labels, *, epochs, seed):
        def look(module, inputs, outputs):
            if torch.is_grad_enabled():
                with torch.no_grad():
                    model(images)

        hook = model.register_forward_hook(look)
        train_model(model, images, labels, epochs=epochs, seed=seed)
        hook.remove()
        return model

    expected = scored(train_model, mlp(seed=0), data).curve
    assert scored(looks_again, mlp(seed=0), data).curve == expected


def test_a_run_leaves_random_state_and_data_alone(data):
    def careless(model, images, labels, *, epochs, seed):
        train_model(model, images, labels, epochs=epochs, seed=seed)
        images.zero_()
        labels.zero_()
        return model

    images, labels = data.train_images.clone(), data.train_labels.clone()
    before = torch.get_rng_state()
    scored(careless, mlp(seed=0), data)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(data.train_images, images)
    assert torch.equal(data.train_labels, labels)


def test_a_run_repeats_even_if_the_training_uses_no_seed(data):
    def unseeded(model, images, labels, *, epochs, seed):
        return train_model(
            model, images, labels, epochs=epochs, seed=torch.randint(9**9, ()).item()
        )

    assert scored(unseeded, mlp(seed=0), data).curve == scored(unseeded, mlp(seed=0), data).curve


def in_eval_mode(model, images, labels, *, epochs, seed):
    model.eval()
    for parameter in model.parameters():
        model.zero_grad()
        functional.cross_entropy(model(images), labels).backward()
        parameter.data -= parameter.grad
    return model


def past_the_hooks(model, images, labels, *, epochs, seed):
    functional.cross_entropy(model.train().forward(images), labels).backward()
    return model


def with_a_copy(model, images, labels, *, epochs, seed):
    train_model(copy.deepcopy(model), images, labels, epochs=1, seed=seed)
    return model


@pytest.mark.parametrize("train", [in_eval_mode, past_the_hooks])
def test_no_curve_where_no_epochs_can_be_seen(train, data):
    with progress((), "", total=2) as bar:
        result = run(train, mlp(seed=0), data, epochs=2, seed=0, bar=bar, with_curve=True)
        assert bar.n == 2
    assert result.curve == ()
    assert 0 <= result.accuracy <= 1


@pytest.mark.parametrize(("used", "measured"), [(6, 3), (1, 2)])
def test_more_or_fewer_epochs_than_asked(used, measured, data):
    def train(model, images, labels, *, epochs, seed):
        return train_model(model, images, labels, epochs=used, seed=seed)

    with progress((), "", total=2) as bar:
        result = run(train, mlp(seed=0), data, epochs=2, seed=0, bar=bar, with_curve=True)
        assert bar.n == 2
    assert len(result.curve) == measured


def test_a_model_that_is_copied_while_it_trains(data):
    assert 0 <= scored(with_a_copy, mlp(seed=0), data).accuracy <= 1


def nothing(*arguments, **keywords):
    return None


def unwritten(*arguments, **keywords):
    raise NotImplementedError


def trains_and_returns_nothing(model, images, labels, *, epochs, seed):
    train_model(model, images, labels, epochs=epochs, seed=seed)


def returns_another(model, images, labels, *, epochs, seed):
    return copy.deepcopy(model)


def builds(thing):
    def build_cnn(num_classes=10):
        return thing

    return build_cnn


FLAT = nn.Sequential(nn.Flatten(), nn.Linear(576, 7))


class Pair(nn.Module):
    def forward(self, images):
        return images, images


@pytest.mark.parametrize(
    "case",
    [
        (nothing, train_model, "nothing is not written yet. Do question 2a first"),
        (unwritten, train_model, "unwritten is not written yet. Do question 2a first"),
        (build_cnn, nothing, "nothing is not written yet. Do question 2a first"),
        (build_cnn, unwritten, "unwritten is not written yet. Do question 2a first"),
        (
            builds([1]),
            train_model,
            "build_cnn should return a torch.nn.Module, but returned a list",
        ),
        (
            builds(FLAT),
            train_model,
            "build_cnn should return a network that maps 2 images to outputs of shape (2, 10), "
            "but returned one that maps them to outputs of shape (2, 7)",
        ),
        (builds(Pair()), train_model, "but returned one that maps them to a tuple"),
        (
            build_cnn,
            trains_and_returns_nothing,
            "trains_and_returns_nothing should return the model that it was given, "
            "but returned None",
        ),
        (
            build_cnn,
            returns_another,
            "returns_another should return the model that it was given, but returned another",
        ),
    ],
)
def test_student_functions_that_are_not_right(case, data, capsys, figures):
    build, train, sentence = case
    assert compare_cnn_and_mlp(build, train, data, [0], epochs=2) is None
    printed = capsys.readouterr().out
    assert sentence in printed
    assert printed.count("\n") == 1
    assert not figures
    with pytest.raises(NotReady):
        train_and_score(build, train, data, epochs=2)
    if build is build_cnn:
        random_features(train, data, seeds=[0], epochs=2)
        assert sentence in capsys.readouterr().out


def test_errors_of_student_functions_are_not_hidden_and_leave_no_hook(data):
    model = mlp(seed=0)

    def broken(model, images, labels, *, epochs, seed):
        model(images)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        scored(broken, model, data)
    assert not model._forward_pre_hooks


def test_comparing_cnn_and_mlp(data, reported, figures):
    result = compare_cnn_and_mlp(build_cnn, train_model, data, (0, 1), epochs=2)
    [(text, facts)] = reported
    assert [network.name for network in (result.cnn, result.mlp)] == ["CNN", "MLP"]
    for network in (result.cnn, result.mlp):
        name = network.name.lower()
        assert len(network.runs) == 2
        assert all(len(done.curve) == 3 for done in network.runs)
        assert facts[f"{name}_accuracy_mean"] == pytest.approx(np.mean(network.accuracies))
        assert facts[f"{name}_accuracy_lowest"] == min(network.accuracies)
        assert facts[f"{name}_accuracy_highest"] == max(network.accuracies)
        shown = [f"{100 * facts[f'{name}_accuracy_{kind}']:.1f} %" for kind in ("mean", "lowest")]
        row = next(line for line in text.splitlines() if line.startswith(network.name))
        assert all(cell in row for cell in shown)
    assert facts["cnn_trained_weights"] == 4 * 26 + 50
    assert "19,968" in text
    assert "2 epochs, 2 runs each" in text
    assert "more than" not in text
    expected = scored(train_model, new_cnn(build_cnn, seed=1), data, seed=1)
    assert result.cnn.runs[1].curve == expected.curve
    assert len(figures) == 1


def test_a_cnn_above_the_budget_is_told(data, reported):
    def build_wide(num_classes=10):
        return nn.Sequential(nn.Flatten(), nn.Linear(576, 35), nn.ReLU(), nn.Linear(35, 10))

    compare_cnn_and_mlp(build_wide, train_model, data, [0], epochs=1)
    assert "Your CNN has more than the 20,000 weights it may have." in reported[0][0]


@pytest.mark.parametrize("train", [in_eval_mode, past_the_hooks])
def test_figures_without_curves(train, data, reported, figures):
    assert compare_cnn_and_mlp(build_cnn, train, data, [0], epochs=1).cnn.runs[0].curve == ()
    assert len(figures) == 1


def test_a_training_that_diverges(data, reported, figures):
    def diverging(model, images, labels, *, epochs, seed):
        return train_model(model, images, labels, epochs=epochs, seed=seed, rate=torch.inf)

    result = compare_cnn_and_mlp(build_cnn, diverging, data, [0], epochs=2)
    assert result.cnn.accuracies == [0.0]
    assert len(figures) == 1


def test_random_features_against_an_mlp_trained_here(data, reported, figures):
    random_features(train_model, data, seeds=[0, 1], epochs=1, mlp_epochs=2)
    [(text, facts)] = reported
    heads = [train_head_and_score(train_model, data, epochs=1, seed=seed)[0] for seed in (0, 1)]
    assert facts["random_features_accuracy_mean"] == pytest.approx(np.mean(heads))
    mlps = [
        scored(train_model, mlp(seed=seed), data, seed=seed, with_curve=False).accuracy
        for seed in (0, 1)
    ]
    assert facts["mlp_accuracy_mean"] == pytest.approx(np.mean(mlps))
    assert facts["random_features_trained_weights"] == 1290
    assert facts["random_features_frozen_weights"] == 18_832
    assert facts["changed_parameters"] == 0
    assert "No frozen weight has changed by a bit." in text
    assert "cnn_accuracy_mean" not in facts
    assert len(figures) == 1


def test_random_features_against_what_2a_has_measured(data, reported, figures):
    comparison = compare_cnn_and_mlp(build_cnn, train_model, data, [0], epochs=1)
    calls = []

    def counted(*arguments, **keywords):
        calls.append(keywords)
        return train_model(*arguments, **keywords)

    random_features(counted, data, comparison, [0], epochs=1)
    assert len(calls) == 1
    facts = reported[1][1]
    assert facts["mlp_accuracy_mean"] == comparison.mlp.accuracies[0]
    assert facts["cnn_accuracy_mean"] == comparison.cnn.accuracies[0]
    assert len(figures) == 2


def trains_everything(model, images, labels, *, epochs, seed):
    frozen = [parameter for parameter in model.parameters() if not parameter.requires_grad]
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    train_model(model, images, labels, epochs=epochs, seed=seed)
    for parameter in frozen:
        parameter.requires_grad_(False)
    return model


def test_frozen_weights_that_changed_are_named(data, reported):
    names = ["features.conv3", "features.conv5"]
    _, changed = train_head_and_score(trains_everything, data, epochs=1)
    assert sorted(changed) == names
    random_features(trains_everything, data, seeds=[0], epochs=1, mlp_epochs=1)
    text, facts = reported[0]
    assert f"train_model has changed frozen weights: {', '.join(names)}." in text
    assert facts["changed_parameters"] == 2


def test_the_public_trials(data):
    accuracy = train_and_score(build_cnn, train_model, data, epochs=2)
    model = new_cnn(build_cnn, seed=0)
    train_model(model, data.train_images, data.train_labels, epochs=2, seed=1000)
    assert accuracy == evaluate(model, data.test_images, data.test_labels)
    head_accuracy, changed = train_head_and_score(train_model, data, epochs=15)
    assert head_accuracy > 0.5
    assert changed == []


def test_showing_the_data(data, reported, figures):
    show_data(data)
    text, facts = reported[0]
    assert facts == {"train_images": 240, "test_images": 120, "train_sorted": 1}
    assert "240 training images, sorted by class, and 120 test images" in text
    mixed = torch.randperm(240, generator=torch.Generator().manual_seed(0))
    show_data(
        Data(data.train_images[mixed], data.train_labels[mixed], data.test_images, data.test_labels)
    )
    assert reported[1][1]["train_sorted"] == 0
    assert len(figures) == 2


def test_showing_data_without_some_class(data, reported, figures):
    some = data.train_labels < 3
    show_data(
        Data(data.train_images[some], data.train_labels[some], data.test_images, data.test_labels)
    )
    assert len(figures) == 1
