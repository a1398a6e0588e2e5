"""Training of an autoencoder that reconstructs corrupted images, and its evaluation on test images."""

from collections.abc import Generator

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy

from core.evaluation.metrics import mse
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.data import EVAL_SUBSET, N_SHOWN, Images, Pair
from core.topics.autoencoder.quality import reconstruction_quality
from core.topics.autoencoder.training_step import (
    TUNER,
    build_network,
    build_optimizer,
    evaluation_mode,
    to_images,
    update,
)
from core.training.batching import BatchPlan, evaluation_steps
from core.training.cpu_optimizations import memory_format
from core.training.device import device_of
from core.training.live_settings import set_in_optimizer
from core.training.loop import training_loop
from core.training.progress import Metrics, Progress, TrainedModel, finite
from core.training.state import TrainingState, Values

N_TEST = 10_000
_EVALUATION_BATCH = 500


def train(config: AutoencoderConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Train the configured network; yield progress after every update, or after every few updates in long runs.

    Metrics:
    - ``loss``: the loss of the batch before the update; ``learning_rate``: the learning rate of the update.
    - At keyframes (see `keyframe_steps`), for EVAL_SUBSET test images corrupted as in training: ``some/psnr`` in dB
      (from the MSE over all pixels of all images) and ``some/ssim`` (mean). Before the first update, also
      ``input/psnr`` and ``input/ssim`` of the corrupted images.
    - At the end of an epoch: ``epoch`` (the number of completed epochs), and ``test/mse``, ``test/psnr``, and
      ``test/ssim`` of all 10,000 test images. The last evaluation is in 32-bit precision. A PSNR of None means that the
      reconstructions are identical to the clean images, or that values are not finite.
    - At some keyframes, the gradients, updates, and units of each layer (see `core.training.probes`).
    - ``diverged_at``: the update whose loss is not finite. The run ends at this update.

    Arrays at keyframes: ``restored``, uint8 (N_SHOWN, 28, 28), the reconstructions of the first test images.

    Returns the weights and the final metrics. The final metrics also include ``input/psnr`` and ``input/ssim`` for all
    test images, and ``updates`` (the number of updates made).
    """
    images, network = Images(config), build_network(config)
    optimizer = build_optimizer(config, network)
    subset = images.test_subset(EVAL_SUBSET)
    state = resume or TrainingState()
    kept = Values(metrics={}, diverged={})
    state.track(network=network, optimizer=optimizer, kept=kept)
    state.current_weights = network.state_dict

    if not state.resumed:
        qualities, arrays = _evaluate_subset(config, network, subset)
        yield Progress(0, config.updates, {**qualities, **_quality_metrics("input", *subset)}, arrays)
    test_set = images.test_subset(N_TEST)

    def begin(config: AutoencoderConfig, plan: BatchPlan) -> None:
        images.plan = plan

    def learn(config: AutoencoderConfig, step: int, rate: float) -> float | None:
        set_in_optimizer(optimizer, lr=rate)
        return finite(update(config, network, optimizer, *images.batch(step - 1)))

    def evaluate_epoch(config: AutoencoderConfig, metrics: dict[str, float | None], last: bool) -> None:
        metrics |= _evaluate_all(_in_32_bits(config) if last else config, network, test_set)

    yield from training_loop(
        config,
        state,
        kept,
        samples=config.pictures,
        network=network,
        begin=begin,
        update=learn,
        keyframes=keyframe_steps,
        evaluate_some=lambda config: _evaluate_subset(config, network, subset),
        evaluate_all=evaluate_epoch,
    )
    final = {**_quality_metrics("input", *test_set), "updates": state.step}
    if "test/mse" not in kept.metrics:
        final |= {**_evaluate_all(_in_32_bits(config), network, test_set), **kept.diverged}
    return TrainedModel(network.state_dict(), kept.metrics | final)


def _in_32_bits(config: AutoencoderConfig) -> AutoencoderConfig:
    return config.changed(cpu_optimizations=())


def keyframe_steps(config: AutoencoderConfig, updates: int | None = None) -> set[int]:
    """Return the keyframes: the updates after which a subset of the test images is reconstructed.

    These are a few early updates, evenly spaced updates, and the last update. ``updates``, the number of updates in the
    run, is required only if the batch size was changed during the run.
    """
    n_trained = config.epochs * config.pictures
    return evaluation_steps(
        updates or config.updates, n_trained=n_trained, n_evaluated=EVAL_SUBSET, first=(1, 2, 4, 8, 16, 32)
    )


def reconstruct(
    config: AutoencoderConfig, network: nn.Module, corrupted: Float32[Tensor, "images 1 28 28"]
) -> Float32[Tensor, "images 1 28 28"]:
    """Reconstruct corrupted images with the network.

    The pixel values of the inputs and of the reconstructions are in 0..1. The network runs in eval mode; its previous
    mode is restored afterward. NaN outputs remain NaN.
    """
    device, layout = device_of(network), memory_format(config.cpu_optimizations)
    with evaluation_mode(config, network):
        batches = (batch.to(device, memory_format=layout) for batch in corrupted.split(_EVALUATION_BATCH))
        outputs = [network(batch).cpu() for batch in batches]
    return to_images(config, torch.cat(outputs))


def _evaluate_subset(
    config: AutoencoderConfig, network: nn.Module, pair: Pair
) -> tuple[Metrics, dict[str, np.ndarray]]:
    """Return the metrics of EVAL_SUBSET test images, and the reconstructions of the first N_SHOWN images."""
    corrupted, clean = pair
    reconstructed = reconstruct(config, network, corrupted)
    shown = (reconstructed[:N_SHOWN, 0].nan_to_num() * 255).round().to(torch.uint8).numpy()
    return _quality_metrics("some", reconstructed, clean), {"restored": shown}


def _quality_metrics(prefix: str, images: Tensor, clean: Tensor) -> Metrics:
    qualities = reconstruction_quality(images, clean)._asdict()
    return {f"{prefix}/{name}": finite(value) for name, value in qualities.items()}


def _evaluate_all(config: AutoencoderConfig, network: nn.Module, pair: Pair) -> Metrics:
    """Return the metrics of all test images."""
    corrupted, clean = pair
    reconstructed = reconstruct(config, network, corrupted)
    return {"test/mse": finite(mse(reconstructed, clean).mean()), **_quality_metrics("test", reconstructed, clean)}


def least_loss(config: AutoencoderConfig) -> float:
    """Return the loss of the first batch if the outputs equal the clean images.

    This loss is zero, except for the binary cross-entropy of gray pixels.
    """
    _corrupted, clean = Images(config).batch(0)
    return float(binary_cross_entropy(clean, clean)) if config.loss == "bce" else 0.0


def estimate_seconds(config: AutoencoderConfig) -> float:
    """Estimate the duration of a run on this machine, in seconds."""
    update_seconds = TUNER.seconds_per_update(config)
    # Reconstructing an image takes about a third of the time of training on it
    per_image = update_seconds / 3 / min(config.batch_size, config.pictures)
    evaluated = config.epochs * N_TEST + len(keyframe_steps(config)) * EVAL_SUBSET
    return config.updates * update_seconds + evaluated * per_image
