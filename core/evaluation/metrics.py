"""Metrics of images (MSE, PSNR, SSIM) and of classifiers (accuracy, confusion matrix, confidence intervals).

The image metrics take ``images`` and ``targets`` of the same shape, with values from 0 (black) to 1 (white), and
compute in float64. Values outside 0..1 are not clamped.
"""

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor
from torch.nn.functional import mse_loss

_RADIUS, _SIGMA = 5, 1.5  # of SSIM's window: 11 x 11
_C1, _C2 = 0.01**2, 0.03**2

Images = Float[Tensor, "batch channels height width"]
Labels = Int64[Tensor, " samples"]


def mse(images: Images, targets: Images) -> Float64[Tensor, " batch"]:
    """Return the mean squared error between each image and its target."""
    return mse_loss(images, targets, reduction="none").flatten(1).mean(dim=1, dtype=torch.float64)


def psnr(images: Images, targets: Images) -> Float64[Tensor, " batch"]:
    """Return the peak signal-to-noise ratio of each image in dB, 10 · log10(1 / mse).

    The PSNR rises by 10 dB when the mean squared error is divided by 10. It is inf if an image is identical to its
    target.
    """
    return _decibels(mse(images, targets))


def mean_psnr(images: Images, targets: Images) -> float:
    """Return the PSNR in dB, computed from the mean squared error over all pixels of all images.

    Another convention is the mean of the `psnr` values of all images. Because −log is convex, this mean is never lower
    than `mean_psnr`. This mean is infinite if any image equals its target, but `mean_psnr` is infinite only if all
    images equal their targets. A lower mean squared error always gives a higher `mean_psnr`.
    """
    return _decibels(mse(images, targets).mean()).item()


def _decibels(error: Float64[Tensor, "*batch"]) -> Float64[Tensor, "*batch"]:
    return -10 * error.log10()


def ssim(images: Images, targets: Images) -> Float64[Tensor, " batch"]:
    """Return the structural similarity of each image and its target, from -1 to 1. Identical images have the value 1.

    The local means, variances, and covariances are computed with a Gaussian window of 11 x 11 pixels (standard
    deviation: 1.5 pixels). The result is the mean over the channels and over all positions of the window inside the
    image. Raises ValueError if the images are smaller than 11 x 11 pixels.
    Source: Wang et al., Image Quality Assessment: From Error Visibility to Structural Similarity, 2004, section III.
    """
    pairs = torch.stack([images, targets], dim=1)
    down, right = (_window_weights(side) for side in pairs.shape[-2:])
    # In chunks that stay in the processor's cache
    return torch.cat([_ssim(chunk.double(), down, right) for chunk in pairs.split(250)])


def _ssim(
    pairs: Float64[Tensor, "batch 2 channels height width"],
    down: Float64[Tensor, "height-10 height"],
    right: Float64[Tensor, "width-10 width"],
) -> Float64[Tensor, " batch"]:
    """Return the SSIM of pairs of images. In float32, E[x²] - E[x]² would have errors of up to 1e-4 times C2."""
    x, y = pairs.unbind(dim=1)
    # Only the sum of the variances is needed
    mean_x, mean_y, squares, product = (down @ (values @ right.T) for values in (x, y, x * x + y * y, x * y))
    means, mean_product = mean_x.square() + mean_y.square(), mean_x * mean_y
    variances, covariance = squares - means, product - mean_product
    similarity = (2 * mean_product + _C1) * (2 * covariance + _C2) / ((means + _C1) * (variances + _C2))
    return similarity.flatten(1).mean(dim=1)


def _window_weights(side: int) -> Float64[Tensor, "{side}-10 {side}"]:
    """Return the weight of each pixel (columns) in each window (rows), along one axis."""
    if side <= 2 * _RADIUS:
        raise ValueError(f"SSIM needs images of at least {2 * _RADIUS + 1} pixels on each side, but these have {side}")
    offsets = torch.arange(side) - torch.arange(_RADIUS, side - _RADIUS).unsqueeze(1)
    weights = (offsets.double() / _SIGMA).square_().div_(-2).exp_().masked_fill_(offsets.abs() > _RADIUS, 0)
    return weights / weights.sum(dim=1, keepdim=True)


def accuracy(logits: Float[Tensor, "samples classes"], labels: Labels) -> float:
    """Return the fraction of samples whose highest logit is that of the true class.

    A sample with a logit that is not finite counts as misclassified. Probabilities may be passed instead of logits.
    """
    return float(((logits.argmax(dim=1) == labels) & logits.isfinite().all(dim=1)).double().mean())


def confusion_matrix(labels: Labels, predictions: Labels, classes: int = 10) -> Int64[Tensor, "{classes} {classes}"]:
    """Return the number of samples for each true label (row) and predicted class (column)."""
    return torch.bincount(labels * classes + predictions, minlength=classes * classes).view(classes, classes)


def confusion_cell(labels: Labels, predictions: Labels, true: int, predicted: int) -> Int64[Tensor, " cell"]:
    """Return the indices of the samples with the true label ``true`` and the predicted class ``predicted``."""
    return ((labels == true) & (predictions == predicted)).nonzero().flatten()


def misclassified(probabilities: Float[Tensor, "samples classes"], labels: Labels) -> Int64[Tensor, " misclassified"]:
    """Return the indices of the misclassified samples, in descending order of confidence."""
    confidences, predictions = probabilities.max(dim=1)
    order = confidences.argsort(descending=True, stable=True)
    return order[predictions[order] != labels[order]]


def wilson_interval(proportion: float, count: int) -> tuple[float, float]:
    """Return the lower and upper bounds of the 95% Wilson interval for a proportion observed in ``count`` samples.

    Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference, 1927.
    """
    from scipy.stats import binomtest  # takes half a second to import

    interval = binomtest(round(proportion * count), count).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)
