"""Looking inside a trained network: its answers, feature maps, mistakes, and what mattered.

The networks are `torch.nn.Sequential` with named layers. They are asked as copies that share their weights, and so no
question changes a network's mode or its batch norm statistics, also not for those who ask it at the same time.
"""

import copy
import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from core.data.corruptions import gaussian
from core.data.torchvision_compat import v2
from core.training.rng import Stream, generator, seeded

_ACTIVATIONS = nn.ReLU | nn.LeakyReLU | nn.GELU | nn.Tanh | nn.Sigmoid


def logits(
    network: nn.Sequential, x: Tensor, *, batch_size: int = 500, training_mode: bool = False, seed: int = 0
) -> Tensor:
    """The network's answers (N, classes) to inputs (N, C, H, W), before softmax.

    ``training_mode``: as where eval() was forgotten. Dropout stays on, as ``seed`` says, and batch norm takes mean and
    variance of every batch, so that the answers depend on ``batch_size``.
    """
    asked = _in_mode(network, training=training_mode)
    with torch.inference_mode(), seeded(seed, Stream.EVALUATION_DROPOUT) if training_mode else nullcontext():
        answers = torch.cat([asked(batch) for batch in x.split(batch_size)])
    return answers.clone()


def probabilities(
    network: nn.Sequential, x: Tensor, *, batch_size: int = 500, training_mode: bool = False, seed: int = 0
) -> Tensor:
    """The network's answers as probabilities (N, classes): softmax of its `logits`."""
    return logits(network, x, batch_size=batch_size, training_mode=training_mode, seed=seed).softmax(dim=1)


def feature_maps(network: nn.Sequential, x: Tensor) -> dict[str, Tensor]:
    """The output of every layer for one picture (1, C, H, W), by the layers' names in their order.

    Of a convolution or pooling (C, H, W), of a linear layer (units,); in eval mode.
    """
    maps = {}
    with torch.inference_mode():
        for name, layer in _in_mode(network, training=False).named_children():
            x = layer(x.clone())  # a copy, because some layers can be told to write into their input
            maps[name] = x
    return {name: output[0].clone() for name, output in maps.items()}


def most_active(maps: Tensor, count: int) -> Tensor:
    """Indices of the ``count`` maps of (C, H, W) with the highest mean, or units of (units,); the highest first."""
    return maps.reshape(len(maps), -1).mean(dim=1).argsort(descending=True, stable=True)[:count]


def filters(network: nn.Sequential, name: str) -> Tensor:
    """The weights (out, in, k, k) of the convolution ``name``."""
    return network.get_submodule(name).weight.detach().clone()


@dataclass(frozen=True)
class OutputParts:
    """What one output map of a convolution is computed from, for one picture.

    ``output[r, c]`` is the sum of ``weights`` times the window of ``inputs`` that begins at row r · stride − padding
    and column c · stride − padding (what lies outside is 0), plus ``bias``; ``activated`` is the activation of that, or
    of ``factor`` times that plus ``shift``.
    """

    inputs: Tensor
    """(C, H, W): the picture, or what the layer before made of it."""
    weights: Tensor
    """(C, k, k)."""
    bias: float
    output: Tensor
    """(H', W'), before batch norm and activation."""
    activated: Tensor
    """(H', W'): ``output`` after the batch norm and the activation that follow, as far as there are any."""
    norm: tuple[float, float] | None
    """Factor and shift of that batch norm; None without one."""
    stride: int
    padding: int


def output_parts(network: nn.Sequential, x: Tensor, name: str, filter: int) -> OutputParts:
    """The parts of the output of one ``filter`` of the convolution ``name`` for one picture (1, C, H, W); in eval mode.

    A pooling between convolution and activation is left out, so that every pixel has its activation. The convolution
    has square filters, one stride and padding for both directions, and neither dilation nor groups.
    """
    maps = {"": x[0].clone()} | feature_maps(network, x)
    at = list(maps).index(name)
    activated, norm = maps[name].unsqueeze(0), None
    with torch.inference_mode():
        for layer in _in_mode(network, training=False)[at:]:
            if isinstance(layer, nn.BatchNorm2d):
                factors = layer.weight / (layer.running_var + layer.eps).sqrt()
                shifts = layer.bias - layer.running_mean * factors
                norm = factors[filter].item(), shifts[filter].item()
            if isinstance(layer, nn.BatchNorm2d | _ACTIVATIONS):
                activated = layer(activated.clone())
            if not isinstance(layer, nn.BatchNorm2d | nn.MaxPool2d):
                break
    convolution = network.get_submodule(name)
    return OutputParts(
        inputs=list(maps.values())[at - 1],
        weights=filters(network, name)[filter],
        bias=0.0 if convolution.bias is None else convolution.bias[filter].item(),
        output=maps[name][filter],
        activated=activated[0, filter].clone(),
        norm=norm,
        stride=convolution.stride[0],
        padding=convolution.padding[0],
    )


def occlusion_map(
    network: nn.Sequential, x: Tensor, label: int, *, size: int = 7, stride: int = 2, fill: float
) -> Tensor:
    """How much each pixel of a picture (1, C, H, W) matters for ``label``: (H, W), from -1 to 1.

    A patch of ``size`` x ``size`` pixels is covered with ``fill`` (the value of black paper after normalisation), and
    moved on by ``stride``, at most ``size``; the last ones end at the edge. A pixel's value is by how much the
    probability of ``label`` falls, on average over the patches that cover it; below 0 where it rises. (The logarithm
    of the probability has no bound: a single patch would outshine all others.)
    Source: Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, 2014, section 4.2.
    """
    covered_too = torch.cat([x, covered(x, size=size, stride=stride, fill=fill)])
    shares = probabilities(network, covered_too)[:, label]
    return mattered(shares[0] - shares[1:], x.shape[-2:], size=size, stride=stride)


