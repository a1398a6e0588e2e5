"""Classical denoising filters, and the choice of the best filter and its parameters on training images."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from core.evaluation.metrics import mean_psnr
from core.topics.autoencoder.config import CorruptionLevels
from core.topics.autoencoder.data import corrupted_pairs

_N_TUNING = 16
"""Number of training images on which the filter and its parameters are chosen."""

Parameters = Mapping[str, float]


def _unchanged(images: np.ndarray) -> np.ndarray:
    return images


def _median(images: np.ndarray, *, size: int) -> np.ndarray:
    from scipy import ndimage

    return ndimage.median_filter(images, size=(1, size, size))


def _gaussian(images: np.ndarray, *, sigma: float) -> np.ndarray:
    from scipy import ndimage

    return ndimage.gaussian_filter(images, sigma=(0, sigma, sigma))


def _bilateral(images: np.ndarray, *, sigma_color: float, sigma_spatial: float) -> np.ndarray:
    from skimage.restoration import denoise_bilateral

    return np.stack([denoise_bilateral(image, None, sigma_color, sigma_spatial) for image in images])


def _nl_means(images: np.ndarray, *, h: float) -> np.ndarray:
    from skimage.restoration import denoise_nl_means

    return np.stack([denoise_nl_means(image, patch_size=5, patch_distance=4, h=h) for image in images])


FILTERS: dict[str, tuple[Callable[..., np.ndarray], Sequence[Parameters]]] = {
    "none": (_unchanged, [{}]),
    "median": (_median, [{"size": size} for size in (3, 5, 7)]),
    "gaussian": (_gaussian, [{"sigma": sigma} for sigma in (0.5, 0.75, 1.0, 1.5, 2.0)]),
    "bilateral": (
        _bilateral,
        [{"sigma_color": color, "sigma_spatial": 1.0} for color in (0.2, 0.5, 1.0)],
    ),
    "nl_means": (_nl_means, [{"h": h} for h in (0.1, 0.2, 0.4)]),
}
"""Name -> (a filter of images (N, H, W) from SciPy or scikit-image, the candidates for its parameters)."""


@dataclass(frozen=True)
class Filter:
    """A classical filter, given by its ``name`` in FILTERS and its parameters."""

    name: str
    parameters: Parameters

    def __call__(self, images: Float32[Tensor, "images 1 28 28"]) -> Float32[Tensor, "images 1 28 28"]:
        """Return the filtered images, in 0..1."""
        apply, _tried = FILTERS[self.name]
        filtered = apply(images[:, 0].numpy(), **self.parameters)
        return torch.from_numpy(np.ascontiguousarray(filtered, np.float32)).unsqueeze(1).clamp(0, 1)


@lru_cache(maxsize=256)
def best_filter(data: str, levels: CorruptionLevels) -> Filter:
    """Return the filter with the highest PSNR on corrupted training images. The result is cached.

    The filter "none" is returned if no other filter increases the PSNR.
    """
    corrupted, clean = corrupted_pairs(data, "train", levels, _N_TUNING)
    filters = [Filter(name, parameters) for name, (_apply, tried) in FILTERS.items() for parameters in tried]
    return max(filters, key=lambda each: mean_psnr(each(corrupted), clean))
