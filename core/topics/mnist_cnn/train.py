"""Training of a convolutional network on digits, with evaluations during training."""

import copy
from collections.abc import Generator, Iterator
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from core.evaluation import inspection
from core.evaluation.metrics import accuracy
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.data import EVAL_SUBSET, N_SHOWN, N_TEST, TRAIN_EVAL_SUBSET, Digits, EvaluationSet
from core.topics.mnist_cnn.model import check
from core.topics.mnist_cnn.snapshots import ARRAY as SNAPSHOT
from core.topics.mnist_cnn.snapshots import pack, snapshot_steps
from core.topics.mnist_cnn.training_step import (
    TUNER,
    build_network,
    build_optimizer,
    resolve,
    same_cost,
    seconds_for_transforms,
    update,
)
from core.training.batching import BatchPlan, evaluation_steps
from core.training.cpu_optimizations import memory_format, precision
from core.training.device import device_of
from core.training.live_settings import set_dropout, set_in_optimizer
from core.training.loop import training_loop
from core.training.progress import Metrics, Progress, TrainedModel, finite
from core.training.rng import Stream, seeded
from core.training.schedules import learning_rates
from core.training.state import TrainingState, Values

PATIENCE = 3
"""Number of epochs without a higher validation accuracy after which early stopping ends the run."""
_PROXY_EVENT_INTERVAL = 8  # updates of the compact network between two events during the selection


