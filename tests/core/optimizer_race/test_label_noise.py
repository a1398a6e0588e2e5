"""Label noise: the lowest loss without memorization, and the optimizers that go below it."""

import numpy as np
import pytest
import torch

from core.topics.optimizer_race.label_noise import (
    last_epoch_losses,
    loss_without_memorization,
    memorizing_optimizers,
    sampling_error,
    wrong_label_fraction,
)
from core.training.batched.results import Results
from tests.core.optimizer_race.helpers import SMALL, run

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.5, 0.9])
def test_the_figures_are_those_of_sampled_labels(noise):
    random = torch.Generator().manual_seed(0)
    labels = torch.where(
        torch.rand(200_000, generator=random) < noise, torch.randint(0, 10, (200_000,), generator=random), 3
    )
    probabilities = torch.full((10,), noise / 10)
    probabilities[3] += 1 - noise
    losses = -probabilities[labels].log()
    assert wrong_label_fraction(noise) == pytest.approx(float((labels != 3).double().mean()), abs=0.005)
    assert loss_without_memorization(noise) == pytest.approx(float(losses.mean()), abs=0.01)
    assert sampling_error(noise, 400) == pytest.approx(float(losses.std() / 20), abs=0.002)


def test_the_loss_of_the_last_epoch_is_the_mean_over_its_updates():
    config = SMALL.changed(optimizers="adam", rates=1, noise=0.5)  # it is measured at each of its 2 x 40 updates
    events, _ = run(config)
    medians = [float(np.median(event.arrays["train"])) for event in events[-40:]]
    results = Results.from_events(config, events)
    losses = last_epoch_losses(results)
    assert losses == {"adam": pytest.approx(np.mean(medians), rel=1e-5)}
    assert memorizing_optimizers(losses, config.noise, config.samples) == []
    assert memorizing_optimizers({"sgd": 3.0, "adam": 0.1}, config.noise, config.samples) == ["adam"]
    assert last_epoch_losses(Results.from_events(config, events[:41])) == {}