def covered(x: Tensor, *, size: int, stride: int, fill: float | Tensor) -> Tensor:
    """A picture (1, C, H, W) under a patch at each place of `occlusion_map`: (places, C, H, W).

    The patch is of one value, or cut out of another picture (1, C, H, W).
    """
    rows, columns = (_patches(side, size, stride) for side in x.shape[-2:])
    patches = (rows[:, None, :, None] & columns[None, :, None, :]).flatten(0, 1)  # (patches, H, W)
    return torch.where(patches.unsqueeze(1), fill, x)


def mattered(falls: Tensor, shape: Sequence[int], *, size: int, stride: int) -> Tensor:
    """How much each pixel of a ``shape`` (H, W) matters, by how much the probability falls at each place (places,)."""
    rows, columns = (_patches(side, size, stride).double() for side in shape)
    falls = falls.double().view(len(rows), len(columns))
    return (rows.T @ falls @ columns / torch.outer(rows.sum(dim=0), columns.sum(dim=0))).float()


def _patches(side: int, size: int, stride: int) -> Tensor:
    """Which pixels of a side each patch covers: bool (patches, side)."""
    last = max(side - size, 0)
    starts = torch.tensor([*range(0, last, stride), last]).unsqueeze(1)
    pixels = torch.arange(side)
    return (starts <= pixels) & (pixels < starts + size)


def confusion(labels: Tensor, answers: Tensor, classes: int = 10) -> Tensor:
    """How often each label (rows) got each answer (columns): int64 (classes, classes)."""
    return torch.bincount(labels * classes + answers, minlength=classes * classes).view(classes, classes)


def interval(share: float, count: int) -> tuple[float, float]:
    """Between which shares the true one lies with 95 %, if ``share`` of ``count`` were found: Wilson's interval.

    Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference, 1927.
    """
    z = 1.959964  # of a standard normal number 95 % lie so near to 0
    middle = share + z**2 / (2 * count)
    half = z * math.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    return max(0.0, (middle - half) / (1 + z**2 / count)), min(1.0, (middle + half) / (1 + z**2 / count))


def mistakes(probabilities: Tensor, labels: Tensor) -> Tensor:
    """Indices of the wrong answers among probabilities (N, classes), those that the network was surest of first."""
    sureness, answers = probabilities.max(dim=1)
    order = sureness.argsort(descending=True, stable=True)
    return order[answers[order] != labels[order]]


def in_cell(labels: Tensor, answers: Tensor, true: int, predicted: int) -> Tensor:
    """Indices of the pictures in one cell of the `confusion`."""
    return ((labels == true) & (answers == predicted)).nonzero().flatten()


Corruption = Literal["noise", "rotation", "shift"]


def robustness(
    network: nn.Sequential,
    images: Tensor,
    labels: Tensor,
    prepare: Callable[[Tensor], Tensor],
    kind: Corruption,
    levels: Sequence[float],
    *,
    seed: int,
) -> list[float]:
    """The accuracy at each level of a corruption (see `corrupted`); at level 0 the plain one.

    ``prepare`` makes the network's inputs of pictures (N, 1, H, W) in 0..1. The random numbers are the same at every
    level, so that accuracies differ by the level alone.
    """
    accuracies = []
    for level in levels:
        answers = logits(network, prepare(corrupted(images, kind, level, seed=seed))).argmax(dim=1)
        accuracies.append(float((answers == labels).double().mean()))
    return accuracies


def corrupted(images: Tensor, kind: Corruption, level: float, *, seed: int) -> Tensor:
    """Pictures (N, 1, H, W), uint8 or in 0..1, made harder to read: float32 in 0..1; at level 0 as they are.

    The level is for noise the standard deviation of what is added to every pixel (then cut to 0..1); for rotation the
    degrees by which one half is turned to the left, the other to the right; for shift the pixels, a whole number, by
    which each is moved up, down, left or right. Zeros come in from outside.
    """
    if not images.is_floating_point():
        images = images.float() / 255
    return CORRUPTIONS[kind](images, level, generator(seed, Stream.EVALUATION_CORRUPTION)) if level else images


def _rotation(images: Tensor, level: float, random: torch.Generator) -> Tensor:
    turned = torch.empty_like(images)
    to_the_left = torch.randperm(len(images), generator=random) % 2 == 0
    for chosen, angle in ((to_the_left, level), (~to_the_left, -level)):
        turned[chosen] = v2.functional.rotate(images[chosen], angle, interpolation=v2.InterpolationMode.BILINEAR)
    return turned


def _shift(images: Tensor, level: float, random: torch.Generator) -> Tensor:
    pixels = int(level)
    height, width = images.shape[-2:]
    directions = torch.randint(4, (len(images),), generator=random)
    windows = pad(images, (pixels,) * 4).unfold(2, height, pixels).unfold(3, width, pixels)  # (N, 1, 3, 3, H, W)
    rows, columns = torch.tensor([0, 2, 1, 1])[directions], torch.tensor([1, 1, 0, 2])[directions]
    return windows[torch.arange(len(images)), :, rows, columns]


CORRUPTIONS: dict[str, Callable[[Tensor, float, torch.Generator], Tensor]] = {
    "noise": gaussian,
    "rotation": _rotation,
    "shift": _shift,
}


def _in_mode(network: nn.Sequential, *, training: bool) -> nn.Sequential:
    """A copy in that mode, with the network's own parameters and copied buffers (the statistics of batch norm)."""
    shared = {id(parameter): parameter for parameter in network.parameters()}
    return copy.deepcopy(network, shared).train(training)
