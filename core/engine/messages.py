"""Encode messages between a worker and the server: events as plain values, weights as safetensors."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import safetensors.torch
from torch import Tensor

from core.training.progress import Progress


def encode(event: Progress) -> dict[str, Any]:
    """Return an event as a dictionary that msgpack can serialize.

    NumPy numbers become Python numbers. Each array becomes a tuple (dtype, shape, bytes).
    """
    return {
        "step": int(event.step),
        "total": int(event.total),
        "metrics": {name: None if value is None else float(value) for name, value in event.metrics.items()},
        "arrays": {
            name: (array.dtype.str, list(array.shape), np.ascontiguousarray(array).tobytes())
            for name, array in event.arrays.items()
        },
    }


def decode(message: dict[str, Any]) -> Progress:
    """Return the event that `encode` converted to ``message``. The arrays of the event are read-only."""
    arrays = {
        name: np.frombuffer(data, dtype).reshape(shape) for name, (dtype, shape, data) in message["arrays"].items()
    }
    return Progress(message["step"], message["total"], message["metrics"], arrays)


def pack(weights: Mapping[str, Tensor]) -> bytes:
    """Return weights as bytes in the safetensors format.

    The tensors may have any memory layout and may be on any device.
    """
    return safetensors.torch.save({name: weight.detach().cpu().contiguous() for name, weight in weights.items()})
