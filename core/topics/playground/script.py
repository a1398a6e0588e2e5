"""Write the playground's training as a standalone program that needs only PyTorch and NumPy."""

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
    "values": "mse_loss(outputs, y)",
    "squares": "mse_loss(outputs.sigmoid(), y)",
    "cross_entropy": "binary_cross_entropy_with_logits(outputs, y)",
}


def training_script(config: PlaygroundConfig) -> str:
    """Return a Python program that trains the configured network in the same way as the app, on the same batches.

    The trained weights are the same as in the app. The program keeps the network in the variable ``network``, and
    prints the training loss and the test loss.
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


def seed(*stream):
    sequence = np.random.SeedSequence({config.seed}, spawn_key=stream)
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


def compute_loss(outputs, y):
    return {loss}


def measure(x, y):
    network.eval()
    with torch.no_grad():
        loss = compute_loss(network(x).squeeze(1), y)
    network.train()
    return loss.item()

"""


def _points(config: PlaygroundConfig) -> str:
    """Return the lines that define the features of the points and their classes or values."""
    dataset, lines = make_dataset(config), [f"# {', '.join(config.features)} of every point, and its class or value"]
    parts = {"train": dataset[:2], "test": dataset[2:4]} | (
        {"validation": dataset[4:]} if config.early_stopping else {}
    )
    for name, (xy, y) in parts.items():
        rows = ", ".join(f"[{_numbers(row)}]" for row in compute_features(xy, config.features))
        lines += [f"{name}_x = torch.tensor([{rows}])", f"{name}_y = torch.tensor([{_numbers(y)}])"]
    return "\n".join(lines) + "\n"


def _numbers(values: Tensor) -> str:
    return ", ".join(repr(float(f"{value:.9g}")) for value in values.tolist())  # nine digits represent float32 exactly


def _network(config: PlaygroundConfig) -> str:
    lines = [f"torch.manual_seed(seed({int(Stream.PLAYGROUND_WEIGHTS)}))", "network = nn.Sequential("]
    for layer in build_network(config):
        sizes = f"{layer.in_features}, {layer.out_features}" if isinstance(layer, nn.Linear) else ""
        share = f"{layer.p}" if isinstance(layer, nn.Dropout) else ""
        lines.append(f"    nn.{type(layer).__name__}({sizes}{share}),")
    optimizer, options = OPTIMIZERS[config.optimizer]
    settings = "".join(f", {name}={value}" for name, value in options.items())
    line = f"optimizer = torch.optim.{optimizer.__name__}(network.parameters(), lr={config.learning_rate}{settings})"
    return "\n".join([*lines, ")", line, ""])


def _early_stopping(config: PlaygroundConfig) -> str:
    return f"""best, epochs_since_best, weights = float("inf"), 0, None


def should_stop():
    global best, epochs_since_best, weights
    epochs_since_best += 1
    loss = measure(validation_x, validation_y)
    if loss < best:
        best, epochs_since_best = loss, 0
        weights = {{name: weight.clone() for name, weight in network.state_dict().items()}}
    return epochs_since_best == {config.early_stopping}


should_stop()
"""


def _loop(config: PlaygroundConfig) -> str:
    training = config.split_sizes[0]
    shuffled = (
        f"torch.randperm({training}, generator=torch.Generator().manual_seed(seed({int(Stream.BATCHES)}, epoch)))"
    )
    batches = f"order.split({config.batch_size})"
    if config.dropout:  # every update has its own dropout mask
        batches = f"enumerate({batches}, epoch * {batches_per_epoch(training, config.batch_size)})"
    lines = [
        f"for epoch in range({config.epochs}):",
        f"    order = {shuffled if config.batch_size < training else f'torch.arange({training})'}",
        f"    for {'step, ' if config.dropout else ''}rows in {batches}:",
        "        x, y = train_x[rows], train_y[rows]",
    ]
    if config.dropout:
        lines.append(f"        torch.manual_seed(seed({int(Stream.PLAYGROUND_DROPOUT)}, step))")
    lines.append("        loss = compute_loss(network(x).squeeze(1), y)")
    penalties = [f"{config.l1} * w.abs().sum()"] * bool(config.l1) + [f"{config.l2} / 2 * w.square().sum()"] * bool(
        config.l2
    )
    if penalties:
        lines += [
            "        w = torch.cat([layer.weight.flatten() for layer in network if isinstance(layer, nn.Linear)])",
            f"        loss = loss + {' + '.join(penalties)}",
        ]
    lines += ["        optimizer.zero_grad()", "        loss.backward()", "        optimizer.step()"]
    if config.early_stopping:
        lines += ["    if should_stop():", "        break", "network.load_state_dict(weights)"]
    lines += [
        "",
        'print("training loss", measure(train_x, train_y))',
        'print("test loss", measure(test_x, test_y))',
        "",
    ]
    return "\n".join(lines)
