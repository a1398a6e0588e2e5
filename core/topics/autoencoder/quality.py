"""PSNR and SSIM of reconstructions, compared with a classical filter and with the corrupted images themselves."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float32, UInt8
from torch import Tensor

from core.evaluation.metrics import mean_psnr, ssim
from core.topics.autoencoder.config import CorruptionLevels
from core.topics.autoencoder.data import EVAL_SUBSET, corrupted_pairs
from core.topics.autoencoder.filters import best_filter

_MIN_UPDATES = 50
"""Minimum number of updates before a constant output counts as a failure."""


class ReconstructionQuality(NamedTuple):
    """The similarity of images to the corresponding clean images: PSNR in dB (inf if identical) and SSIM."""

    psnr: float
    ssim: float


def reconstruction_quality(
    images: Float32[Tensor, "images 1 28 28"], clean: Float32[Tensor, "images 1 28 28"]
) -> ReconstructionQuality:
    """Return the PSNR over all pixels of all images, and the mean SSIM of the images."""
    return ReconstructionQuality(mean_psnr(images, clean), float(ssim(images, clean).mean()))


def evaluate_quality(
    data: str, levels: CorruptionLevels, reconstruct: Callable[[Tensor], Tensor]
) -> ReconstructionQuality:
    """Apply ``reconstruct`` to EVAL_SUBSET corrupted test images, and return the quality of the results."""
    corrupted, clean = corrupted_pairs(data, "test", levels, EVAL_SUBSET)
    return reconstruction_quality(reconstruct(corrupted), clean)


def best_filter_quality(data: str, levels: CorruptionLevels) -> ReconstructionQuality:
    """Return the quality of EVAL_SUBSET corrupted test images after filtering with the best classical filter."""
    return evaluate_quality(data, levels, best_filter(data, levels))


Verdict = Literal["uncorrupted", "harmful", "worse_than_filter", "filters_harm", "better", "best"]


@dataclass(frozen=True)
class Comparison:
    """The quality of the corrupted images, the filtered images (None if not computed), and the reconstructions."""

    corrupted: ReconstructionQuality
    filtered: ReconstructionQuality | None
    reconstructed: ReconstructionQuality

    @property
    def verdict(self) -> Verdict:
        """How the network's PSNR compares with the PSNRs of the corrupted images and of the best filter.

        The verdict is the first of these that applies:
        - "uncorrupted": the corrupted images are identical to the clean images.
        - "harmful": the network's PSNR is lower than that of the corrupted images.
        - "better": there are no filtered images to compare with.
        - "filters_harm": the best filter does not increase the PSNR.
        - "worse_than_filter": the best filter has a higher PSNR than the network.
        - "best": the network's PSNR is at least as high as the best filter's.
        """
        if math.isinf(self.corrupted.psnr):
            return "uncorrupted"
        if self.reconstructed.psnr < self.corrupted.psnr:
            return "harmful"
        if self.filtered is None:
            return "better"
        if self.filtered.psnr <= self.corrupted.psnr:
            return "filters_harm"
        return "worse_than_filter" if self.reconstructed.psnr < self.filtered.psnr else "best"

    @property
    def gain(self) -> float:
        """The network's PSNR gain over the corrupted images, in dB."""
        return self.reconstructed.psnr - self.corrupted.psnr

    @property
    def gain_over_filter(self) -> float:
        """The network's PSNR gain over the best filter, in dB; NaN if there are no filtered images."""
        return self.reconstructed.psnr - self.filtered.psnr if self.filtered else math.nan

    @property
    def only_ssim_gains(self) -> bool:
        """Whether the reconstructions have a lower PSNR but a higher SSIM than the corrupted images."""
        return self.verdict == "harmful" and self.reconstructed.ssim > self.corrupted.ssim


def is_constant(reconstructed: UInt8[np.ndarray, "images height width"], step: int) -> bool:
    """Return whether all reconstructions are identical. Identical reconstructions indicate that training has failed.

    Returns False before update _MIN_UPDATES, because identical reconstructions are normal early in training.
    """
    return step >= _MIN_UPDATES and not np.ptp(reconstructed, axis=0).any()
