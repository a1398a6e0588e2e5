"""Trains a small network on points in the plane, and tells its weights often enough to draw all that it does."""

import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import nullcontext
from itertools import count

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import compute_features, make_dataset
from core.topics.playground.model import (
    build_network,
    build_optimizer,
    compute_loss,
    penalty,
)
from core.training.batching import batch_indices, batches_per_epoch
from core.training.progress import (
    Metrics,
    Progress,
    TrainedModel,
    finite,
)
from core.training.rng import Stream, seeded

MAX_EVENTS = 240  # most events in a run
N_FIRST_UPDATES = 10  # first updates, of each of which is told
BATCHES_AHEAD = 100  # batches that are made at once, which is quicker than one by one between the updates


def train(config: PlaygroundConfig) -> Generator[Progress, None, TrainedModel]:
    """Train the network of the settings; yields after each of the first updates, and at most EVENTS times in all.

    An event at step s tells of the weights after s updates, and of the batch with which the next update is made.
    Metrics: ``loss``, the mean of all batches since the last event, each with the weights of its time;
    ``gradient_norm/<k>`` of the k-th Linear layer for the batch, with what L1, L2 and dropout make of it; ``epoch``,
    the passes through the data so far; in eval mode, of all points, ``train_loss``, ``test_loss``, with early stopping
    ``validation_loss``, of classes ``train_accuracy`` and ``test_accuracy`` from 0 to 1, and of ReLU networks
    ``dead_share``, the share of hidden units that are zero for every training point. The losses are without what L1
    and L2 add.
    Arrays: ``weights`` and ``gradients``, float32 (P,): layer after layer each matrix (out, in) row by row, then its
    biases.

    With early stopping the last event tells of the best weights, those after ``best_at`` of the ``stopped_at`` updates
    that were made. If the loss, a gradient or a weight ceases to be finite, the last event is ``diverged_at`` its step
    and has no arrays; its gradient norms are those of the update that did it. Returns the last event's weights and
    metrics; after a divergence, the weights of the event before it.
    """
    network = build_network(config)
    points, stopping = _Measured(config, network), _EarlyStopping(config.early_stopping)
    parameters = list(network.parameters())
    optimizer = build_optimizer(config, parameters)
    matrices = [layer.weight for layer in network if isinstance(layer, nn.Linear)]
    weights = _in_one_piece(network)
    told, losses, seen, starts = weights.clone(), 0.0, 0, _starts(matrices)
    events, epoch = event_steps(config.updates), batches_per_epoch(config.split_sizes[0], config.batch_size)

    for step, (x, y) in zip(range(config.updates + 1), points.batches(), strict=False):
        final: dict[str, float | None] = {}
        if config.early_stopping and step % epoch == 0:
            stopping.consider(step, points.validation_loss(), weights)
            if stopping.stops or step == config.updates:
                final = {"stopped_at": step, "best_at": stopping.best_at}
                weights.copy_(stopping.weights)

        with seeded(config.seed, Stream.PLAYGROUND_DROPOUT, step) if config.dropout else nullcontext():
            loss = compute_loss(config, network(x).squeeze(1), y)
        losses, seen = losses + loss.item() * len(y), seen + len(y)
        diverged = not math.isfinite(losses)
        if not diverged:
            if config.l1 or config.l2:
                loss = loss + penalty(config, matrices)
            optimizer.zero_grad()
            loss.backward()

        if step in events or final or diverged:
            metrics = {"loss": finite(losses / seen), "epoch": step / epoch} | final | points.measure()
            gradients = torch.cat([weight.grad.flatten() for weight in parameters])
            norms = _gradient_norms(gradients, starts)
            metrics |= norms
            if diverged or None in norms.values() or not math.isfinite(weights.sum()):
                metrics |= dict.fromkeys(name for name in metrics if name.endswith(("loss", "accuracy", "share")))
                metrics |= {"diverged_at": step}
                yield Progress(step, config.updates, metrics)
                weights.copy_(told)
                break
            told, losses, seen = weights.clone(), 0.0, 0
            arrays = {"weights": told.numpy(), "gradients": gradients.numpy()}
            yield Progress(step, config.updates, metrics, arrays)
        if final:
            break
        if step < config.updates:
            optimizer.step()
    return TrainedModel({name: weight.clone() for name, weight in network.state_dict().items()}, metrics)


