"""Train a small network on points in the plane, with enough events to animate its weights."""

import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import lru_cache
from itertools import count

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import compute_features, make_dataset
from core.topics.playground.model import build_network, build_optimizer, compute_loss, penalty
from core.topics.playground.probes import output_std, unit_metrics, update_ratios
from core.training.batching import BatchPlan
from core.training.live_settings import set_dropout, set_in_optimizer
from core.training.probes import probe_steps
from core.training.progress import Metrics, Progress, TrainedModel, finite
from core.training.rng import Stream, seeded
from core.training.state import Gradients, TrainingState, Values

WEIGHT = "weight/"
"""Prefix of the name of a manual change to one weight. The index of the weight follows the prefix."""
MAX_EVENTS = 240
N_FIRST_UPDATES = 10
"""Number of updates at the beginning of a run that have one event each."""
BATCHES_AHEAD = 100  # batches prepared at once: faster than one by one


def train(config: PlaygroundConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Train the configured network; yield progress at the steps of `event_steps`.

    An event at step s has the weights after s updates, and the gradients for the batch of the next update.

    Metrics:
    - ``loss``, the mean over all batches since the previous event. The loss of a batch is computed before its update.
    - ``gradient_norm/<k>``, the gradient norm of the k-th Linear layer for the batch of the next update, including the
      effects of L1, L2, and dropout.
    - ``epoch``, the number of epochs so far.
    - In eval mode, over all points of a split: ``train_loss``, ``test_loss``, and, with early stopping,
      ``validation_loss``; for classification, ``train_accuracy`` and ``test_accuracy``, from 0 to 1.
    - In eval mode, for ReLU networks: ``dead_share``, the fraction of hidden units whose output is zero for every
      training point.
    - At some events, the updates, units, and outputs (see `core.topics.playground.probes`).
    The losses exclude the L1 and L2 penalties.

    Arrays: ``weights`` and ``gradients``, float32 (P,), where P is the number of parameters. For each layer, they hold
    the weight matrix (out, in) row by row, then the biases.

    With early stopping, the final event has the best weights. Its metrics also include ``best_at``, the number of
    updates after which the network had these weights, and ``stopped_at``, the total number of updates.

    If the loss, a gradient, or a weight is no longer finite, the run ends. The final event then has no arrays, and has
    the metric ``diverged_at``, the step of this event. If the loss is not finite, the gradient norms are those of the
    last update.

    Returns the weights and metrics of the final event, without the measurements of `core.topics.playground.probes`.
    After a divergence, the weights are those of the previous event.
    """
    network = build_network(config)
    evaluation, stopping = _Evaluation(config, network), _EarlyStopping(config.early_stopping)
    parameters = list(network.parameters())
    matrices = [layer.weight for layer in network if isinstance(layer, nn.Linear)]
    weights, offsets = _flatten_parameters(network), _layer_offsets(matrices)
    batch_size = config.batch_size
    state = resume or TrainingState()
    kept = Values(last_weights=weights.clone(), metrics={})
    state.track(network=network, gradients=Gradients(parameters), stopping=stopping, kept=kept)
    state.current_weights = network.state_dict
    loss_sum, n_samples = 0.0, 0

    optimizer, rule = None, ""
    for config in state.phases(config):
        plan = BatchPlan(config.split_sizes[0], batch_size, state.changes, ahead=1)
        updates = plan.updates(config.epochs)
        events = event_steps(updates)
        probed, batches = probe_steps(events), evaluation.batches(plan, state.next_step)
        if optimizer is None or config.optimizer != rule:
            optimizer, rule = build_optimizer(config, parameters), config.optimizer
            state.track(optimizer=optimizer)
        set_in_optimizer(optimizer, lr=config.learning_rate)
        set_dropout(network, config.dropout)
        for index, value in turned_weights({change.name: change.value for change in state.new_changes}).items():
            weights[index] = value
        for step, (x, y) in zip(state.steps(updates), batches, strict=False):
            before = weights.numpy().copy() if step in probed else None
            if step:
                optimizer.step()  # with the gradients of the previous batch
            health = {} if before is None else update_ratios(weights.numpy(), before, offsets)
            final: dict[str, float | None] = {}
            if config.early_stopping and plan.epochs(step).is_integer():
                stopping.update(step, evaluation.validation_loss(), weights)
                if stopping.should_stop or step == updates:
                    final = {"stopped_at": step, "best_at": stopping.best_at}
                    weights.copy_(stopping.weights)

            with seeded(config.seed, Stream.PLAYGROUND_DROPOUT, step) if config.dropout else nullcontext():
                loss = compute_loss(config, network(x).squeeze(1), y)
            loss_sum, n_samples = loss_sum + loss.item() * len(y), n_samples + len(y)
            diverged = not math.isfinite(loss_sum)
            if not diverged:
                if config.l1 or config.l2:
                    loss = loss + penalty(config, matrices)
                optimizer.zero_grad()
                loss.backward()

            if step in events or state.losses_only or final or diverged:
                metrics = {
                    "loss": finite(loss_sum / n_samples),
                    "epoch": plan.epochs(step),
                    **final,
                    **evaluation.measure(health if step in probed else None),
                }
                gradients = torch.cat([weight.grad.flatten() for weight in parameters])  # type: ignore[union-attr]
                norms = _gradient_norms(gradients, offsets)
                metrics |= norms
                if diverged or None in norms.values() or not math.isfinite(weights.sum()):
                    metrics |= dict.fromkeys(name for name in metrics if name.endswith(("loss", "accuracy", "share")))
                    metrics |= {"diverged_at": step}
                    state.ended, kept.metrics = True, metrics
                    weights.copy_(kept.last_weights)
                    yield Progress(step, updates, metrics)
                    break
                state.ended, kept.metrics = bool(final), metrics
                kept.last_weights, loss_sum, n_samples = weights.clone(), 0.0, 0
                arrays = {"weights": kept.last_weights.numpy(), "gradients": gradients.numpy()}
                yield Progress(step, updates, metrics | health, arrays)
    return TrainedModel({name: weight.clone() for name, weight in network.state_dict().items()}, kept.metrics)


def turned_weights(changes: Mapping[str, float]) -> dict[int, float]:
    """Return the new values of manually changed weights, keyed by index in the ``weights`` array of an event.

    In ``changes``, the name of a weight is "weight/<index>". Other changes are ignored.
    """
    turned = {name: value for name, value in changes.items() if name.startswith(WEIGHT)}
    return {int(name.removeprefix(WEIGHT)): value for name, value in turned.items()}


@lru_cache(maxsize=32)
def initial_event(config: PlaygroundConfig) -> Progress:
    """Return the first event of a run with these settings: the untrained network."""
    training = train(config)
    event = next(training)
    training.close()
    return event


def event_steps(updates: int) -> set[int]:
    """Return the steps with an event: 0, the first updates, evenly spaced updates, and the last update."""
    spacing = -(-updates // (MAX_EVENTS - N_FIRST_UPDATES))
    return {*range(min(N_FIRST_UPDATES, updates) + 1), *range(0, updates, spacing), updates}


def last_gradient_norm(events: Sequence[Progress], config: PlaygroundConfig) -> float | None:
    """Return the norm of the whole gradient at the last event at which this norm is finite.

    Returns None if there is no such event.
    """
    names = [f"gradient_norm/{layer}" for layer in range(1, len(config.layer_sizes))]
    for event in reversed(events):
        norms = [norm for name in names if (norm := event.metrics.get(name)) is not None]
        if len(norms) == len(names):
            return math.hypot(*norms)
    return None


class _Evaluation:
    """The inputs and targets of a run, and the metrics of the network on them."""

    def __init__(self, config: PlaygroundConfig, network: nn.Sequential):
        dataset = make_dataset(config)
        # Dropout does nothing in eval mode
        self._config, self._layers = config, [layer for layer in network if not isinstance(layer, nn.Dropout)]
        self._x = compute_features(torch.cat([dataset.train_x, dataset.test_x, dataset.validation_x]), config.features)
        self._y = torch.cat([dataset.train_y, dataset.test_y, dataset.validation_y])
        self._sizes = [len(dataset.train_y), len(dataset.test_y), len(dataset.validation_y)]
        parts = ("train", "test", "validation") if config.early_stopping else ("train", "test")
        self._targets = dict(zip(parts, self._y.split(self._sizes), strict=False))
        self._is_class_1 = {name: y > 0.5 for name, y in self._targets.items() if name != "validation"}

    def batches(self, plan: BatchPlan, first_step: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the features and targets of the training batches from ``first_step`` on. The iterator is infinite."""
        for first in count(first_step, BATCHES_AHEAD):
            rows = [plan.indices(step, seed=self._config.seed) for step in range(first, first + BATCHES_AHEAD)]
            yield from [(self._x[indices], self._y[indices]) for indices in rows]

    def validation_loss(self) -> float:
        """Return the loss on the validation points."""
        with torch.no_grad():
            h = self._x[-self._sizes[2] :]
            for layer in self._layers:
                h = layer(h)
            return compute_loss(self._config, h.squeeze(1), self._targets["validation"]).item()

    def measure(self, health: dict[str, float | None] | None) -> Metrics:
        """Return the eval-mode metrics listed in `train`. Add those of the units and outputs to ``health``."""
        metrics: dict[str, float | None] = {}
        with torch.no_grad():
            h, dead, number = self._x, 0, 0
            for layer in self._layers:
                h = layer(h)
                number += isinstance(layer, nn.Linear)
                if isinstance(layer, nn.ReLU):
                    dead += int((h[: self._sizes[0]] == 0).all(dim=0).sum())
                if health is not None:
                    health |= unit_metrics(number, layer, h[: self._sizes[0]])
            if health is not None:
                health |= output_std(self._config, h[: self._sizes[0]])
            for (name, y), outputs in zip(self._targets.items(), h.squeeze(1).split(self._sizes), strict=False):
                metrics[f"{name}_loss"] = finite(compute_loss(self._config, outputs, y))
                if not self._config.regression and name in self._is_class_1:
                    correct = (outputs > 0) == self._is_class_1[name]
                    metrics[f"{name}_accuracy"] = correct.count_nonzero().item() / len(y)
        if self._config.activation == "relu" and self._config.layers:
            metrics["dead_share"] = dead / sum(self._config.hidden_sizes)
        return metrics


class _EarlyStopping(Values):
    """Early stopping: keeps the weights with the lowest validation loss, and counts epochs without a lower loss."""

    def __init__(self, patience: int):
        self._patience, self._lowest, self._epochs_since_best = patience, math.inf, 0
        self.best_at, self.weights = 0, torch.empty(0)

    def update(self, step: int, loss: float, weights: Tensor) -> None:
        """Record the weights after an epoch if ``loss``, the validation loss, is the lowest so far."""
        self._epochs_since_best += 1
        if loss < self._lowest:
            self._lowest, self._epochs_since_best, self.best_at = loss, 0, step
            self.weights = weights.clone()

    @property
    def should_stop(self) -> bool:
        """Whether ``patience`` epochs have passed without a lower validation loss."""
        return self._epochs_since_best == self._patience


def _flatten_parameters(network: nn.Sequential) -> Float32[Tensor, " parameters"]:
    """Return all parameters as one vector, and make the parameters of the network views of this vector."""
    weights = parameters_to_vector(network.parameters()).detach()
    vector_to_parameters(weights, network.parameters())
    return weights


def _layer_offsets(matrices: Sequence[Float32[Tensor, "_ _"]]) -> Int64[np.ndarray, " layers"]:
    """Return the offset of each layer (its matrix, then its biases) in the parameter vector."""
    sizes = [matrix.numel() + len(matrix) for matrix in matrices]
    return np.cumsum([0, *sizes[:-1]])


def _gradient_norms(gradients: Float32[Tensor, " parameters"], offsets: Int64[np.ndarray, " layers"]) -> Metrics:
    """Return the norm of each layer's gradient (weight matrix and biases together)."""
    squares = np.add.reduceat(np.square(gradients.numpy(), dtype=np.float64), offsets)
    return {f"gradient_norm/{number}": finite(norm) for number, norm in enumerate(np.sqrt(squares).tolist(), 1)}
