"""The run makes the updates of a plain loop over the data loaders of the program."""

import pytest
import torch
from torch import nn

from core.engine import RunStore
from core.paths import CHECKPOINTS
from core.topics.workflow.config import PRESETS, WorkflowConfig
from core.topics.workflow.data import MNIST, loaders, transform
from core.topics.workflow.spellings import Network
from core.topics.workflow.train import train
from core.training.progress import run_to_end


@pytest.mark.parametrize(
    "config",
    [
        WorkflowConfig(samples=200, noise=0.2, epochs=2),
        WorkflowConfig(samples=100, shuffle=False, batch_size=30, epochs=2),
    ],
)
def test_the_losses_are_those_of_a_plain_loop(config):
    events = []
    trained = run_to_end(train(config), events.append)
    train_loader, test_loader = loaders(config)
    with torch.random.fork_rng():
        torch.manual_seed(config.seed)
        model = Network()
        optimizer = torch.optim.SGD(model.parameters(), lr=config.learning_rate)
        losses, accuracies = [], []
        for _epoch in range(config.epochs):
            for images, labels in train_loader:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(images), labels)
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            with torch.no_grad():
                ((images, labels),) = test_loader
                accuracies.append((model(images).argmax(1) == labels).double().mean().item())
    assert [event.metrics["loss"] for event in events[1:]] == losses
    assert [event.metrics["accuracy"] for event in events if "epoch" in event.metrics] == accuracies
    assert all(torch.equal(value, trained.weights[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_a_batch_is_transformed_like_its_images_one_by_one(noise):
    digits = MNIST("data", transform=transform(noise))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        single = [digits[index] for index in (3, 5, 8)]
        torch.manual_seed(0)
        batch = digits.__getitems__([3, 5, 8])
    for (image, label), (other, other_label) in zip(single, batch, strict=True):
        assert torch.equal(image, other)
        assert label == other_label


def test_the_recordings_are_what_the_lesson_says():
    """The default network learns, and a learning rate of 2 makes the loss infinite within 50 updates."""
    store = RunStore(CHECKPOINTS)
    assert store.load("workflow-mini_batch").metrics["accuracy"] > 0.9
    assert store.load("workflow-full_batch").metrics["accuracy"] > 0.8
    assert store.load("workflow-stochastic").metrics["accuracy"] > 0.8
    assert store.load("workflow-break").metrics["diverged_at"] < 50
    assert PRESETS["break"].learning_rate == 2