def event_steps(updates: int) -> set[int]:
    """Steps of which is told: the start, the first updates, then evenly spaced ones, and the last."""
    return {
        *range(min(N_FIRST_UPDATES, updates) + 1),
        *range(0, updates, -(-updates // (MAX_EVENTS - N_FIRST_UPDATES))),
        updates,
    }


class _Measured:
    """The points of a run as the network gets them, and what is measured on them."""

    def __init__(self, config: PlaygroundConfig, network: nn.Sequential):
        points = make_dataset(config)
        # What dropout does in eval mode is nothing
        self._config, self._layers = config, [layer for layer in network if not isinstance(layer, nn.Dropout)]
        self._x = compute_features(torch.cat([points.train_x, points.test_x, points.validation_x]), config.features)
        self._y = torch.cat([points.train_y, points.test_y, points.validation_y])
        self._sizes = [len(points.train_y), len(points.test_y), len(points.validation_y)]
        parts = ("train", "test", "validation") if config.early_stopping else ("train", "test")
        self._parts = dict(zip(parts, self._y.split(self._sizes), strict=False))
        self._second = {name: y > 0.5 for name, y in self._parts.items() if name != "validation"}

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Features and classes or values of the training points of every batch, for ever."""
        for first in count(step=BATCHES_AHEAD):
            rows = [
                batch_indices(self._sizes[0], self._config.batch_size, step, seed=self._config.seed)
                for step in range(first, first + BATCHES_AHEAD)
            ]
            yield from [(self._x[indices], self._y[indices]) for indices in rows]

    def validation_loss(self) -> float:
        """The loss of the points that are kept for early stopping."""
        with torch.no_grad():
            h = self._x[-self._sizes[2] :]
            for layer in self._layers:
                h = layer(h)
            return compute_loss(self._config, h.squeeze(1), self._parts["validation"]).item()

    def measure(self) -> Metrics:
        """What `train` says is measured of all points."""
        metrics: dict[str, float | None] = {}
        with torch.no_grad():
            h, dead = self._x, 0
            for layer in self._layers:
                h = layer(h)
                if isinstance(layer, nn.ReLU):
                    dead += int((h[: self._sizes[0]] == 0).all(dim=0).sum())
            for (name, y), answers in zip(self._parts.items(), h.squeeze(1).split(self._sizes), strict=False):
                metrics[f"{name}_loss"] = finite(compute_loss(self._config, answers, y))
                if not self._config.regression and name in self._second:
                    right = (answers > 0) == self._second[name]
                    metrics[f"{name}_accuracy"] = right.count_nonzero().item() / len(y)
        if self._config.activation == "relu" and self._config.layers:
            metrics["dead_share"] = dead / sum(self._config.hidden_sizes)
        return metrics


class _EarlyStopping:
    """The weights with the lowest validation loss so far, and whether there was none lower for ``patience`` epochs."""

    def __init__(self, patience: int):
        self._patience, self._lowest, self._since = patience, math.inf, 0
        self.best_at, self.weights = 0, torch.empty(0)

    def consider(self, step: int, loss: float, weights: Tensor) -> None:
        """An epoch has ended with that validation loss."""
        self._since += 1
        if loss < self._lowest:
            self._lowest, self._since, self.best_at = loss, 0, step
            self.weights = weights.clone()

    @property
    def stops(self) -> bool:
        """Whether it is time."""
        return self._since == self._patience


def _in_one_piece(network: nn.Sequential) -> Tensor:
    """All weights one after the other, float32 (P,): from now on those of the network are parts of it."""
    weights = parameters_to_vector(network.parameters()).detach()
    vector_to_parameters(weights, network.parameters())
    return weights


def _starts(matrices: Sequence[Tensor]) -> np.ndarray:
    """Where each layer begins, its matrix and then its biases, among the weights in one piece."""
    sizes = [matrix.numel() + len(matrix) for matrix in matrices]
    return np.cumsum([0, *sizes[:-1]])


def _gradient_norms(gradients: Tensor, starts: np.ndarray) -> Metrics:
    """The norm of each layer's gradient, matrix and biases together."""
    squares = np.add.reduceat(np.square(gradients.numpy(), dtype=np.float64), starts)
    return {f"gradient_norm/{number}": finite(norm) for number, norm in enumerate(np.sqrt(squares).tolist(), 1)}
