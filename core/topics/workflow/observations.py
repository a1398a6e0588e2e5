"""What each line of the program has made or changed: numbers, text, shapes, and arrays for the page.

An observer takes the names of the program after the line has run, and the model's parameters and gradients before it.
"""

import math
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.topics.workflow.data import MEAN, MNIST, STD

Namespace = dict[str, Any]
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


def _array(tensor: Tensor) -> np.ndarray:
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
        stages.append({"step": type(step).__name__, "first": _array(x[0, 0])} | describe(x.as_subclass(Tensor)))
    return {"stages": stages, "n": N_STATISTICS}


def _data(name: str) -> Callable[[Namespace, Snapshot], dict[str, Any]]:
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
    return {"text": repr(conv), "parameters": _parameters(conv), "filters": _array(conv.weight[:, 0])}


def _fc(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    fc = names["model"].fc
    maps = fc.weight[0].unflatten(0, (8, 14, 14))
    return {"text": repr(fc), "parameters": _parameters(fc), "maps": _array(maps)}


def _forward(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    return {"shape": tuple(names["x"].shape)}


def _relu(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    x, maps = names["x"], names["result"].detach()
    return {
        "before": tuple(x.shape),
        "after": describe(maps),
        "pixels": pixels(x[:1]),
        "maps": _array(maps[0]),
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


def _optimizer(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    (group,) = names["optimizer"].param_groups
    return {"text": repr(names["optimizer"]), "tensors": len(group["params"]), "learning_rate": group["lr"]}


def _epochs(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    config = names["config"]
    return {"epochs": config.epochs, "per_epoch": len(names["train_loader"]), "updates": config.updates}


def _mode(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    return {"training": names["model"].training}


def _gradients(gradients: dict[str, Tensor], model: nn.Module) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "shape": tuple(value.shape),
            "norm": gradients[name].norm().item() if name in gradients else None,
        }
        for name, value in model.named_parameters()
    ]


def _zero_grad(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    return {"first": _gradients(Snapshot.of(names["model"]).gradients, names["model"])}


def _cleared(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    """Call ``zero_grad`` as before the second update, and compare the gradients before and after it."""
    model = names["model"]
    full = _gradients(Snapshot.of(model).gradients, model)
    names["optimizer"].zero_grad()
    return {"before": full, "after": _gradients(Snapshot.of(model).gradients, model)}


def _outputs(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    outputs = names["outputs"]
    return {
        "outputs": describe(outputs.detach()),
        "first": outputs[0].tolist(),
        "label": int(names["labels"][0]),
        "pixels": pixels(names["images"][:1]),
        "grad_fn": type(outputs.grad_fn).__name__,
    }


def _loss(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    probabilities = names["outputs"].softmax(1)
    chosen = probabilities[torch.arange(len(probabilities)), names["labels"]]
    return {
        "loss": names["loss"].item(),
        "guessing": math.log(10),
        "probability": chosen[0].item(),
        "of_first": -math.log(chosen[0].item()),
        "grad_fn": type(names["loss"].grad_fn).__name__,
    }


def _backward(names: Namespace, before: Snapshot) -> dict[str, Any]:
    model = names["model"]
    now = Snapshot.of(model)
    try:
        names["loss"].backward()
        again = ""
    except RuntimeError as error:
        again = str(error)
    return {
        "before": _gradients(before.gradients, model),
        "after": _gradients(now.gradients, model),
        "filters": _array(now.weights["conv.weight"][:, 0]),
        "gradient": _array(now.gradients["conv.weight"][:, 0]),
        "again": again,
    }


def _step(names: Namespace, before: Snapshot) -> dict[str, Any]:
    model, rate = names["model"], names["config"].learning_rate
    after, gradients = Snapshot.of(model).weights, before.gradients
    changes = {name: value - before.weights[name] for name, value in after.items()}
    errors = [(changes[name] + rate * gradients[name]).abs().max().item() for name in changes]
    position = (0, 0, 1, 1)
    return {
        "learning_rate": rate,
        "rows": [
            {
                "name": name,
                "gradient": gradients[name].norm().item(),
                "expected": rate * gradients[name].norm().item(),
                "change": changes[name].norm().item(),
            }
            for name in changes
        ],
        "largest_error": max(errors),
        "example": {
            "name": f"conv.weight[{', '.join(map(str, position))}]",
            "before": before.weights["conv.weight"][position].item(),
            "gradient": gradients["conv.weight"][position].item(),
            "after": after["conv.weight"][position].item(),
        },
        "filters_before": _array(before.weights["conv.weight"][:, 0]),
        "gradients": _array(gradients["conv.weight"][:, 0]),
        "filters_after": _array(after["conv.weight"][:, 0]),
    }


def _append(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    return {"losses": list(names["losses"])}


def _no_grad(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    outputs = names["model"](names["images"][:N_IMAGES])
    return {"enabled": torch.is_grad_enabled(), "requires_grad": outputs.requires_grad, "grad_fn": outputs.grad_fn}


def _correct(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    images, labels = next(iter(names["test_loader"]))
    predictions = names["model"](images[:32]).argmax(1)
    return {
        "correct": names["correct"],
        "total": len(names["test_data"]),
        "pixels": pixels(images[:32]),
        "predictions": predictions.tolist(),
        "labels": labels[:32].tolist(),
    }


def _save(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    rows = [
        {"name": name, "shape": tuple(value.shape), "dtype": str(value.dtype), "first": value.flatten()[:3].tolist()}
        for name, value in names["model"].state_dict().items()
    ]
    with zipfile.ZipFile(names["file"]) as archive:
        records = archive.namelist()
    return {"rows": rows, "bytes": names["file"].stat().st_size, "records": records}


def _compared(names: Namespace) -> dict[str, Any]:
    images = names["images"][:N_IMAGES]
    with torch.no_grad():
        own, other = names["model"](images), names["restored"](images)
    return {
        "difference": (own - other).abs().max().item(),
        "model": own[0].tolist(),
        "restored": other[0].tolist(),
        "label": int(names["labels"][0]),
    }


def _restored(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    return _compared(names)


def _load(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    own, other = names["model"].state_dict(), names["restored"].state_dict()
    equal = {name: torch.equal(value, other[name]) for name, value in own.items()}
    return _compared(names) | {"message": str(names["_"]), "equal": equal}


OBSERVERS: dict[str, Callable[[Namespace, Snapshot], dict[str, Any]]] = {
    "import_torch": lambda _names, _before: {"version": torch.__version__.split("+")[0]},
    "seed": _seed,
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
    "optimizer": _optimizer,
    "epochs": _epochs,
    "train_mode": _mode,
    "batches": _batch,
    "zero_grad": _zero_grad,
    "cleared": _cleared,
    "outputs": _outputs,
    "loss": _loss,
    "backward": _backward,
    "step": _step,
    "append": _append,
    "eval_mode": _mode,
    "no_grad": _no_grad,
    "correct": _correct,
    "print_accuracy": _print_model,
    "save": _save,
    "restored": _restored,
    "load": _load,
    "compare": _restored,
}
"""The role of a line -> its observer. "cleared" is no line: it observes ``zero_grad`` before a second update."""
