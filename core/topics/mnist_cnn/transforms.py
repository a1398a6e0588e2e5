"""The pipeline of torchvision transforms that prepares a digit for the network, and its source code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from core.data.cropping import crop
from core.data.torchvision_compat import v2
from core.evaluation.robustness import Corruption
from core.topics.mnist_cnn.config import CNNConfig, Transform
from core.training.rng import Stream, seeded

_SIDE = 28
"""Side length of an MNIST digit in pixels."""


@dataclass(frozen=True)
class TransformSpec:
    """One transform of a pipeline: its class name in torchvision.transforms.v2, and its arguments."""

    kind: str
    arguments: Mapping[str, object] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The transform as Python code."""
        return f"v2.{self.kind}({', '.join(f'{name}={_as_code(value)}' for name, value in self.arguments.items())})"

    @property
    def is_random(self) -> bool:
        """Whether the transform has random parameters, which are drawn separately for each image."""
        return self.kind.startswith("Random")

    def __call__(self, x: Tensor) -> Tensor:
        """Apply the transform to images (N, C, H, W), each with its own random numbers."""
        transform = getattr(v2, self.kind)(**self.arguments)
        if not self.is_random or not len(x):
            return transform(x)
        if self.kind in _BATCHED:
            return _BATCHED[self.kind](transform, x)
        return torch.stack([transform(image) for image in x])


def pipeline(config: CNNConfig, *, training: bool) -> list[TransformSpec]:
    """Return the configured transforms for training digits, or for test digits if ``training`` is false.

    The transforms for test digits include no noise and no random transforms; a center crop replaces a random crop. If
    ``config.noise`` is above 0 but "noise" is not among the configured transforms, noise is added just before
    Normalize. Without Normalize, noise is the last transform.
    """
    names = list(config.transforms)
    if config.noise and "noise" not in names:
        names.insert(names.index("normalize") if "normalize" in names else len(names), "noise")
    smooth = {"interpolation": v2.InterpolationMode.BILINEAR}
    crop = {"size": config.crop}
    means = 3 if config.three_means else 1
    moved = {
        "degrees": config.rotation,
        "translate": (config.translate, config.translate),
        "scale": (1 - config.scale, 1 + config.scale),
        "shear": config.shear,
    }
    specs = {
        "resize": TransformSpec("Resize", {"size": [config.resize, config.resize]}),
        "center_crop": TransformSpec("CenterCrop", crop),
        "random_crop": TransformSpec("RandomCrop", crop | {"padding": config.crop_padding, "pad_if_needed": True}),
        "horizontal_flip": TransformSpec("RandomHorizontalFlip", {"p": config.flip}),
        "vertical_flip": TransformSpec("RandomVerticalFlip", {"p": config.flip}),
        "rotation": TransformSpec("RandomRotation", {"degrees": config.rotation} | smooth),
        "affine": TransformSpec("RandomAffine", moved | smooth),
        "noise": TransformSpec("GaussianNoise", {"sigma": config.noise}),
        "erasing": TransformSpec("RandomErasing", {"p": config.erasing}),
        "normalize": TransformSpec("Normalize", {"mean": [config.mean] * means, "std": [config.std] * means}),
    }
    if training:
        return [specs[name] for name in names]
    # Test digits get no random transforms; a random crop becomes a center crop of the same size
    fixed = specs | {"random_crop": specs["center_crop"]}
    return [fixed[name] for name in names if not fixed[name].is_random and name != "noise"]


def without_random_transforms(names: Sequence[Transform]) -> tuple[Transform, ...]:
    """Return the names of the transforms for test digits (see `pipeline`)."""
    fixed: dict[Transform, Transform] = {"random_crop": "center_crop"}
    return tuple(fixed.get(name, name) for name in names if name in (*fixed, "resize", "center_crop", "normalize"))


def apply(specs: Sequence[TransformSpec], x: Tensor, seed: int = 0, step: int = 0) -> Tensor:
    """Apply a pipeline to images (N, 1, H, W) in 0..1, and return the result.

    ``seed`` and ``step`` determine the random numbers.
    """
    with seeded(seed, Stream.MNIST_CNN_TRANSFORMS, step):
        for spec in specs:
            x = spec(x)
    return x


def largest_trained_level(config: CNNConfig, kind: Corruption) -> float:
    """Return the highest level at which a corruption occurs in training.

    For noise, the level is a standard deviation; for rotations, an angle in degrees; for shifts, a distance in pixels.
    """
    affine = "affine" in config.transforms
    if kind == "noise":
        return config.noise
    if kind == "rotation":
        return float(config.rotation) if affine or "rotation" in config.transforms else 0.0
    shift = config.translate * _SIDE if affine else 0.0
    if "random_crop" in config.transforms:  # cropped from a larger image, or placed in a larger frame
        shift += abs(_SIDE + 2 * config.crop_padding - config.crop) / 2
    return shift


def _affine_batch(transform: v2.RandomAffine | v2.RandomRotation, x: Tensor) -> Tensor:
    """Apply the transform to all square images of a batch at once, with the random numbers of one call per image.

    One call per image would take ten times as long.
    """
    still = {"translate": (0, 0), "scale": 1.0, "shear": (0.0, 0.0)}
    drawn = [still | transform.make_params([image]) for image in x]
    rows = [(one["angle"], *one["translate"], one["scale"], one["shear"][0]) for one in drawn]
    angle, right, down, scale, shear = torch.tensor(rows).T
    turn = torch.deg2rad(angle if isinstance(transform, v2.RandomAffine) else -angle)
    cos, sin, tan = turn.cos(), turn.sin(), torch.deg2rad(shear).tan()
    # From an output pixel back to its input position: invert shear, rotation, and scale, then the shift
    back = torch.stack([cos - sin * tan, cos * tan + sin, -sin, cos], dim=1).view(-1, 2, 2) / scale.view(-1, 1, 1)
    shift = back @ torch.stack([right, down], dim=1).unsqueeze(2) * (-2 / x.shape[-1])
    grid = affine_grid(torch.cat([back, shift], dim=2), list(x.shape), align_corners=False)
    # As in torchvision: pixels outside the image are black, weighted by how much of the output pixel they cover
    inside = torch.ones_like(x[:, :1])
    moved = grid_sample(torch.cat([x, inside], dim=1), grid, align_corners=False)
    return moved[:, :-1] * moved[:, -1:]


def _crop_batch(transform: v2.RandomCrop, x: Tensor) -> Tensor:
    """Apply the transform to all square images of a batch at once, with the random numbers of one call per image."""
    first = transform.make_params([x[0]])
    x = v2.functional.pad(x, first["padding"])
    side, room = first["width"], x.shape[-1] - first["width"]
    others = torch.randint(room + 1, (len(x) - 1, 2)) if room else torch.zeros(len(x) - 1, 2, dtype=torch.int64)
    corners = torch.cat([torch.tensor([[first["top"], first["left"]]]), others])
    tops, lefts = corners.T
    return crop(x, tops, lefts, side, side)


_BATCHED = {"RandomAffine": _affine_batch, "RandomRotation": _affine_batch, "RandomCrop": _crop_batch}


def code(specs: Sequence[TransformSpec]) -> str:
    """Return the Python code of the whole pipeline, from an 8-bit image to the input of the network."""
    lines = ["v2.ToImage()", "v2.ToDtype(torch.float32, scale=True)", *(spec.code for spec in specs)]
    return "\n".join(["v2.Compose([", *(f"    {line}," for line in lines), "])"])


def _as_code(value: object) -> str:
    return f"v2.{value}" if isinstance(value, v2.InterpolationMode) else repr(value)
