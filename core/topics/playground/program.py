"""The settings of a run, as constants of the program in script.py.

With the same number of threads on the same machine, the program and the run give the same numbers, bit for bit:

- ``losses[k]`` is the loss of the batch of update k + 1. The metric ``loss`` of the event at step s is the mean of the
  losses of the batches from the step after the previous event to step s, weighted by the sizes of the batches, where
  step k has the batch of update k + 1. Thus, at steps 0 to 10, the metric is ``losses[step]``. The metric of the last
  event also includes the batch of an update that does not take place.
- ``train_loss`` and ``test_loss`` are the metrics of the last event with these names.
- The weights of ``network`` are those of the trained model.

If training diverges, the program stops at the first loss that is not finite. The run may stop earlier, at an event with
a gradient or a weight that is not finite, and it returns the weights of the previous event. Until then, the losses are
the same.

The program also repeats changes to settings and weights during training. The event at step s already has the gradients
for the next update, so a change to the learning rate, to the optimizer, or to a weight takes effect in update s + 1,
and a change to a penalty or to dropout in update s + 2.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from core.export.changes import constants_of_batches
from core.export.template import Code
from core.topics.playground import point_codec
from core.topics.playground.config import Feature, PlaygroundConfig
from core.topics.playground.model import build_network
from core.topics.playground.train import turned_weights
from core.training.batching import BatchPlan
from core.training.state import Change

FEATURES: dict[Feature, str] = {
    "x": "x",
    "y": "y",
    "x2": "x * x / 6",
    "y2": "y * y / 6",
    "xy": "x * y / 6",
    "sin_x": "x.sin()",
    "sin_y": "y.sin()",
}
_POINTS_PER_LINE = 3


def constants(config: PlaygroundConfig) -> dict[str, object]:
    """Return the constants of the program (name -> value) for a run with these settings."""
    same: tuple[str, ...] = ("seed", "data_seed", "threads", "data", "samples", "noise", "batch_size", "epochs")
    same += ("learning_rate", "optimizer", "regression", "loss", "l1", "l2", "dropout")
    training, validation, test = config.split_sizes
    return {name.upper(): getattr(config, name) for name in same} | {
        "N_TRAIN": training,
        "N_VALIDATION": validation,
        "N_TEST": test,
        "PATIENCE": config.early_stopping,
        "EDITED_WEIGHTS": {},
        "POINTS": _points(config) if config.data == "own" else [],
        "FEATURES": Code("\n".join(["{", *(_feature(name) for name in config.features), "}"])),
        "LAYERS": Code("\n".join(["[", *map(_layer, build_network(config)), "]"])),
    }


def changed_constants(config: PlaygroundConfig, changes: Sequence[Change]) -> dict[str, object]:
    """Return the constants of the program that differ if ``changes`` were made during the run."""
    late = ["l1", "l2", "dropout"] if config.dropout else ["l1", "l2"]
    return constants_of_batches(
        config,
        changes,
        ["learning_rate", "optimizer", *late],
        plan=lambda changes: BatchPlan(config.split_sizes[0], config.batch_size, changes, ahead=1),
        late=late,
    ) | {"EDITED_WEIGHTS": _edited_weights(config, changes)}


def _edited_weights(config: PlaygroundConfig, changes: Sequence[Change]) -> Code | dict[int, object]:
    """Return the new values of edited weights, by update, name of the tensor, and position in the tensor."""
    parameters = build_network(config).named_parameters()
    positions = [
        f'("{name}", {", ".join(map(str, position))})'
        for name, weights in parameters
        for position in np.ndindex(*weights.shape)
    ]
    lines = []
    for step in dict.fromkeys(change.step for change in changes):
        edited = turned_weights({change.name: change.value for change in changes if change.step == step})
        if edited:
            values = ", ".join(f"{positions[index]}: {value}" for index, value in edited.items())
            lines.append(f"    {step + 1}: {{{values}}},")
    comment = "  # update: positions of edited weights, and their new values"
    return Code("\n".join([f"{{{comment}", *lines, "}"])) if lines else {}


def _feature(name: Feature) -> str:
    return f'    "{name}": lambda x, y: {FEATURES[name]},'


def _layer(layer: nn.Module) -> str:
    options = ""
    if isinstance(layer, nn.Linear):
        options = f"{layer.in_features}, {layer.out_features}"
    elif isinstance(layer, nn.Dropout):
        options = "DROPOUT"
    return f"    nn.{type(layer).__name__}({options}),"


def _points(config: PlaygroundConfig) -> Code:
    xy, y = map(torch.from_numpy, point_codec.unpack(config.points))
    rows = [f"({_numbers(row)})" for row in torch.cat([xy, y[:, None]], dim=1)]
    lines = (rows[start : start + _POINTS_PER_LINE] for start in range(0, len(rows), _POINTS_PER_LINE))
    return Code("\n".join(["[", *(f"    {', '.join(line)}," for line in lines), "]"]))


def _numbers(values: Tensor) -> str:
    return ", ".join(repr(float(f"{value:.9g}")) for value in values.tolist())  # nine digits represent float32 exactly
