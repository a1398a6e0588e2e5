"""A fast check of a recorded map: one of its networks is the default autoencoder, whose weights ship with the app."""

from functools import partial

import safetensors.torch

from core.compression import read_bytes
from core.paths import CHECKPOINTS
from core.topics.autoencoder import train as training
from core.topics.autoencoder.config import PRESETS
from core.topics.autoencoder.denoising_maps.config import MapConfig
from core.topics.autoencoder.denoising_maps.train import N_TEST, evaluate_psnr
from core.topics.autoencoder.model import load
from core.training.progress import Metrics


def recompute(config: MapConfig, _recorded: Metrics) -> Metrics:
    """Compute the PSNR in dB of the default autoencoder on the first, the middle, and the last test corruption.

    Returns the PSNRs by metric name, ``<row>/<column>``.
    """
    default = PRESETS["quick"]
    row = next(name for name, row_config in config.rows.items() if default.matches(row_config))
    plain = default.changed(cpu_optimizations=())
    weights = safetensors.torch.load(read_bytes(CHECKPOINTS / "autoencoder-quick" / "weights.safetensors"))
    reconstruct = partial(training.reconstruct, plain, load(plain, weights))
    columns = list(config.columns.items())
    chosen = (columns[0], columns[len(columns) // 2], columns[-1])
    return {f"{row}/{column}": evaluate_psnr(levels, reconstruct, N_TEST) for column, levels in chosen}
