"""What the lines of the parts Optimize and Save have made or changed (see `core.topics.workflow.observations`)."""

import math
import zipfile
from typing import Any

import torch
from torch import Tensor, nn

from core.topics.workflow.observations import N_IMAGES, Namespace, Observer, Snapshot, array, describe, pixels


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
        "filters": array(now.weights["conv.weight"][:, 0]),
        "gradient": array(now.gradients["conv.weight"][:, 0]),
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
        "filters_before": array(before.weights["conv.weight"][:, 0]),
        "gradients": array(gradients["conv.weight"][:, 0]),
        "filters_after": array(after["conv.weight"][:, 0]),
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


def _printed(names: Namespace, _before: Snapshot) -> dict[str, Any]:
    return {"text": names["printed"][-1]}


OPTIMIZE_OBSERVERS: dict[str, Observer] = {
    "optimizer": _optimizer,
    "epochs": _epochs,
    "train_mode": _mode,
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
    "print_accuracy": _printed,
    "save": _save,
    "restored": _restored,
    "load": _load,
    "compare": _restored,
}
"""The role of a line -> its observer. "cleared" is no line: it observes ``zero_grad`` before a second update."""
