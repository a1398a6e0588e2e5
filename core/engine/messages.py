"""Progress as a message of plain values, and back: numbers as they are, arrays as bytes."""

from typing import Any

import numpy as np

from core.progress import Progress


def encode(event: Progress) -> dict[str, Any]:
    """A dictionary that msgpack can carry. NumPy numbers become Python's."""
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
    """The event that was encoded; its arrays are read-only."""
    arrays = {
        name: np.frombuffer(data, dtype).reshape(shape) for name, (dtype, shape, data) in message["arrays"].items()
    }
    return Progress(message["step"], message["total"], message["metrics"], arrays)
