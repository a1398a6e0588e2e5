"""Trains a convolutional network on digits, and asks it what it can read meanwhile."""

import copy
from collections.abc import Generator, Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from core.evaluation.inspection import logits
from core.evaluation.metrics import accuracy
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.data import (
    MOST,
    SHOWN,
    SOME,
    Batch,
    Digits,
)
from core.topics.mnist_cnn.training_step import (
    network_of,
    optimizer_of,
    update,
)
from core.training.batching import batches_per_epoch, evaluation_steps
from core.training.cpu_optimizations import memory_format, precision
from core.training.progress import (
    Metrics,
    Progress,
    TrainedModel,
    finite,
)
from core.training.rng import Stream, seeded
from core.training.schedules import learning_rates

EVENTS = 2_000  # most events in a run
PATIENCE = 3  # epochs without a better validation after which a run stops early


def train(config: CNNConfig) -> Generator[Progress, None, TrainedModel]:
    """Train the network of the settings; yields after every update (of long runs, at most EVENTS times).

    Metrics: ``loss`` of the batch before its update, and the ``learning_rate`` of that. At keyframes ``some/train`` and
    ``some/test``, the share of SOME digits that are read in eval mode. At the end of every ``epoch``
    ``accuracy/train`` (of at most MOST digits), ``accuracy/test`` (all 10,000), ``accuracy/validation`` with early
    stopping, and ``accuracy/without_eval`` if it is asked for. ``diverged_at`` if the loss ceases to be finite: the
    run ends there. With ``hardest``, before the first update, ``sifted``: the share of the compact network's training
    that is done; and when it is, the array ``hardest``, int32 (at most SHOWN, 2): indices of the hardest training
    digits, and what the compact network takes them for. Arrays at keyframes: ``probabilities`` float16 (SHOWN, 10) of
    the first test digits, and ``filters``, the first layer's weights (out, k, k).

    Returns the weights (with averaging their average, with early stopping the best ones), and the metrics of their
    epoch, whose accuracies are measured in 32 bits. Raises what `core.topics.mnist_cnn.model.check` raises.
    """
    plain = config.in_32_bits
    digits, network = Digits(config), network_of(config)
    optimizer = optimizer_of(config, network)
    rates = learning_rates(config.schedule, config.updates)
    asked, average = network, None
    if config.averaging:
        average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(config.averaging), use_buffers=True)
        asked = average.module
    epoch = batches_per_epoch(config.learnt, config.batch_size)
    keyframes, spacing = keyframe_steps(config), -(-config.updates // EVENTS)
    best, kept, since = -1.0, None, 0

    yield Progress(0, config.updates, *_look(config, asked, digits))
    if config.hardest < 1:
        yield from sift(config, digits)
    for step in range(1, config.updates + 1):
        rate = config.learning_rate * rates[step - 1]
        loss = learn(config, network, optimizer, digits, step=step, rate=rate)
        if average:
            average.update_parameters(network)

        metrics: dict[str, float | None] = {"loss": loss, "learning_rate": rate}
        arrays: dict[str, np.ndarray] = {}
        if loss is None:
            yield Progress(step, config.updates, metrics | {"diverged_at": step})
            break
        if step in keyframes:
            seen, arrays = _look(config, asked, digits)
            metrics |= seen
        if step % epoch == 0:
            how = plain if step == config.updates else config
            metrics |= {"epoch": step // epoch} | _examine(how, asked, digits)
            validated = metrics.get("accuracy/validation")
            if validated is not None:
                since += 1
                if validated > best:
                    best, kept, since = validated, (copy.deepcopy(asked.state_dict()), dict(metrics)), 0
        if step % spacing == 0 or arrays or "epoch" in metrics:
            yield Progress(step, config.updates, metrics, arrays)
        if since == PATIENCE:
            break

    final: dict[str, float | None] = {"updates": step} | ({"diverged_at": step} if loss is None else {})
    if kept:
        weights, metrics = kept
        asked.load_state_dict(weights)
    if kept or loss is None:
        metrics |= _examine(plain, asked, digits)
    return TrainedModel(asked.state_dict(), metrics | final)


def sift(config: CNNConfig, digits: Digits) -> Iterator[Progress]:
    """Train the compact network on all training digits; those on which it then loses most are learnt from, alone.

    Sets ``digits.learnt``, and yields what `train` says. Source: Coleman et al., "Selection via Proxy", ICLR 2020.
    """
    first = config.sifter
    its_digits, network = Digits(first), network_of(first)
    optimizer = optimizer_of(first, network)
    for step, rate in enumerate(learning_rates(first.schedule, first.updates), 1):
        learn(first, network, optimizer, its_digits, step=step, rate=first.learning_rate * rate)
        if step % 8 == 0:
            yield Progress(0, config.updates, {"sifted": step / first.updates})
    x, y = its_digits.trained(slice(None))
    found = answers(first, network, x)
    order = cross_entropy(found, y, reduction="none").argsort(descending=True, stable=True)
    digits.learnt = torch.zeros(len(order), dtype=torch.bool).index_fill(0, order[: config.learnt], True)
    hardest = torch.stack([digits.chosen[order], found.argmax(dim=1)[order]], dim=1)[: min(SHOWN, config.learnt)]
    yield Progress(0, config.updates, {"sifted": 1.0}, {"hardest": hardest.int().numpy()})


def learn(
    config: CNNConfig,
    network: nn.Sequential,
    optimizer: Optimizer,
    digits: Digits,
    *,
    step: int,
    rate: float,
) -> float | None:
    """Make an update with this learning rate. Returns the loss before it, or None if that is not finite."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    x, y = digits.batch(step - 1)
    with seeded(config.seed, Stream.MNIST_CNN_DROPOUT, step):
        return finite(update(config, network, optimizer, x, y))


def keyframe_steps(config: CNNConfig) -> set[int]:
    """Updates after which some digits are asked: soon after the beginning, then evenly spaced, and at the end."""
    learnt = config.updates * config.batch_size
    return evaluation_steps(config.updates, n_trained=learnt, n_evaluated=2 * SOME, first=(1, 2, 4, 8, 16))


def answers(config: CNNConfig, network: nn.Sequential, x: Tensor, **how: bool | int) -> Tensor:
    """`core.evaluation.inspection.logits` with the numbers and the layout in memory that the network is trained with."""
    with precision(config.tricks):
        return logits(network, x.to(memory_format=memory_format(config.tricks)), **how).float()


def evaluate_accuracy(config: CNNConfig, network: nn.Sequential, batch: Batch, **how: bool | int) -> float:
    """Share of the digits whose label gets the highest number. An answer that is no number is wrong."""
    x, y = batch
    return accuracy(answers(config, network, x, **how), y)


def _look(config: CNNConfig, network: nn.Sequential, digits: Digits) -> tuple[Metrics, dict[str, np.ndarray]]:
    """Ask some digits of both sets."""
    x, y = digits.tested(slice(SOME))
    found = answers(config, network, x)
    some = {
        "some/train": evaluate_accuracy(config, network, digits.trained(slice(SOME))),
        "some/test": accuracy(found, y),
    }
    arrays = {"probabilities": found[:SHOWN].softmax(dim=1).half().numpy()}
    arrays["filters"] = network.conv1.weight[:, 0].detach().contiguous().numpy().copy()
    return some, arrays


def _examine(config: CNNConfig, network: nn.Sequential, digits: Digits) -> dict[str, float]:
    """Ask all test digits, and many training digits, at the end of an epoch."""
    found = {
        "accuracy/train": evaluate_accuracy(config, network, digits.trained(slice(MOST))),
        "accuracy/test": evaluate_accuracy(config, network, digits.tested()),
    }
    if config.early_stopping:
        found["accuracy/validation"] = evaluate_accuracy(config, network, digits.validated())
    if config.without_eval:
        # As the tutorial measures it: dropout stays on
        found["accuracy/without_eval"] = evaluate_accuracy(
            config, network, digits.tested(), training_mode=True, seed=config.seed
        )
    return found
