"""How well images are reconstructed, and how that compares with a classical filter and with doing nothing."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float32, UInt8
from torch import Tensor

from core.evaluation.metrics import mean_psnr, ssim
from core.topics.autoencoder.config import CorruptionLevels
from core.topics.autoencoder.data import EVAL_SUBSET, N_SHOWN, corrupted_pairs
from core.topics.autoencoder.filters import Filter, best_filter

_MIN_UPDATES = 50
"""Updates before which equal outputs for all images are no failure: the network is still young."""


class ReconstructionQuality(NamedTuple):
    """How close images are to the clean ones: PSNR in dB (inf: identical) and SSIM."""

    psnr: float
    ssim: float


def reconstruction_quality(
    images: Float32[Tensor, "images 1 28 28"], clean: Float32[Tensor, "images 1 28 28"]
) -> ReconstructionQuality:
    """Return the PSNR of all pixels together, and the mean SSIM."""
    return ReconstructionQuality(mean_psnr(images, clean), float(ssim(images, clean).mean()))


def evaluate_quality(
    data: str, levels: CorruptionLevels, reconstruct: Callable[[Tensor], Tensor]
) -> ReconstructionQuality:
    """Return the quality of EVAL_SUBSET corrupted test images after ``reconstruct``."""
    corrupted, clean = corrupted_pairs(data, "test", levels, EVAL_SUBSET)
    return reconstruction_quality(reconstruct(corrupted), clean)


class FilterResult(NamedTuple):
    """The best filter, what it makes of the test images on the page (N_SHOWN, 1, 28, 28), and its quality."""

    filter: Filter
    images: Tensor
    quality: ReconstructionQuality


def evaluate_best_filter(data: str, levels: CorruptionLevels) -> FilterResult:
    """Return the result of the best classical filter on EVAL_SUBSET test images; it is tuned on training images."""
    chosen = best_filter(data, levels)
    corrupted, clean = corrupted_pairs(data, "test", levels, EVAL_SUBSET)
    filtered = chosen(corrupted)
    return FilterResult(chosen, filtered[:N_SHOWN].clone(), reconstruction_quality(filtered, clean))


Verdict = Literal["uncorrupted", "harmful", "worse_than_filter", "best"]


@dataclass(frozen=True)
class Comparison:
    """The PSNR of corrupted images, of the best filter's and of the network's reconstructions, in dB."""

    corrupted: float
    filtered: float
    reconstructed: float

    @property
    def verdict(self) -> Verdict:
        """How the network compares with doing nothing and with the best filter."""
        if math.isinf(self.corrupted):
            return "uncorrupted"
        if self.reconstructed < self.corrupted:
            return "harmful"
        return "worse_than_filter" if self.reconstructed < self.filtered else "best"

    @property
    def gain(self) -> float:
        """The network's gain over doing nothing, in dB."""
        return self.reconstructed - self.corrupted

    @property
    def gain_over_filter(self) -> float:
        """The network's gain over the best filter, in dB."""
        return self.reconstructed - self.filtered

    @property
    def is_beaten(self) -> bool:
        """Whether the filter or doing nothing beats the network. Identical images (inf) do not count."""
        return self.reconstructed < max(self.corrupted, self.filtered) < math.inf


def is_constant(reconstructed: UInt8[np.ndarray, "images height width"], step: int) -> bool:
    """Return whether a trained network returns the same image for all inputs; a young one may do so."""
    return step >= _MIN_UPDATES and not np.ptp(reconstructed, axis=0).any()
