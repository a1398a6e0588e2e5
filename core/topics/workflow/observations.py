"""What the lines of the parts Data and Model have made or changed: numbers, text, shapes, and arrays.

An observer takes the names of the program after the line has run, and the model's parameters and gradients before it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.topics.workflow.data import MEAN, MNIST, STD

Namespace = dict[str, Any]
"""The names in the program, and config (settings), printed (the printed texts), and file (the path of the file)."""
N_IMAGES = 64
"""Maximum number of images of a batch in the facts."""
N_STATISTICS = 1_000
"""Number of training digits whose mean and standard deviation are measured after each transform."""
_N_ORDER = 16


@dataclass(frozen=True)
class Snapshot:
    """Copies of a model's parameters and gradients, by name. A gradient that is not set is missing."""

    weights: dict[str, Tensor] = field(default_factory=dict)
    gradients: dict[str, Tensor] = field(default_factory=dict)

    @classmethod
    def of(cls, model: nn.Module) -> "Snapshot":
        """Copy the parameters and gradients of a model."""
        parameters = dict(model.named_parameters())
        return cls(
            {name: value.detach().clone() for name, value in parameters.items()},
            {name: value.grad.clone() for name, value in parameters.items() if value.grad is not None},
        )


Observer = Callable[[Namespace, Snapshot], dict[str, Any]]
"""A function from the names after a line and the `Snapshot` before it to facts, by name."""


def describe(tensor: Tensor) -> dict[str, Any]:
    """Return the shape, data type, and range of a tensor, and the mean and standard deviation of floats."""
    facts: dict[str, Any] = {
        "shape": tuple(tensor.shape),
        "dtype": str(tensor.dtype),
        "min": tensor.min().item(),
        "max": tensor.max().item(),
    }
    if tensor.is_floating_point():
        facts |= {"mean": tensor.mean().item(), "std": tensor.std(correction=0).item()}
    return facts


def pixels(images: Tensor) -> np.ndarray:
    """Return normalized images (N, 1, 28, 28) as uint8 (N, 28, 28), from 0 (black) to 255 (white)."""
    return ((images.detach()[:, 0] * STD + MEAN).clamp(0, 1) * 255).round().byte().numpy()


def array(tensor: Tensor) -> np.ndarray:
    """Return a copy of a tensor, which later updates do not change."""
    return tensor.detach().clone().numpy()


def _seed(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    return {"seed": torch.initial_seed(), "numbers": torch.rand(4).tolist()}


def _to_tensor(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    image, _label = MNIST("data")[0]
    tensor, array = names["to_tensor"](image), np.asarray(image)
    row = slice(5, 6), slice(12, 18)
    return {
        "before": {"type": "PIL.Image", "size": image.size, "min": int(array.min()), "max": int(array.max())},
        "after": describe(tensor),
        "pixels": array[None],
        "row_before": array[row][0].tolist(),
        "row_after": tensor[0][row][0].tolist(),
    }


def _transform(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    steps = names["transform"].transforms
    x = MNIST("data").data[:N_STATISTICS].unsqueeze(1)
    stages = []
    for step in steps:
        x = step(x)
        stages.append({"step": type(step).__name__, "first": array(x[0, 0])} | describe(x.as_subclass(Tensor)))
    return {"stages": stages, "n": N_STATISTICS}


def _data(name: str) -> Observer:
    def observe(names: Namespace, _before: Snapshot) -> dict[str, Any]:
        data = names[name]
        items = [data[index] for index in range(32)]
        return {
            "length": len(data),
            "item": describe(items[0][0]),
            "pixels": pixels(torch.stack([image for image, _label in items])),
            "labels": [label for _image, label in items],
        }

    return observe


def _train_loader(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    data, loader = names["train_data"], names["train_loader"]
    n_digits = len(data)
    torch.empty((), dtype=torch.int64).random_()  # as a loop over the loader does first
    shuffled = torch.utils.data.RandomSampler(data)
    orders = {"False": list(range(_N_ORDER)), "True": list(shuffled)[:_N_ORDER]}
    digits = MNIST("data")
    return {
        "batches": len(loader),
        "batch_size": min(loader.batch_size, n_digits),
        "last": n_digits - (len(loader) - 1) * loader.batch_size,
        "shuffle": names["config"].shuffle,
        "orders": {
            name: {
                "indices": indices,
                "pixels": digits.data[indices].numpy(),
                "labels": digits.targets[indices].tolist(),
            }
            for name, indices in orders.items()
        },
    }


def _batch(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    images, labels = names["images"], names["labels"]
    return {
        "images": describe(images),
        "before_normalize": describe(images * STD + MEAN),
        "labels": describe(labels),
        "pixels": pixels(images[:N_IMAGES]),
        "digits": labels[:N_IMAGES].tolist(),
        "item": tuple(images.shape[1:]),
    }


def _grid(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    grid = names["grid"]
    shown = (grid[:, : 8 * 30 + 2] * 255).round().byte().permute(1, 2, 0)
    labels = names["labels"][:N_IMAGES].tolist()
    rows = [labels[start : start + 8] for start in range(0, len(labels), 8)]
    return {"grid": describe(grid), "picture": shown.numpy(), "rows": rows}


def _parameters(module: nn.Module) -> list[dict[str, Any]]:
    return [
        {"name": name, "shape": tuple(value.shape), "count": value.numel()} for name, value in module.named_parameters()
    ]


def _conv(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    conv = names["model"].conv
    return {"text": repr(conv), "parameters": _parameters(conv), "filters": array(conv.weight[:, 0])}


def _fc(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    fc = names["model"].fc
    maps = fc.weight[0].unflatten(0, (8, 14, 14))
    return {"text": repr(fc), "parameters": _parameters(fc), "maps": array(maps)}


def _forward(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    return {"shape": tuple(names["x"].shape)}


def _relu(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    x, maps = names["x"], names["result"].detach()
    return {
        "before": tuple(x.shape),
        "after": describe(maps),
        "pixels": pixels(x[:1]),
        "maps": array(maps[0]),
        "zeros": (maps == 0).double().mean().item(),
    }


def _logits(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    x, logits = names["x"], names["result"]
    return {
        "shapes": [tuple(x.shape), tuple(x.flatten(1).shape), tuple(logits.shape)],
        "outputs": logits[0].tolist(),
        "label": int(names["labels"][0]),
    }


def _model(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    rows = _parameters(names["model"])
    return {"parameters": rows, "total": sum(row["count"] for row in rows)}


def _print_model(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    return {"text": names["printed"][-1]}


OBSERVERS: dict[str, Observer] = {
    "import_torch": lambda _names, _before: {"version": torch.__version__.split("+")[0]},
    "seed": _seed,
    "seed_again": _seed,
    "to_tensor": _to_tensor,
    "transform": _transform,
    "train_data": _data("train_data"),
    "test_data": _data("test_data"),
    "train_loader": _train_loader,
    "test_loader": lambda names, _before: {"batches": len(names["test_loader"])},
    "batch": _batch,
    "grid": _grid,
    "conv": _conv,
    "fc": _fc,
    "forward": _forward,
    "relu": _relu,
    "logits": _logits,
    "model": _model,
    "print_model": _print_model,
    "batches": _batch,
}
"""The role of a line in the parts Data and Model -> its observer."""
