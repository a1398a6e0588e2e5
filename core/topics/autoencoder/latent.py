"""The codes of an autoencoder: decoded, projected to two dimensions, interpolated, and shifted."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from core.evaluation.projections import principal_components
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.model import Autoencoder
from core.topics.autoencoder.training_step import evaluation_mode, to_images
from core.training.cpu_optimizations import memory_format

MAX_EMBEDDED = 1_000
"""Codes that t-SNE embeds in a few seconds."""

_CONVOLUTIONAL_CODE = (128, 7, 7)
"""Shape of the code of the tutorial's convolutional network, which is not flat."""
_BATCH = 500
_PERPLEXITY = 30.0


def codes(config: AutoencoderConfig, network: Autoencoder, images: Tensor) -> Tensor:
    """Return the flat codes of images float32 (N, 1, 28, 28) in 0..1: float32 (N, code size). Runs in eval mode."""
    layout = memory_format(config.cpu_optimizations)
    with evaluation_mode(config, network):
        parts = [network.encoder(batch.to(memory_format=layout)).flatten(1).float() for batch in images.split(_BATCH)]
    return torch.cat(parts)


def decode(config: AutoencoderConfig, network: Autoencoder, codes: Tensor) -> Tensor:
    """Return the decoder's images of flat codes (N, code size): float32 (N, 1, 28, 28) in 0..1.

    For the `codes` of images they equal their reconstructions (`core.topics.autoencoder.train.reconstruct`).
    """
    with evaluation_mode(config, network):
        outputs = []
        for batch in codes.split(_BATCH):
            if config.network == "convolutional":
                batch = batch.unflatten(1, _CONVOLUTIONAL_CODE)
                batch = batch.to(memory_format=memory_format(config.cpu_optimizations))
            outputs.append(network.decoder(batch))
    return to_images(config, torch.cat(outputs))


# ---- Two dimensions


@dataclass(frozen=True)
class Projection:
    """Codes in two dimensions: their ``points``, float32 (N, 2)."""

    points: Tensor


@dataclass(frozen=True)
class Plane(Projection):
    """A projection of codes (N, D) on a plane, every point of which is a code.

    The plane goes through ``mean`` (D,) along ``components`` (2, D), and shows this ``share`` of the codes' variance.
    """

    mean: Tensor
    components: Tensor
    share: float

    def invert(self, points: Tensor) -> Tensor:
        """Return the codes (N, D) at points (N, 2) of the plane."""
        return self.mean + points @ self.components


def direct(codes: Tensor) -> Plane:
    """Return codes of two numbers as they are."""
    return Plane(codes, mean=torch.zeros(2), components=torch.eye(2), share=1.0)


def pca(codes: Tensor) -> Plane:
    """Return the plane with most of the variance of finite codes (N, D): along their two principal components."""
    components = principal_components(codes, 2)
    share = float(components.variance_ratios.sum())
    return Plane(components.project(codes), components.mean, components.components, share)


def tsne(codes: Tensor, *, seed: int = 0) -> Projection:
    """Return a t-SNE embedding of at most `MAX_EMBEDDED` finite codes (N, D), which keeps neighbours together.

    It cannot be inverted. Neither its axes nor the distances between groups have a meaning.
    Source: van der Maaten and Hinton, Visualizing Data using t-SNE, 2008.
    """
    from sklearn.manifold import TSNE  # heavy, and only needed here

    if len(codes) > MAX_EMBEDDED:
        raise ValueError(f"at most {MAX_EMBEDDED} codes, these are {len(codes)}")
    if bool((codes == codes[0]).all()):  # t-SNE cannot embed codes that are all the same
        return Projection(torch.zeros(len(codes), 2))
    perplexity = min(_PERPLEXITY, (len(codes) - 1) / 3)
    # 500 of the usual 1,000 iterations keep as many neighbours together
    embedding = TSNE(init="pca", perplexity=perplexity, max_iter=500, random_state=seed, n_jobs=1)
    return Projection(torch.from_numpy(embedding.fit_transform(codes.numpy())).float())


PROJECTIONS: dict[str, Callable[[Tensor], Projection]] = {"direct": direct, "pca": pca, "tsne": tsne}
"""Name -> a projection of codes (N, D) to two dimensions. "direct" takes codes of two numbers only."""


# ---- Points in two dimensions


def bounding_box(points: Tensor, *, margin: float = 0.04) -> tuple[Tensor, Tensor]:
    """Return the lowest and the highest corner (2,) of a rectangle around points (N, 2), with a margin on every side.

    ``margin`` is a fraction of the side.
    """
    low, high = points.amin(dim=0), points.amax(dim=0)
    around = (high - low) * margin
    around = torch.where(around > 0, around, 1.0)  # all points are the same: the rectangle still has an area
    return low - around, high + around


def grid_points(low: Tensor, high: Tensor, side: int) -> Tensor:
    """Return the centres (side², 2) of side x side equal cells of a rectangle.

    They go row by row from the top left, with y upwards.
    """
    centres = (torch.arange(side) + 0.5) / side
    y, x = torch.meshgrid(centres.flip(0), centres, indexing="ij")
    return low + torch.stack([x, y], dim=-1).flatten(0, 1) * (high - low)


def nearest(points: Tensor, position: Tensor) -> int:
    """Return the index of the one of points (N, 2) that is nearest to a position (2,)."""
    return int((points - position).square().sum(dim=1).argmin())


def nearest_in_cells(points: Tensor, low: Tensor, high: Tensor, side: int) -> Tensor:
    """Return for each cell of `grid_points` the index of the point in it nearest to its centre: (side²,).

    ``points`` are (N, 2). An empty cell has -1.
    """
    centres = grid_points(low, high, side)
    indices = torch.cdist(centres / (high - low), points / (high - low)).argmin(dim=1)
    inside = ((points[indices] - centres).abs() <= (high - low) / (2 * side)).all(dim=1)
    return torch.where(inside, indices, -1)


# ---- Between two codes


def interpolate(start: Tensor, end: Tensor, count: int) -> Tensor:
    """Return ``count`` equally spaced codes (or images) from start to end, both included: (count, ...)."""
    weights = torch.linspace(0, 1, count).view(-1, *[1] * start.dim())
    return torch.lerp(start, end, weights)
