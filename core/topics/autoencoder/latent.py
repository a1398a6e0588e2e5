"""The codes of an autoencoder: drawn in two dimensions, decoded at any place, walked between, and moved."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize

from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.model import Autoencoder
from core.topics.autoencoder.training_step import as_pictures, asking
from core.training.cpu_optimizations import memory_format

MOST_EMBEDDED = 1_000  # codes that t-SNE places in a few seconds

_CONVOLUTIONAL = (128, 7, 7)  # the code of the tutorial's convolutional network, which is not flat


def codes(config: AutoencoderConfig, network: Autoencoder, pictures: Tensor) -> Tensor:
    """The codes of pictures float32 (N, 1, 28, 28) in 0..1, flat: float32 (N, numbers of the code); in eval mode."""
    with asking(config, network):
        parts = [
            network.encoder(part.to(memory_format=memory_format(config.tricks))).flatten(1).float()
            for part in pictures.split(500)
        ]
    return torch.cat(parts)


def decode(config: AutoencoderConfig, network: Autoencoder, codes: Tensor) -> Tensor:
    """The pictures that the decoder draws of flat codes (N, numbers of the code): float32 (N, 1, 28, 28) in 0..1.

    Of the `codes` of pictures they are what `core.topics.autoencoder.train.restore` makes of those.
    """
    with asking(config, network):
        parts = []
        for part in codes.split(500):
            if config.network == "convolutional":
                part = part.unflatten(1, _CONVOLUTIONAL).to(memory_format=memory_format(config.tricks))
            parts.append(network.decoder(part))
    return as_pictures(config, torch.cat(parts))


# ---- Directions


@dataclass(frozen=True)
class Directions:
    """The directions in which codes differ most, the strongest first: the principal components of the codes.

    ``mean`` (D,) of the codes; ``components`` (count, D), orthogonal, of length 1 (0 where the codes differ no more);
    ``deviations`` (count,), the standard deviation of the codes along each; ``shares`` (count,) of their variance.
    """

    mean: Tensor
    components: Tensor
    deviations: Tensor
    shares: Tensor

    def moved(self, code: Tensor, deviations: Tensor) -> Tensor:
        """A code (D,) moved along each direction by so many standard deviations (count,)."""
        return code + (deviations * self.deviations) @ self.components


def directions(codes: Tensor, count: int) -> Directions:
    """The ``count`` strongest directions of finite codes (N, D), or as many as there are; each with a sign.

    The sign is such that the entry of the largest absolute value is positive: the same codes, the same directions.
    """
    mean = codes.mean(dim=0)
    centred = (codes - mean).double()
    # Both products have the same eigenvalues: the smaller one is solved
    wide = codes.shape[1] > len(codes)
    values, vectors = torch.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    values, vectors = values.flip(0)[:count].clamp(min=0), vectors.flip(1)[:, :count].T
    if wide:
        vectors = normalize(vectors @ centred, dim=1)
    largest = vectors.gather(1, vectors.abs().argmax(dim=1, keepdim=True))
    vectors = vectors * torch.where(largest < 0, -1.0, 1.0)
    total = centred.square().sum()
    return Directions(
        mean=mean,
        components=vectors.float(),
        deviations=(values / max(1, len(codes) - 1)).sqrt().float(),
        shares=(values / total if total > 0 else torch.zeros_like(values)).float(),
    )


# ---- Two dimensions


@dataclass(frozen=True)
class Projection:
    """Codes in two dimensions: their ``points``, float32 (N, 2)."""

    points: Tensor


@dataclass(frozen=True)
class Plane(Projection):
    """Codes (N, D) in a plane through them, of which every point is a code.

    The plane goes through ``mean`` (D,) along ``components`` (2, D), and shows this ``share`` of the codes' variance.
    """

    mean: Tensor
    components: Tensor
    share: float

    def invert(self, points: Tensor) -> Tensor:
        """The codes (N, D) at points (N, 2) of the plane."""
        return self.mean + points @ self.components


def direct(codes: Tensor) -> Plane:
    """Codes of two numbers, as they are."""
    return Plane(codes, mean=torch.zeros(2), components=torch.eye(2), share=1.0)


def pca(codes: Tensor) -> Plane:
    """The plane that shows most of the variance of finite codes (N, D): along their two strongest `directions`."""
    found = directions(codes, 2)
    points = (codes - found.mean) @ found.components.T
    return Plane(points, found.mean, found.components, share=float(found.shares.sum()))


def tsne(codes: Tensor, *, seed: int = 0) -> Projection:
    """At most `MOST_EMBEDDED` finite codes (N, D), placed so that neighbours stay neighbours. There is no way back.

    Only who is near to whom counts: neither axes nor distances between groups mean anything.
    Source: van der Maaten and Hinton, Visualizing Data using t-SNE, 2008.
    """
    from sklearn.manifold import TSNE  # heavy, and only needed here

    if len(codes) > MOST_EMBEDDED:
        raise ValueError(f"at most {MOST_EMBEDDED} codes, these are {len(codes)}")
    if bool((codes == codes[0]).all()):  # a network that tells no picture from another has nothing to be placed
        return Projection(torch.zeros(len(codes), 2))
    perplexity = min(30.0, (len(codes) - 1) / 3)
    # After 500 of the 1,000 iterations that are usual, as many neighbours are kept
    placing = TSNE(init="pca", perplexity=perplexity, max_iter=500, random_state=seed, n_jobs=1)
    return Projection(torch.from_numpy(placing.fit_transform(codes.numpy())).float())


PROJECTIONS: dict[str, Callable[[Tensor], Projection]] = {"direct": direct, "pca": pca, "tsne": tsne}
"""Name -> what places codes (N, D) in two dimensions. The first one takes codes of two numbers only."""


# ---- Places


def frame(points: Tensor, *, margin: float = 0.04) -> tuple[Tensor, Tensor]:
    """The lowest and the highest corner (2,) of a rectangle around points (N, 2), with a margin on every side."""
    low, high = points.amin(dim=0), points.amax(dim=0)
    around = (high - low) * margin
    around = torch.where(around > 0, around, 1.0)  # where all points are the same there is still something to see
    return low - around, high + around


def lattice(low: Tensor, high: Tensor, side: int) -> Tensor:
    """The middles (side², 2) of side x side equal cells of a rectangle, row by row from the top left, y upwards."""
    middles = (torch.arange(side) + 0.5) / side
    y, x = torch.meshgrid(middles.flip(0), middles, indexing="ij")
    return low + torch.stack([x, y], dim=-1).flatten(0, 1) * (high - low)


def nearest(points: Tensor, place: Tensor) -> int:
    """Index of the one of points (N, 2) that is closest to a place (2,)."""
    return int((points - place).square().sum(dim=1).argmin())


def in_cells(points: Tensor, low: Tensor, high: Tensor, side: int) -> Tensor:
    """For each cell of the `lattice` the index of that of points (N, 2) in it that is closest to its middle: (side²,).

    -1 where there is none.
    """
    middles = lattice(low, high, side)
    found = torch.cdist(middles / (high - low), points / (high - low)).argmin(dim=1)
    inside = ((points[found] - middles).abs() <= (high - low) / (2 * side)).all(dim=1)
    return torch.where(inside, found, -1)


# ---- On the way


def walk(start: Tensor, end: Tensor, steps: int) -> Tensor:
    """The straight way between two codes (or two pictures) of one shape: (steps, ...), equally spaced, both ends in."""
    shares = torch.linspace(0, 1, steps).view(-1, *[1] * start.dim())
    return torch.lerp(start, end, shares)
