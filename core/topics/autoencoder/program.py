"""The settings of a run, as constants of the program in script.py.

The program's list ``losses`` holds the run's metric ``loss`` of every update, in order. A run with more than 2,000
updates has this metric only for some updates. If a run diverges, its last loss is None, and the program's last loss
is inf or NaN.
"""

from collections.abc import Sequence

from core.data import corruptions
from core.export.changes import constants_of_batches
from core.export.template import Code
from core.topics.autoencoder.config import AutoencoderConfig, Corruption
from core.training.batching import BatchPlan
from core.training.state import Change

_FUNCTIONS: dict[Corruption, str] = {"gaussian": "gaussian_noise"}
"""Corruption -> its function in the program, if the names differ."""


def constants(config: AutoencoderConfig) -> dict[str, object]:
    """Return the constants of the program (name -> value) for a run with these settings."""
    same: tuple[str, ...] = ("seed", "threads", "epochs", "batch_size", "learning_rate", "schedule", "loss")
    same += ("noise", "salt_and_pepper", "mosaic", "occlusion", "blur", "network", "code")
    functions = [_FUNCTIONS.get(name, name) for name in config.corruptions]
    return {name.upper(): getattr(config, name) for name in same} | {
        "DATASET": config.data,
        "DEVICE": "cpu" if config.device == "automatic" else config.device,
        "SAMPLES": config.pictures,
        "CORRUPTIONS": Code(f"[{', '.join(functions)}]") if functions else [],
        "RANDOM": not corruptions.RANDOM.isdisjoint(config.corruptions),
        "RELU_CODE": config.relu_code and config.network in ("quick", "linear"),
        "SIGMOID": config.ends_in_sigmoid,
        "POOL_FIRST": "pool_first" in config.cpu_optimizations,
        "CHANNELS_LAST": "channels_last" in config.cpu_optimizations,
        "FUSED": "fused" in config.cpu_optimizations,
        "BFLOAT16": "bfloat16" in config.cpu_optimizations,
    }


def changed_constants(config: AutoencoderConfig, changes: Sequence[Change]) -> dict[str, object]:
    """Return the constants of the program that differ if ``changes`` were made during the run."""
    return constants_of_batches(
        config,
        changes,
        ["learning_rate"],
        plan=lambda changes: BatchPlan(config.pictures, config.batch_size, changes),
        scheduled=config.schedule != "constant",
    )
