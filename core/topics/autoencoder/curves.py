"""The curves in the exported figure of a run."""

from core.export.curves import Curves
from core.topics.autoencoder.config import AutoencoderConfig
from core.translatable import N_

_LOSSES = {"mse": N_("mean squared error"), "l1": N_("mean absolute error"), "bce": N_("binary cross-entropy")}


def curves(config: AutoencoderConfig) -> tuple[Curves, ...]:
    """Return the charts of the loss and of the quality of reconstructed test images: PSNR and SSIM."""
    reconstructed = N_("reconstructed test images")
    return (
        Curves(N_("Loss of each batch"), _LOSSES[config.loss], {N_("training batches"): ("loss",)}, log=True),
        Curves(N_("Peak signal-to-noise ratio"), N_("PSNR in dB"), {reconstructed: ("some/psnr",)}),
        Curves(N_("Structural similarity"), N_("SSIM"), {reconstructed: ("some/ssim",)}),
    )
