"""Trains an autoencoder to repair pictures, and looks at some that it has never seen meanwhile."""

from collections.abc import Generator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from core.evaluation.metrics import mean_psnr, mse, ssim
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.data import (
    SHOWN,
    SOME,
    Pair,
    Pictures,
)
from core.topics.autoencoder.training_step import (
    as_pictures,
    asking,
    network_of,
    optimizer_of,
    update,
)
from core.training.batching import batches_per_epoch, evaluation_steps
from core.training.cpu_optimizations import memory_format
from core.training.progress import (
    Metrics,
    Progress,
    TrainedModel,
    finite,
)
from core.training.schedules import learning_rates

EVENTS = 2_000  # most events in a run
TESTED = 10_000  # test pictures


def train(config: AutoencoderConfig) -> Generator[Progress, None, TrainedModel]:
    """Train the network of the settings; yields after every update (of long runs, at most EVENTS times).

    Metrics: ``loss`` of the batch before its update, and the ``learning_rate`` of that. At keyframes, of SOME test
    pictures that are corrupted as in training, ``some/psnr`` in dB (of all pixels together) and ``some/ssim`` (mean);
    at step 0 also ``input/psnr`` and ``input/ssim``, those of the corrupted pictures as they are. At the end of every
    ``epoch`` ``test/mse``, ``test/psnr`` and ``test/ssim`` of all 10,000, at the very end in 32 bits. A PSNR of None
    is that of identical pictures, or of numbers that are not finite. ``diverged_at`` if the loss ceases to be finite:
    the run ends there.
    Arrays at keyframes: ``restored`` uint8 (SHOWN, 28, 28), the first test pictures as the network gives them back.

    Returns the weights, the last metrics, and ``input/...`` of all test pictures.
    """
    plain = config.changed(tricks=())
    pictures, network = Pictures(config), network_of(config)
    optimizer = optimizer_of(config, network)
    rates = learning_rates(config.schedule, config.updates)
    epoch = batches_per_epoch(config.pictures, config.batch_size)
    keyframes, spacing = keyframe_steps(config), -(-config.updates // EVENTS)
    some = pictures.tested(SOME)

    seen, arrays = _look(config, network, some)
    yield Progress(0, config.updates, seen | _quality("input", *some), arrays)
    tested = pictures.tested(TESTED)
    for step in range(1, config.updates + 1):
        rate = config.learning_rate * rates[step - 1]
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = finite(update(config, network, optimizer, *pictures.batch(step - 1)))

        metrics: dict[str, float | None] = {"loss": loss, "learning_rate": rate}
        arrays = {}
        if loss is None:
            yield Progress(step, config.updates, metrics | {"diverged_at": step})
            break
        if step in keyframes:
            seen, arrays = _look(config, network, some)
            metrics |= seen
        if step % epoch == 0:
            how = plain if step == config.updates else config
            metrics |= {"epoch": step // epoch} | _examine(how, network, tested)
        if step % spacing == 0 or arrays or "epoch" in metrics:
            yield Progress(step, config.updates, metrics, arrays)

    final = _quality("input", *tested) | {"updates": step}
    if loss is None:
        final |= _examine(plain, network, tested) | {"diverged_at": step}
    return TrainedModel(network.state_dict(), metrics | final)


def keyframe_steps(config: AutoencoderConfig) -> set[int]:
    """Updates after which some pictures are restored: soon after the beginning, then evenly spaced, and at the end."""
    learnt = config.epochs * config.pictures
    return evaluation_steps(config.updates, n_trained=learnt, n_evaluated=SOME, first=(1, 2, 4, 8, 16, 32))


def restore(config: AutoencoderConfig, network: nn.Module, corrupted: Tensor) -> Tensor:
    """What the network makes of pictures float32 (N, 1, 28, 28) in 0..1: the same, cut to 0..1; in eval mode.

    The network is left in the mode in which it was. Where it answers with what is no number, so is the picture.
    """
    with asking(config, network):
        parts = [network(part.to(memory_format=memory_format(config.tricks))) for part in corrupted.split(500)]
    return as_pictures(config, torch.cat(parts))


class Quality(NamedTuple):
    """How close pictures come to the clean ones: PSNR in dB (inf: identical) and SSIM."""

    psnr: float
    ssim: float


def quality(pictures: Tensor, clean: Tensor) -> Quality:
    """The PSNR of all pixels together, and the mean SSIM."""
    return Quality(mean_psnr(pictures, clean), float(ssim(pictures, clean).mean()))


def _look(config: AutoencoderConfig, network: nn.Module, pair: Pair) -> tuple[Metrics, dict[str, np.ndarray]]:
    """Restore some pictures."""
    corrupted, clean = pair
    restored = restore(config, network, corrupted)
    shown = (restored[:SHOWN, 0].nan_to_num() * 255).round().to(torch.uint8).numpy()
    return _quality("some", restored, clean), {"restored": shown}


def _quality(of: str, pictures: Tensor, clean: Tensor) -> Metrics:
    return {f"{of}/{name}": finite(value) for name, value in quality(pictures, clean)._asdict().items()}


def _examine(config: AutoencoderConfig, network: nn.Module, pair: Pair) -> Metrics:
    """Restore all test pictures."""
    corrupted, clean = pair
    restored = restore(config, network, corrupted)
    return {"test/mse": finite(mse(restored, clean).mean())} | _quality("test", restored, clean)
