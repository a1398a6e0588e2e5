"""The transforms that the tutorial names, applied to one digit with the installed version of torchvision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor

from core.data.torchvision_compat import torchvision
from core.training.rng import Stream, seeded


@dataclass(frozen=True)
class Example:
    """A transform with its arguments."""

    kind: str
    """The name of its class in torchvision.transforms."""
    arguments: Mapping[str, object] = field(default_factory=dict)
    input: Literal["image", "tensor"] = "image"
    """Whether it is applied to a PIL image, or to the tensor that ToTensor makes from the image."""

    @property
    def code(self) -> str:
        """The transform as Python code."""
        return f"transforms.{self.kind}({', '.join(f'{name}={value!r}' for name, value in self.arguments.items())})"

    @property
    def is_random(self) -> bool:
        """Whether the result depends on random numbers."""
        return self.kind.startswith("Random")

    def apply(self, x: Image.Image | Tensor) -> Image.Image | Tensor:
        """Create the transform, and apply it. Raises AttributeError for a transform that torchvision does not have."""
        transform = getattr(torchvision.transforms, self.kind)(**self.arguments)
        return transform(x)


EXAMPLES: dict[str, Example] = {
    "Resize": Example("Resize", {"size": 14}),
    "Scale": Example("Scale", {"size": 14}),
    "CenterCrop": Example("CenterCrop", {"size": 20}),
    "RandomCrop": Example("RandomCrop", {"size": 20}),
    "RandomHorizontalFlip": Example("RandomHorizontalFlip", {"p": 0.5}),
    "RandomVerticalFlip": Example("RandomVerticalFlip", {"p": 0.5}),
    "ToTensor": Example("ToTensor"),
    "ToPILImage": Example("ToPILImage", input="tensor"),
    "Normalize": Example("Normalize", {"mean": [0.5], "std": [0.5]}, input="tensor"),
    "NormalizeFirst": Example("Normalize", {"mean": [0.5], "std": [0.5]}),
}
"""The tutorial's transforms in its order, and Normalize as a mistake: applied to an image, before ToTensor."""


@dataclass(frozen=True)
class Description:
    """An image or a tensor, with its statistics."""

    kind: str
    """The type: "PIL.Image" with the mode, or "Tensor" with the data type."""
    shape: tuple[int, ...]
    """(width, height) of an image, or (C, H, W) of a tensor."""
    low: float
    high: float
    mean: float
    std: float
    pixels: Float[np.ndarray, "height width"]
    """The pixels, scaled to 0 (lowest) to 1 (highest)."""


@dataclass(frozen=True)
class Result:
    """A digit before and after a transform."""

    before: Description
    after: Description | None
    """None if the transform fails."""
    unchanged: bool = False
    """Whether the transform did not change the digit."""
    error: str = ""


def apply(name: str, digit: UInt8[Tensor, "28 28"], *, draw: int = 0) -> Result:
    """Apply the transform ``name`` in EXAMPLES to a digit. ``draw`` determines the random numbers."""
    example = EXAMPLES[name]
    x: Image.Image | Tensor = Image.fromarray(digit.numpy())
    if example.input == "tensor":
        x = EXAMPLES["ToTensor"].apply(x)
    before = describe(x)
    try:
        with seeded(0, Stream.WORKFLOW_TRANSFORMS, draw):
            after = describe(example.apply(x))
    except (AttributeError, TypeError) as error:
        return Result(before, None, error=f"{type(error).__name__}: {error}")
    unchanged = before.kind == after.kind and np.array_equal(before.pixels, after.pixels)
    return Result(before, after, unchanged and (before.low, before.high) == (after.low, after.high))


def describe(x: Any) -> Description:
    """Return the type, the shape, and the statistics of a gray PIL image or of a tensor (1, H, W)."""
    if isinstance(x, Tensor):
        kind, shape = f"Tensor, {str(x.dtype).removeprefix('torch.')}", tuple(x.shape)
        values = x[0].double()
    else:
        kind, shape = f"PIL.Image, {x.mode}", x.size
        values = torch.from_numpy(np.array(x)).double()
    low, high = float(values.min()), float(values.max())
    pixels = ((values - low) / max(high - low, 1e-9)).numpy()
    return Description(kind, shape, low, high, float(values.mean()), float(values.std(correction=0)), pixels)
