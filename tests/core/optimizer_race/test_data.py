"""Data of batched networks: label noise, digits, and the validation and test splits."""

import math

import numpy as np
import pytest
import torch

from core.data import datasets
from core.topics.optimizer_race.config import OptimizerRaceConfig
from core.training.batched.data import VALIDATION_SIZE, DataSplits
from tests.core.optimizer_race.helpers import RANDOM, SMALL, run, small_run

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("noise", [0.0, 0.3, 0.9])
def test_label_noise_replaces_its_share_of_the_training_labels_alone(noise):
    config = OptimizerRaceConfig(noise=noise)
    data, true = DataSplits(config), datasets.load("mnist", "train").labels
    x, y = data.training_samples(torch.arange(50_000))
    # A random label is the right one in one of ten cases; five standard errors
    share = float((y != true[:50_000]).double().mean())
    assert share == pytest.approx(0.9 * noise, abs=5 * math.sqrt(0.25 / 50_000) * bool(noise))
    if noise:
        wrong = y[y != true[:50_000]]
        counts = wrong.bincount(minlength=10) / len(wrong)
        np.testing.assert_allclose(counts, 0.1, atol=0.01)
    assert torch.equal(x, DataSplits(OptimizerRaceConfig()).training_samples(torch.arange(50_000))[0])
    assert torch.equal(data.validation()[1], true[50_000 : 50_000 + VALIDATION_SIZE])
    assert torch.equal(data.test()[1], datasets.load("mnist", "test").labels)
    assert torch.equal(DataSplits(config).training_samples(torch.arange(50_000))[1], y)


@pytest.mark.parametrize("full_size", [False, True])
def test_pictures_are_the_digits_from_0_to_1(full_size):
    data = DataSplits(OptimizerRaceConfig(full_size=full_size, hidden_size=1))
    side = 28 if full_size else 14
    for (x, _y), split, first in ((data.validation(), "train", 50_000), (data.test(), "test", 0)):
        images = datasets.load("mnist", split).images[first : first + len(x)].float()[:, None] / 255
        expected = torch.nn.functional.avg_pool2d(images, 28 // side).flatten(1)
        torch.testing.assert_close(x, expected, rtol=0, atol=0.51 / 255)
        assert (float(x.min()), float(x.max())) == (0, 1)


def test_nothing_is_trained_on_what_judges(updates):
    config = OptimizerRaceConfig(optimizers="sgd", rates=1, seeds=1, batch_size=5_000, hidden_size=1)
    run(config)
    pictures = datasets.downsampled("mnist", "train").float() / 255
    trained = {row.tobytes() for update in updates[0] for row in update.x.numpy()}
    assert trained == {row.tobytes() for row in pictures[:50_000].numpy()}
    x, _y = DataSplits(config).validation()
    torch.testing.assert_close(x, pictures[50_000 : 50_000 + VALIDATION_SIZE])
    assert not trained & {row.tobytes() for row in x.numpy()}


def test_the_best_rates_are_chosen_without_the_test_set(monkeypatch):
    events, model = small_run()
    monkeypatch.setattr(DataSplits, "test", lambda self: (torch.rand(500, 196), torch.zeros(500, dtype=torch.int64)))
    others, changed = run(SMALL)
    assert [event.metrics for event in events] == [event.metrics for event in others]
    different = {name for name, value in model.metrics.items() if value != changed.metrics[name]}
    assert different == {"test/sgd", "test/momentum", "test/adam"}
    assert all(torch.equal(weights, changed.weights[name]) for name, weights in model.weights.items())


def test_the_best_rates_are_chosen_by_the_validation_split(monkeypatch):
    """Other validation data select other learning rates."""
    original = DataSplits.validation
    monkeypatch.setattr(DataSplits, "validation", lambda self: (original(self)[0], (original(self)[1] + 1) % 10))
    _events, model = run(SMALL)
    monkeypatch.undo()
    # The network that has learned least has the lowest loss on wrong labels
    assert model.metrics["rate/momentum"] == model.metrics["rate/sgd"] == 0.01
    _events, model = small_run()
    assert model.metrics["rate/sgd"] == 0.1


def test_random_targets_are_validated_on_the_training_data():
    events, model = run(RANDOM, batch_size=100)
    data = DataSplits(RANDOM)
    x, y = data.validation()
    assert torch.equal(x, data.training_samples(torch.arange(100))[0])
    assert data.test() is None
    assert (x.shape, y.shape) == ((100, 1000), (100, 10))
    assert float(y.std()) == pytest.approx(1, rel=0.05)
    assert model.weights == {}
    assert not any(name.startswith(("test/", "accuracy")) for name in model.metrics)
    # With one batch in a pass, the training loss of an update equals the validation loss before it
    validation_loss, train_loss = (events[at].arrays[what] for at, what in ((4, "validation_loss"), (5, "train")))
    np.testing.assert_allclose(validation_loss, train_loss, rtol=1e-4)
