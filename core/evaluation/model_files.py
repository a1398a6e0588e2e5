"""Trained weights as a file that people keep: safetensors with a card inside, read back without trusting it."""

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

from core.errors import CoreError
from core.topics.aliases import current_name
from core.training.config import RunConfig
from core.training.progress import Metrics

Config = TypeVar("Config", bound=RunConfig)
Network = TypeVar("Network", bound=nn.Module)

_MOST_METRICS = 100
_KINDS = {torch.float16, torch.bfloat16, torch.float32, torch.float64}


@dataclass(frozen=True)
class Card(Generic[Config]):
    """What belongs to trained weights: the topic and the settings of the run, its final figures, data and date."""

    topic: str
    config: Config
    metrics: Metrics
    data: str
    date: str  # ISO 8601
    torch: str = torch.__version__

    def as_json(self) -> str:
        """The card for people and programs."""
        card = {name: getattr(self, name) for name in ("topic", "data", "date", "torch")}
        return json.dumps(
            card | {"config": self.config.model_dump(mode="json"), "metrics": dict(self.metrics)}, indent=1
        )


def write(weights: Mapping[str, Tensor], card: Card) -> bytes:
    """A safetensors file with the card in its metadata."""
    named = {name: weight.detach().contiguous() for name, weight in weights.items()}
    return safetensors.torch.save(named, metadata={"card": card.as_json()})


def read(data: bytes, topic: str, kind: type[Config]) -> tuple[dict[str, Tensor], Card[Config]]:
    """The weights and the card of a file that `write` made, for a topic with such settings. Nothing in it is executed.

    Raises CoreError "weights_pickle", "weights_damaged", "weights_without_card", "weights_of_another_topic",
    "weights_unfit" for numbers of a kind that no network here has, or "weights_not_finite". Whether the weights fit a
    certain network says whoever builds it.
    """
    try:
        weights = safetensors.torch.load(data)
        # The format: eight bytes with the length of the header, and the header as JSON
        metadata = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")]).get("__metadata__") or {}
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError, OverflowError, RecursionError):
        # Only now: one in 32 files of safetensors begins with b"\x80" too
        pickled = data.startswith((b"PK\x03\x04", b"\x80"))
        raise CoreError("weights_pickle" if pickled else "weights_damaged") from None
    if "card" not in metadata:
        raise CoreError("weights_without_card")
    try:
        card = json.loads(metadata["card"])
        if current_name(card["topic"]) != topic:
            raise CoreError("weights_of_another_topic", topic=str(card["topic"])[:40])
        figures = {
            str(name)[:60]: float(value)
            for name, value in list(card["metrics"].items())[:_MOST_METRICS]
            if isinstance(value, int | float) and _is_plausible(name, value)
        }
        texts = {name: str(card[name])[:60] for name in ("data", "date", "torch")}
        read_card = Card(topic, kind.model_validate(card["config"]), figures, **texts)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, ValidationError):
        raise CoreError("weights_without_card") from None
    for name, weight in weights.items():
        if weight.dtype not in (_KINDS | {torch.int64} if name.endswith("num_batches_tracked") else _KINDS):
            raise CoreError("weights_unfit", name=name, expected="float32", given=_form(weight))
    if not all(bool(weight.isfinite().all()) for weight in weights.values()):
        raise CoreError("weights_not_finite")
    return weights, read_card


def _is_plausible(name: str, value: float) -> bool:
    """Whether a figure is finite, and an accuracy a share."""
    return abs(value) <= sys.float_info.max and (not name.startswith("accuracy/") or 0 <= value <= 1)


def _form(weight: Tensor) -> str:
    return f"{str(weight.dtype).removeprefix('torch.')} {tuple(weight.shape)}"


def fill(network: Network, weights: Mapping[str, Tensor]) -> Network:
    """The network with these weights, in its own precision and in eval mode. Raises CoreError "weights_unfit"."""
    own = network.state_dict()
    shapes = {name: tuple(weight.shape) for name, weight in own.items()}
    given = {name: tuple(weight.shape) for name, weight in weights.items()}
    if shapes != given:
        name = min(name for name, _shape in shapes.items() ^ given.items())
        expected, found = (_form(where[name]) if name in where else None for where in (own, weights))
        raise CoreError("weights_unfit", name=name, expected=expected, given=found)
    network.load_state_dict({name: weight.to(own[name].dtype) for name, weight in weights.items()})
    return network.eval().requires_grad_(False)