def train(config: CNNConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Train the configured network; yield progress after every update or, in long runs, after every few updates.

    Metrics:
    - ``loss``, the loss of the batch before the update, and ``learning_rate``, the learning rate of the update.
    - At keyframes (see `keyframe_steps`), ``some/train`` and ``some/test``: the accuracy on at most EVAL_SUBSET
      training digits and on EVAL_SUBSET test digits, in eval mode.
    - At the end of an epoch: ``epoch`` (the number of completed epochs), ``accuracy/train`` (on at most
      TRAIN_EVAL_SUBSET digits), and ``accuracy/test`` (on all 10,000 digits). With early stopping, also
      ``accuracy/validation``. With the setting ``without_eval``, also ``accuracy/without_eval`` (on all test digits, in
      training mode).
    - At some keyframes, the gradients, updates, and units of each layer (see `core.training.probes`).
    - ``diverged_at``, the update whose loss is not finite. The run ends at this update.
    - ``sifted``, before the first update, if ``keep_fraction`` is below 1. A compact network is then trained to select
      the hardest digits. The metric is the completed fraction of this training.

    Arrays:
    - At keyframes, ``probabilities``, float16 (N_SHOWN, 10): the class probabilities of the first test digits.
    - At keyframes, ``filters``, float32 (channels, k, k): the weights of the first layer for its first input channel.
    - At some keyframes, unless the network is large, ``weights``, float16: all weights of the network (see
      `core.topics.mnist_cnn.snapshots`).
    - At the end of the selection, ``hardest``, int32 (at most N_SHOWN, 2): the indices of the hardest training digits,
      and the classes that the compact network predicts for them.

    Returns the final weights and metrics. With early stopping, these are the weights and metrics of the epoch with the
    highest validation accuracy. With ``ema_decay`` above 0, the returned weights are moving averages. The returned
    accuracies are computed in float32.

    Raises the same errors as `core.topics.mnist_cnn.model.check`.
    """
    digits, network = Digits(config), build_network(config)
    optimizer = build_optimizer(config, network)
    evaluated, average = network, None
    if config.ema_decay:
        average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(config.ema_decay), use_buffers=True)
        evaluated = cast(nn.Sequential, average.module)
    state = resume or TrainingState()
    kept = Values(metrics={}, diverged={}, best_accuracy=-1.0, best=None, epochs_since_best=0)
    state.track(network=network, optimizer=optimizer, digits=digits, kept=kept)
    if average:
        state.track(average=average)
    state.current_weights = evaluated.state_dict

    if not state.resumed:
        yield Progress(0, config.updates, *_evaluate_subset(config, evaluated, digits))
    if config.keep_fraction < 1 and digits.selected is None:
        yield from select_hardest(config, digits, state)

    snapshots: set[int] = set()  # future updates after which a snapshot is taken

    def begin(config: CNNConfig, plan: BatchPlan) -> None:
        digits.plan = plan
        snapshots.clear()
        snapshots.update(snapshot_steps(keyframe_steps(config, plan.updates(config.epochs)), evaluated))
        set_in_optimizer(optimizer, weight_decay=config.weight_decay)
        if config.network == "own":
            set_dropout(network, config.dropout)
            set_dropout(evaluated, config.dropout)

    def update(config: CNNConfig, step: int, rate: float) -> float | None:
        loss = learn(config, network, optimizer, digits, step=step, rate=rate)
        if average:
            average.update_parameters(network)
        return loss

    def evaluate_some(config: CNNConfig) -> tuple[Metrics, dict[str, np.ndarray]]:
        metrics, arrays = _evaluate_subset(config, evaluated, digits)
        return metrics, arrays | ({SNAPSHOT: pack(evaluated)} if state.step in snapshots else {})

    def evaluate_epoch(config: CNNConfig, metrics: dict[str, float | None], last: bool) -> None:
        metrics |= _evaluate_all(config.in_32_bits if last else config, evaluated, digits)
        validated = metrics.get("accuracy/validation")
        if validated is not None:
            kept.epochs_since_best += 1
            if validated > kept.best_accuracy:
                kept.best_accuracy, kept.epochs_since_best = validated, 0
                kept.best = (copy.deepcopy(evaluated.state_dict()), dict(metrics))
            state.ended = last or kept.epochs_since_best == PATIENCE

    yield from training_loop(
        config,
        state,
        kept,
        samples=config.n_selected,
        network=network,
        evaluated=evaluated,
        begin=begin,
        update=update,
        keyframes=keyframe_steps,
        evaluate_some=evaluate_some,
        evaluate_all=evaluate_epoch,
    )
    metrics = kept.metrics
    if kept.best:
        weights, metrics = kept.best
        evaluated.load_state_dict(weights)
    if kept.best or "accuracy/test" not in metrics:
        metrics |= _evaluate_all(config.in_32_bits, evaluated, digits)
    return TrainedModel(evaluated.state_dict(), metrics | {"updates": state.step} | kept.diverged)


def select_hardest(config: CNNConfig, digits: Digits, state: TrainingState) -> Iterator[Progress]:
    """Train a compact network on all training digits, and select the digits with the highest loss.

    Sets ``digits.selected``. Yields progress as described in `train`.

    Source: Coleman et al., "Selection via Proxy", ICLR 2020.
    """
    proxy = config.proxy_config
    proxy_digits, network = Digits(proxy), build_network(proxy)
    optimizer = build_optimizer(proxy, network)
    rates, proxy_state = learning_rates(proxy.schedule, proxy.updates), TrainingState()
    proxy_state.track(network=network, optimizer=optimizer)
    state.track(proxy=proxy_state)
    for step in proxy_state.updates(proxy.updates):
        learn(proxy, network, optimizer, proxy_digits, step=step, rate=proxy.learning_rate * rates[step - 1])
        if step % _PROXY_EVENT_INTERVAL == 0:
            yield Progress(0, config.updates, {"sifted": step / proxy.updates})
    x, y = proxy_digits.train_subset(slice(None))
    outputs = logits(proxy, network, x)
    order = cross_entropy(outputs, y, reduction="none").argsort(descending=True, stable=True)
    digits.selected = torch.zeros(len(order), dtype=torch.bool).index_fill(0, order[: config.n_selected], True)
    shown = order[: min(N_SHOWN, config.n_selected)]
    hardest = torch.stack([digits.train_indices[shown], outputs.argmax(dim=1)[shown]], dim=1)
    state.forget("proxy")
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
    """Perform update ``step`` (counted from 1) with the learning rate ``rate``.

    Returns the loss before the update, or None if this loss is not finite.
    """
    set_in_optimizer(optimizer, lr=rate)
    x, y = digits.batch(step - 1)
    with seeded(config.seed, Stream.MNIST_CNN_DROPOUT, step):
        return finite(update(config, network, optimizer, x, y))


# ---- Evaluation


def keyframe_steps(config: CNNConfig, updates: int | None = None) -> set[int]:
    """Return the keyframes: the updates after which subsets of the training and test digits are evaluated.

    These are a few early updates, evenly spaced updates, and the last update. ``updates``, the number of updates in the
    run, is required only if the batch size was changed during the run.
    """
    updates = updates or config.updates
    n_trained = updates * config.batch_size
    return evaluation_steps(updates, n_trained=n_trained, n_evaluated=2 * EVAL_SUBSET, first=(1, 2, 4, 8, 16))


def logits(
    config: CNNConfig, network: nn.Sequential, x: Tensor, *, training_mode: bool = False, seed: int = 0
) -> Tensor:
    """Return the logits of the network for digits ``x``, as float32 (N, CLASSES).

    The precision and the memory format of the computation are those used for training. For ``training_mode`` and
    ``seed``, see `core.evaluation.inspection.logits`.
    """
    with precision(config.cpu_optimizations, device_of(network)):
        x = x.to(memory_format=memory_format(config.cpu_optimizations))
        return inspection.logits(network, x, training_mode=training_mode, seed=seed).float()


def evaluate_accuracy(
    config: CNNConfig, network: nn.Sequential, batch: EvaluationSet, *, training_mode: bool = False, seed: int = 0
) -> float:
    """Return the accuracy, from 0 to 1, on a batch. A digit whose logits are not finite counts as misclassified.

    For ``training_mode`` and ``seed``, see `core.evaluation.inspection.logits`.
    """
    x, y = batch
    return accuracy(logits(config, network, x, training_mode=training_mode, seed=seed), y)


def _evaluate_subset(
    config: CNNConfig, network: nn.Sequential, digits: Digits
) -> tuple[Metrics, dict[str, np.ndarray]]:
    """Evaluate up to EVAL_SUBSET training digits and EVAL_SUBSET test digits."""
    x, y = digits.test_subset(slice(EVAL_SUBSET))
    outputs = logits(config, network, x)
    accuracies = {
        "some/train": evaluate_accuracy(config, network, digits.train_subset(slice(EVAL_SUBSET))),
        "some/test": accuracy(outputs, y),
    }
    filters = inspection.filters(network, "conv1")[:, 0].contiguous().numpy()
    return accuracies, {"probabilities": outputs[:N_SHOWN].softmax(dim=1).half().numpy(), "filters": filters}


def _evaluate_all(config: CNNConfig, network: nn.Sequential, digits: Digits) -> dict[str, float]:
    """Evaluate all test digits and up to TRAIN_EVAL_SUBSET training digits."""
    accuracies = {
        "accuracy/train": evaluate_accuracy(config, network, digits.train_subset(slice(TRAIN_EVAL_SUBSET))),
        "accuracy/test": evaluate_accuracy(config, network, digits.test_subset()),
    }
    if config.early_stopping:
        accuracies["accuracy/validation"] = evaluate_accuracy(config, network, digits.validation_set())
    if config.without_eval:
        # As the tutorial does: dropout stays on
        accuracies["accuracy/without_eval"] = evaluate_accuracy(
            config, network, digits.test_subset(), training_mode=True, seed=config.seed
        )
    return accuracies


# ---- Time


def estimate_seconds(config: CNNConfig) -> float:
    """Estimate how many seconds a run takes on this machine if it does not stop early.

    Raises the same errors as `core.topics.mnist_cnn.model.check`.
    """
    check(config)
    update_seconds, same = TUNER.seconds_per_update(config), same_cost(config)
    transforms = seconds_for_transforms(same) * same.batch_size
    # Evaluating a digit takes a third of the time of training on it; in float32, up to twice as long
    per_digit = update_seconds / 3 / same.batch_size
    per_epoch = min(TRAIN_EVAL_SUBSET, config.samples) + N_TEST * (1 + config.without_eval) + config.validation
    evaluated = len(keyframe_steps(config)) * 2 * EVAL_SUBSET + (config.epochs + 1) * per_epoch
    total = config.updates * (update_seconds + transforms) + evaluated * per_digit
    return total + (_selection_seconds(resolve(config).proxy_config) if config.keep_fraction < 1 else 0)


def _selection_seconds(proxy: CNNConfig) -> float:
    """Return the seconds to train the compact network and to evaluate all training digits."""
    update_seconds = TUNER.seconds_per_update(proxy)
    return proxy.updates * update_seconds + proxy.samples * update_seconds / 3 / same_cost(proxy).batch_size
