"""Latent codes of an autoencoder: encoding, decoding, projection to two dimensions, and interpolation."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor

from core.evaluation.projections import principal_components
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.model import Autoencoder
from core.topics.autoencoder.training_step import evaluation_mode, to_images
from core.training.cpu_optimizations import memory_format

MAX_EMBEDDED = 1_000
"""Maximum number of codes for t-SNE, which embeds this many in a few seconds."""

_CONVOLUTIONAL_CODE = (128, 7, 7)
"""Shape of the convolutional network's code, which consists of feature maps."""
_BATCH = 500
_PERPLEXITY = 30.0

Codes = Float32[Tensor, "images numbers"]
"""Flattened codes of images."""
Points = Float[Tensor, "points 2"]
Position = Float[Tensor, "2"]


def codes(config: AutoencoderConfig, network: Autoencoder, images: Float32[Tensor, "images 1 28 28"]) -> Codes:
    """Encode images (values in 0..1) with the network in eval mode, and return the flattened codes."""
    layout = memory_format(config.cpu_optimizations)
    with evaluation_mode(config, network):
        parts = [network.encoder(batch.to(memory_format=layout)).flatten(1).float() for batch in images.split(_BATCH)]
    return torch.cat(parts)


def decode(config: AutoencoderConfig, network: Autoencoder, codes: Codes) -> Float32[Tensor, "images 1 28 28"]:
    """Decode flattened codes to images in 0..1.

    Decoding the result of the function `codes` gives the same images as `core.topics.autoencoder.train.reconstruct`.
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
    """Latent codes projected to two dimensions. ``points`` is a float32 tensor of shape (N, 2)."""

    points: Tensor


@dataclass(frozen=True)
class Plane(Projection):
    """A projection of codes (N, D) onto a plane in the latent space. Every point on the plane is itself a code.

    The plane passes through ``mean`` (D,) and is spanned by ``components`` (2, D). ``variance_ratio`` is the fraction
    of the codes' variance that lies in the plane.
    """

    mean: Tensor
    components: Tensor
    variance_ratio: float

    def invert(self, points: Points) -> Float32[Tensor, "points numbers"]:
        """Return the codes at the given points on the plane."""
        return self.mean + points @ self.components


def direct(codes: Float32[Tensor, "images 2"]) -> Plane:
    """Return two-dimensional codes unchanged, as the points of a plane."""
    return Plane(codes, mean=torch.zeros(2), components=torch.eye(2), variance_ratio=1.0)


def pca(codes: Codes) -> Plane:
    """Project codes with finite values onto the plane spanned by their first two principal components."""
    components = principal_components(codes, 2)
    variance_ratio = float(components.variance_ratios.sum())
    return Plane(components.project(codes), components.mean, components.components, variance_ratio)


def tsne(codes: Codes, *, seed: int = 0) -> Projection:
    """Embed codes in two dimensions with t-SNE. All values of the codes must be finite.

    t-SNE keeps neighbors together. The embedding has no inverse. Its axes and the distances between clusters have no
    meaning. Raises ValueError if there are more codes than `MAX_EMBEDDED`.
    Source: van der Maaten and Hinton, Visualizing Data using t-SNE, 2008.
    """
    from sklearn.manifold import TSNE  # heavy, and only needed here

    if len(codes) > MAX_EMBEDDED:
        raise ValueError(f"t-SNE embeds at most {MAX_EMBEDDED} codes, but there are {len(codes)}")
    if bool((codes == codes[0]).all()):  # t-SNE cannot embed identical codes
        return Projection(torch.zeros(len(codes), 2))
    perplexity = min(_PERPLEXITY, (len(codes) - 1) / 3)
    # 500 iterations keep as many neighbors together as the usual 1,000
    embedding = TSNE(init="pca", perplexity=perplexity, max_iter=500, random_state=seed, n_jobs=1)
    return Projection(torch.from_numpy(embedding.fit_transform(codes.numpy())).float())


PROJECTIONS: dict[str, Callable[[Tensor], Projection]] = {"direct": direct, "pca": pca, "tsne": tsne}
"""Name -> a projection of codes to two dimensions. "direct" accepts two-dimensional codes only."""


# ---- Points in two dimensions


def bounding_box(points: Points, *, margin: float = 0.04) -> tuple[Position, Position]:
    """Return the lower-left and upper-right corners of a rectangle that contains all points and a margin around them.

    The left and right margins are ``margin`` times the width of the bounding box of the points. The top and bottom
    margins are ``margin`` times the height of the bounding box. A margin of 0 is replaced by 1.
    """
    low, high = points.amin(dim=0), points.amax(dim=0)
    padding = (high - low) * margin
    padding = torch.where(padding > 0, padding, 1.0)  # identical points still need a rectangle with an area
    return low - padding, high + padding


def grid_points(low: Position, high: Position, side: int) -> Float[Tensor, "{side}*{side} 2"]:
    """Divide the rectangle from ``low`` to ``high`` into ``side`` x ``side`` equal cells, and return their centers.

    The centers are in row-major order, starting at the top left (smallest x, largest y).
    """
    centers = (torch.arange(side) + 0.5) / side
    y, x = torch.meshgrid(centers.flip(0), centers, indexing="ij")
    return low + torch.stack([x, y], dim=-1).flatten(0, 1) * (high - low)


def nearest(points: Points, position: Position) -> int:
    """Return the index of the point that is nearest to a position."""
    return int((points - position).square().sum(dim=1).argmin())


def nearest_in_cells(points: Points, low: Position, high: Position, side: int) -> Int64[Tensor, " {side}*{side}"]:
    """Return, for each cell of `grid_points`, the index of the point nearest to the center of the cell.

    The index is -1 if this point is outside the cell.
    """
    centers = grid_points(low, high, side)
    indices = torch.cdist(centers / (high - low), points / (high - low)).argmin(dim=1)
    inside = ((points[indices] - centers).abs() <= (high - low) / (2 * side)).all(dim=1)
    return torch.where(inside, indices, -1)


# ---- Interpolation


def interpolate(
    start: Float32[Tensor, "*shape"], end: Float32[Tensor, "*shape"], count: int
) -> Float32[Tensor, " {count} *shape"]:
    """Return ``count`` equally spaced codes (or images) from ``start`` to ``end``, both included."""
    weights = torch.linspace(0, 1, count).view(-1, *[1] * start.dim())
    return torch.lerp(start, end, weights)
