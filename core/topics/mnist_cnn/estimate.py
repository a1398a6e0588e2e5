"""How long a run will take on this machine, measured on its own first updates."""

import time

import torch

from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.data import MOST, SOME
from core.topics.mnist_cnn.model import check
from core.topics.mnist_cnn.train import keyframe_steps
from core.topics.mnist_cnn.training_step import resolve, same_cost, seconds_per_update
from core.topics.mnist_cnn.transforms import apply, chain
from core.training.timing import measured

_TEST = 10_000  # digits
_TRIED = 32  # digits whose transforms are measured


def estimate_seconds(config: CNNConfig) -> float:
    """Seconds that the run would take here, if it is not stopped early; measured for each cost.

    Raises what `core.topics.mnist_cnn.model.check` raises.
    """
    check(config)
    update, same = seconds_per_update(config), same_cost(config)
    transforms = _seconds_for_transforms(same) * same.batch_size
    # To ask a digit takes a third of the time that it takes to learn from it, and in 32 bits up to twice as long
    asking = update / 3 / same.batch_size
    looks = len(keyframe_steps(config)) * 2 * SOME
    known = min(MOST, config.samples)
    examined = known + _TEST * (1 + config.without_eval) + config.validation
    trained = config.updates * (update + transforms) + (looks + (config.epochs + 1) * examined) * asking
    return trained + (_seconds_to_sift(resolve(config).sifter) if config.hardest < 1 else 0)


def _seconds_to_sift(first: CNNConfig) -> float:
    update, batch = seconds_per_update(first), same_cost(first).batch_size
    return first.updates * update + first.samples * update / 3 / batch


@measured
def _seconds_for_transforms(config: CNNConfig) -> float:
    """Seconds that the transforms of one training digit take."""
    links, pictures = chain(config, training=True), torch.rand(_TRIED, 1, 28, 28)
    apply(links, pictures, 0)
    began = time.perf_counter()
    apply(links, pictures, 0)
    return (time.perf_counter() - began) / _TRIED
