"""Training of one network per corruption (rows), and tests on all corruptions (columns)."""

from collections.abc import Callable, Generator
from functools import partial

import torch
from torch import Tensor

from core.evaluation.metrics import mean_psnr
from core.topics.autoencoder import train as training
from core.topics.autoencoder import training_step
from core.topics.autoencoder.config import CorruptionLevels
from core.topics.autoencoder.data import corrupted_pairs
from core.topics.autoencoder.denoising_maps.config import DATA, MapConfig
from core.topics.autoencoder.filters import best_filter
from core.topics.autoencoder.model import load
from core.training.progress import Progress, TrainedModel, finite, run_to_end
from core.training.state import TrainingState, Values

N_TEST = 1_000
"""Number of test digits."""
N_FILTERED = 200
"""Number of test digits for the filters. Some filters take a millisecond per image."""


def evaluate_psnr(levels: CorruptionLevels, reconstruct: Callable[[Tensor], Tensor], count: int) -> float:
    """Corrupt the first ``count`` test digits, apply ``reconstruct``, and return the PSNR of the results in dB."""
    corrupted, clean = corrupted_pairs(DATA, "test", levels, count)
    return mean_psnr(reconstruct(corrupted), clean)


def resolve(config: MapConfig) -> MapConfig:
    """Return a copy with machine-dependent choices resolved.

    The choices are made for the first network and apply to all networks.
    """
    first = training_step.resolve(next(iter(config.rows.values())))
    return config.changed(device=first.device, cpu_optimizations=first.cpu_optimizations)


def train(config: MapConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Train and test each network, and yield progress at the start and after each network.

    Each metric ``<row>/<column>`` (see `MapConfig`) is a PSNR in dB on N_TEST test digits. Two more rows are for
    comparison: ``corrupted`` (the corrupted digits themselves) and ``filter`` (the output of the best classical filter
    on N_FILTERED test digits). Instead of weights, the result contains ``psnr``, a float32 tensor of shape
    (rows, columns) with the PSNRs of the networks.
    """
    state, kept, rows = resume or TrainingState(), Values(figures={}), list(config.rows.items())
    state.track(kept=kept)
    if not state.resumed:
        for column, levels in config.columns.items():
            kept.figures[f"corrupted/{column}"] = finite(evaluate_psnr(levels, lambda corrupted: corrupted, N_TEST))
            kept.figures[f"filter/{column}"] = finite(evaluate_psnr(levels, best_filter(DATA, levels), N_FILTERED))
        yield Progress(0, len(rows), dict(kept.figures))
    for number in state.updates(len(rows)):
        row, row_config = rows[number - 1]
        model = run_to_end(training.train(row_config), lambda _event: None)
        plain = row_config.changed(cpu_optimizations=())
        reconstruct = partial(training.reconstruct, plain, load(plain, model.weights))
        for column, levels in config.columns.items():
            kept.figures[f"{row}/{column}"] = finite(evaluate_psnr(levels, reconstruct, N_TEST))
        yield Progress(number, len(rows), dict(kept.figures))
    psnr = [[kept.figures[f"{row}/{column}"] or 0.0 for column in config.columns] for row in config.rows]
    return TrainedModel({"psnr": torch.tensor(psnr)}, kept.figures)
