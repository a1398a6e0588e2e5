"""The training of the playground as a program of its own, which needs PyTorch and NumPy and nothing of this app."""

from torch import Tensor, nn

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import compute_features, make_dataset
from core.topics.playground.model import (
    OPTIMIZERS,
    build_network,
)
from core.training.batching import batches_per_epoch
from core.training.rng import Stream

_LOSSES = {
    "values": "mse_loss(answers, y)",
    "squares": "mse_loss(answers.sigmoid(), y)",
    "cross_entropy": "binary_cross_entropy_with_logits(answers, y)",
}


def training_script(config: PlaygroundConfig) -> str:
    """A Python program that trains the network of the settings on the same batches, to the same weights.

    It leaves them in ``network``, and prints the losses of the training and the test points.
    """
    parts = [_start(config), _points(config), _network(config)]
    if config.early_stopping:
        parts.append(_early_stopping(config))
    return "\n".join([*parts, _loop(config)])


def _start(config: PlaygroundConfig) -> str:
    loss = _LOSSES["values" if config.regression else config.loss]
    return f"""import numpy as np
import torch
from torch import nn
from torch.nn.functional import {loss.split("(")[0]}

torch.set_num_threads({config.threads})


def seed(*key):
    return int(np.random.SeedSequence(key).generate_state(1, np.uint64)[0] >> np.uint64(1))


def loss_of(answers, y):
    return {loss}


def measure(x, y):
    network.eval()
    with torch.no_grad():
        loss = loss_of(network(x).squeeze(1), y)
    network.train()
    return loss.item()

"""


def _points(config: PlaygroundConfig) -> str:
    """The features of the points, and their classes or values."""
    found, lines = make_dataset(config), [f"# {', '.join(config.features)} of every point, and its class or value"]
    parts = {"train": found[:2], "test": found[2:4]} | ({"validation": found[4:]} if config.early_stopping else {})
    for name, (xy, y) in parts.items():
        rows = ", ".join(f"[{_numbers(row)}]" for row in compute_features(xy, config.features))
        lines += [f"{name}_x = torch.tensor([{rows}])", f"{name}_y = torch.tensor([{_numbers(y)}])"]
    return "\n".join(lines) + "\n"


def _numbers(values: Tensor) -> str:
    return ", ".join(repr(float(f"{value:.9g}")) for value in values.tolist())  # nine digits are enough for 32 bits


def _network(config: PlaygroundConfig) -> str:
    lines = [f"torch.manual_seed(seed({config.seed}, {int(Stream.PLAYGROUND_WEIGHTS)}))", "network = nn.Sequential("]
    for layer in build_network(config):
        sizes = f"{layer.in_features}, {layer.out_features}" if isinstance(layer, nn.Linear) else ""
        share = f"{layer.p}" if isinstance(layer, nn.Dropout) else ""
        lines.append(f"    nn.{type(layer).__name__}({sizes}{share}),")
    kind, options = OPTIMIZERS[config.optimizer]
    settings = "".join(f", {name}={value}" for name, value in options.items())
    optimizer = f"optimizer = torch.optim.{kind.__name__}(network.parameters(), lr={config.learning_rate}{settings})"
    return "\n".join([*lines, ")", optimizer, ""])


def _early_stopping(config: PlaygroundConfig) -> str:
    return f"""best, since, weights = float("inf"), 0, None


def has_to_stop():
    global best, since, weights
    since += 1
    loss = measure(validation_x, validation_y)
    if loss < best:
        best, since = loss, 0
        weights = {{name: weight.clone() for name, weight in network.state_dict().items()}}
    return since == {config.early_stopping}


has_to_stop()
"""


def _loop(config: PlaygroundConfig) -> str:
    training = config.split_sizes[0]
    shuffled = f"torch.randperm({training}, generator=torch.Generator().manual_seed(seed({config.seed}, epoch)))"
    batches = f"order.split({config.batch_size})"
    if config.dropout:  # of which every update has its own
        batches = f"enumerate({batches}, epoch * {batches_per_epoch(training, config.batch_size)})"
    lines = [
        f"for epoch in range({config.epochs}):",
        f"    order = {shuffled if config.batch_size < training else f'torch.arange({training})'}",
        f"    for {'step, ' if config.dropout else ''}rows in {batches}:",
        "        x, y = train_x[rows], train_y[rows]",
    ]
    if config.dropout:
        lines.append(f"        torch.manual_seed(seed({config.seed}, {int(Stream.PLAYGROUND_DROPOUT)}, step))")
    lines.append("        loss = loss_of(network(x).squeeze(1), y)")
    added = [f"{config.l1} * w.abs().sum()"] * bool(config.l1) + [f"{config.l2} / 2 * w.square().sum()"] * bool(
        config.l2
    )
    if added:
        lines += [
            "        w = torch.cat([layer.weight.flatten() for layer in network if isinstance(layer, nn.Linear)])",
            f"        loss = loss + {' + '.join(added)}",
        ]
    lines += ["        optimizer.zero_grad()", "        loss.backward()", "        optimizer.step()"]
    if config.early_stopping:
        lines += ["    if has_to_stop():", "        break", "network.load_state_dict(weights)"]
    lines += [
        "",
        'print("training loss", measure(train_x, train_y))',
        'print("test loss", measure(test_x, test_y))',
        "",
    ]
    return "\n".join(lines)
