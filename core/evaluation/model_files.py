"""Files of trained weights: safetensors with a model card inside, read back as untrusted input."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import safetensors.torch
import torch
from pydantic import ValidationError
from safetensors import SafetensorError
from torch import Tensor, nn

from core.aliases import current_name
from core.errors import CoreError
from core.training.config import RunConfig
from core.training.progress import Metrics

Config = TypeVar("Config", bound=RunConfig)
Network = TypeVar("Network", bound=nn.Module)

_MAX_METRICS = 100
_MAX_NAME = 60  # maximum number of characters of a name in an error message
_DTYPES = {torch.float16, torch.bfloat16, torch.float32, torch.float64}


@dataclass(frozen=True)
class ModelCard(Generic[Config]):
    """A description of trained weights.

    The description holds the topic, the settings, and the final metrics of the run that trained the weights. It also
    holds the name of the dataset, the PyTorch version, and a date. If the run has ended, ``date`` is the time at which
    it ended. Otherwise, ``date`` is the time at which the weights were exported.
    """

    topic: str
    config: Config
    metrics: Metrics
    data: str
    date: str  # ISO 8601
    torch: str = torch.__version__

    def as_json(self) -> str:
        """Return the card as a JSON string."""
        card = {name: getattr(self, name) for name in ("topic", "data", "date", "torch")}
        return json.dumps(
            card | {"config": self.config.model_dump(mode="json"), "metrics": dict(self.metrics)}, indent=1
        )


def write(weights: Mapping[str, Tensor], card: ModelCard) -> bytes:
    """Return the content of a safetensors file that holds the weights, with the card in its metadata."""
    named = {name: weight.detach().contiguous() for name, weight in weights.items()}
    return safetensors.torch.save(named, metadata={"card": card.as_json()})


def read(data: bytes, topic: str, config_class: type[Config]) -> tuple[dict[str, Tensor], ModelCard[Config]]:
    """Read the weights and the card from the content of a safetensors file made by `write`. No code is executed.

    ``data`` is the content of the file. ``topic`` is the expected topic, and ``config_class`` is its settings class.
    Raises CoreError "weights_pickle", "weights_damaged", "weights_without_card", "weights_of_another_topic" (with
    ``topic``, the topic in the card), "weights_newer" (with ``name``, a setting that is not valid in this version),
    "weights_unfit" (for a data type that no network in the app uses), or "weights_not_finite". This function does not
    check whether the weights fit a network; `load_weights` does.
    """
    try:
        weights = safetensors.torch.load(data)
        # The format: eight bytes with the length of the header, then the header as JSON
        metadata = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")]).get("__metadata__") or {}
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError, OverflowError, RecursionError):
        # Checked after loading fails: one in 32 safetensors files begins with b"\x80" too
        pickled = data.startswith((b"PK\x03\x04", b"\x80"))
        raise CoreError("weights_pickle" if pickled else "weights_damaged") from None
    if "card" not in metadata:
        raise CoreError("weights_without_card")
    try:
        card = json.loads(metadata["card"])
        if current_name(card["topic"]) != topic:
            raise CoreError("weights_of_another_topic", topic=str(card["topic"])[:40])
        metrics = {
            str(name)[:60]: float(value)
            for name, value in list(card["metrics"].items())[:_MAX_METRICS]
            if isinstance(value, int | float) and _is_plausible(name, value)
        }
        texts = {name: str(card[name])[:60] for name in ("data", "date", "torch")}
        read_card = ModelCard(topic, config_class.model_validate(card["config"]), metrics, **texts)
    except ValidationError as error:
        name = ".".join(map(str, error.errors()[0]["loc"])) or "config"
        raise CoreError("weights_newer", name=name[:_MAX_NAME]) from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise CoreError("weights_without_card") from None
    for name, weight in weights.items():
        if weight.dtype not in (_DTYPES | {torch.int64} if name.endswith("num_batches_tracked") else _DTYPES):
            raise CoreError("weights_unfit", name=name, expected="float32", given=_describe(weight))
    if not all(bool(weight.isfinite().all()) for weight in weights.values()):
        raise CoreError("weights_not_finite")
    return weights, read_card


def _is_plausible(name: str, value: float) -> bool:
    """Return whether a metric is finite and, if it is an accuracy, in 0..1."""
    return abs(value) <= sys.float_info.max and (not name.startswith("accuracy/") or 0 <= value <= 1)


def _describe(weight: Tensor) -> str:
    return f"{str(weight.dtype).removeprefix('torch.')} {tuple(weight.shape)}"


def load_weights(network: Network, weights: Mapping[str, Tensor]) -> Network:
    """Load weights into a network, and return the network, frozen and in eval mode.

    The weights are converted to the data types of the network. Raises CoreError "weights_missing" or
    "weights_unexpected" (with ``name``), or "weights_unfit" (with ``name``, ``expected``, and ``given``) if a shape
    differs.
    """
    own = network.state_dict()
    for code, names in (("weights_missing", own.keys() - weights), ("weights_unexpected", weights.keys() - own)):
        if names:
            raise CoreError(code, name=min(names)[:_MAX_NAME])
    if names := {name for name, weight in own.items() if weights[name].shape != weight.shape}:
        name = min(names)
        raise CoreError("weights_unfit", name=name, expected=_describe(own[name]), given=_describe(weights[name]))
    network.load_state_dict({name: weight.to(own[name].dtype) for name, weight in weights.items()})
    return network.eval().requires_grad_(False)
