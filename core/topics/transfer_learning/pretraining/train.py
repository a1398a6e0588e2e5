"""Pretraining: train networks on all labels of the source tasks. The app includes the trained networks."""

from collections.abc import Generator
from functools import cache

import safetensors.torch
from torch import Tensor, optim
from torch.nn.functional import cross_entropy

from core.compression import read_bytes
from core.paths import CHECKPOINTS
from core.topics.transfer_learning.config import CLASSES, Domain
from core.topics.transfer_learning.data import held_out_samples, load, random_shift
from core.topics.transfer_learning.model import accuracy, build
from core.topics.transfer_learning.pretraining.config import PretrainingConfig
from core.training.batching import batch_indices
from core.training.progress import Progress, TrainedModel, finite
from core.training.schedules import learning_rates
from core.training.state import TrainingState, Values

MAX_EVENTS = 50
N_TESTED = 10_000  # largest number of test images


def train(config: PretrainingConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Train the network of a source task; yield progress about MAX_EVENTS times.

    Metrics: ``loss``, the loss of the batch before its update, and, at the end, ``accuracy/test``, the test accuracy.
    """
    split, network = load(config.domain, "train"), build(CLASSES.get(config.domain, 10), config.seed)
    adam = optim.Adam(network.parameters())
    rates, spacing = learning_rates("onecycle", config.updates), -(-config.updates // MAX_EVENTS)
    state = resume or TrainingState()
    kept = Values(loss=None)
    state.track(network=network, optimizer=adam, kept=kept)
    if not state.resumed:
        yield Progress(0, config.updates, {})
    for step in state.updates(config.updates):
        adam.param_groups[0]["lr"] = config.learning_rate * rates[step - 1]
        x, y = split.batch(batch_indices(len(split.labels), config.batch_size, step - 1, seed=config.seed))
        loss = cross_entropy(network(random_shift(x, config.shifts, config.seed, step)), y)
        adam.zero_grad()
        loss.backward()
        adam.step()
        if step % spacing == 0 or step == config.updates:
            kept.loss = finite(loss.detach())
            yield Progress(step, config.updates, {"loss": kept.loss})
    test_accuracy = accuracy(network, *held_out_samples(config.domain, N_TESTED, noise=0.0))
    return TrainedModel(network.state_dict(), {"loss": kept.loss, "accuracy/test": test_accuracy})


@cache
def pretrained_weights(domain: Domain) -> dict[str, Tensor]:
    """Return the pretrained weights for a source task, keyed by name. The weights are from a recorded run."""
    return safetensors.torch.load(
        read_bytes(CHECKPOINTS / f"transfer_learning.pretraining-{domain}" / "weights.safetensors")
    )
