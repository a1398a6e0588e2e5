"""How close pictures come to those that they should be: mean squared error, PSNR, SSIM; how many answers are right.

Those of pictures take them and their targets (N, C, H, W), both of one shape, black 0 and white 1, and count in
float64. What leaves 0..1 is taken as it is.
"""

import torch
from torch import Tensor
from torch.nn.functional import mse_loss

_RADIUS, _SIGMA = 5, 1.5  # of SSIM's window: 11 x 11
_C1, _C2 = 0.01**2, 0.03**2


def mse(pictures: Tensor, targets: Tensor) -> Tensor:
    """The mean squared error of each picture: float64 (N,)."""
    return mse_loss(pictures, targets, reduction="none").flatten(1).mean(dim=1, dtype=torch.float64)


def psnr(pictures: Tensor, targets: Tensor) -> Tensor:
    """The peak signal-to-noise ratio of each picture in dB, 10 · log10(1 / mse): float64 (N,).

    10 dB more is a tenth of the squared error; inf where picture and target are identical.
    """
    return _decibels(mse(pictures, targets))


def mean_psnr(pictures: Tensor, targets: Tensor) -> float:
    """The PSNR in dB of a set of pictures: of the mean squared error over all their pixels.

    The other convention is the mean of the pictures' own `psnr`, which is never lower (the logarithm is concave) and
    which a single perfect picture makes infinite, as if all were. Here it is inf only if all pictures are identical
    to their targets, and the order of two networks is that of their losses.
    """
    return _decibels(mse(pictures, targets).mean()).item()


def share_right(answers: Tensor, labels: Tensor) -> float:
    """Share of the answers (N, classes) whose highest number is that of the label (N,). What is no number is wrong."""
    return float(((answers.argmax(dim=1) == labels) & answers.isfinite().all(dim=1)).double().mean())


def _decibels(error: Tensor) -> Tensor:
    return -10 * error.log10()


def ssim(pictures: Tensor, targets: Tensor) -> Tensor:
    """The structural similarity of each picture: float64 (N,), from -1 to 1, 1 only where both are identical.

    Local means, variances and covariance are weighted by a Gaussian window of 11 x 11 pixels, sigma 1.5. The mean is
    that over all places at which the window lies inside the picture, and over the channels. H and W are at least 11.
    Source: Wang et al., Image Quality Assessment: From Error Visibility to Structural Similarity, 2004, section III.
    """
    pairs = torch.stack([pictures, targets], dim=1)
    down, right = (_window_weights(side) for side in pairs.shape[-2:])
    # A part at a time, that stays in the processor's cache
    return torch.cat([_ssim(part.double(), down, right) for part in pairs.split(250)])


def _ssim(pairs: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """For pairs (N, 2, C, H, W) of float64: with float32, E[x²] - E[x]² would be off by as much as 1e-4 of C2."""
    x, y = pairs.unbind(dim=1)
    # The variances are only needed as a sum
    mean_x, mean_y, squares, product = (down @ (values @ right.T) for values in (x, y, x * x + y * y, x * y))
    means, mean_product = mean_x.square() + mean_y.square(), mean_x * mean_y
    variances, covariance = squares - means, product - mean_product
    similarity = (2 * mean_product + _C1) * (2 * covariance + _C2) / ((means + _C1) * (variances + _C2))
    return similarity.flatten(1).mean(dim=1)


def _window_weights(side: int) -> Tensor:
    """How much each pixel (columns) weighs in each window (rows), along one direction: (side - 10, side)."""
    if side <= 2 * _RADIUS:
        raise ValueError(f"SSIM needs pictures of at least {2 * _RADIUS + 1} pixels a side, these have {side}")
    offsets = torch.arange(side) - torch.arange(_RADIUS, side - _RADIUS).unsqueeze(1)
    weights = (offsets.double() / _SIGMA).square_().div_(-2).exp_().masked_fill_(offsets.abs() > _RADIUS, 0)
    return weights / weights.sum(dim=1, keepdim=True)
