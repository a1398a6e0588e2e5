"""The settings of a run, as constants of the program in script.py."""

import math
from collections.abc import Sequence

from core.export.changes import constants_of_batches
from core.export.template import Code
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import check, summary
from core.topics.mnist_cnn.transforms import TransformSpec, pipeline
from core.training.batching import BatchPlan
from core.training.state import Change


def constants(config: CNNConfig) -> dict[str, object]:
    """Return the constants of the program (name -> value) for a run with these settings.

    Raises the same errors as `core.topics.mnist_cnn.model.check`.
    """
    check(config)
    same: tuple[str, ...] = ("seed", "threads", "samples", "epochs", "batch_size", "learning_rate", "schedule")
    same += (
        "optimizer",
        "weight_decay",
        "label_smoothing",
        "ema_decay",
        "keep_fraction",
        "early_stopping",
        "without_eval",
    )
    same += ("network", "padding", "conv_layers", "channels", "kernel", "pooling", "pool_after", "batch_norm")
    same += ("activation", "linear", "dropout")
    training, test, proxy = (
        pipeline(settings, training=each)
        for settings, each in ((config, True), (config, False), (config.proxy_config, False))
    )
    kinds = {spec.kind for spec in training}
    affine = kinds & {"RandomAffine", "RandomRotation"}
    optimizations = config.cpu_optimizations
    layers = summary(config)
    swaps = "pool_first" in optimizations and config.activation != "gelu" and config.pooling == "max"
    flatten = next(layer for layer in layers if layer.kind == "Flatten")
    return {name.upper(): getattr(config, name) for name in same} | {
        "DEVICE": "cpu" if config.device == "automatic" else config.device,
        "TRANSFORMS": _code(training),
        "TEST_TRANSFORMS": _code(test),
        "PROXY_TRANSFORMS": _code(proxy),
        "AFFINE": bool(affine),
        "CROP": "RandomCrop" in kinds,
        "PER_IMAGE": any(spec.is_random for spec in training if spec.kind not in affine | {"RandomCrop"}),
        "RANDOM": any(spec.is_random or spec.kind == "GaussianNoise" for spec in training),
        "FEATURES": math.prod(flatten.output or (1,)),
        "POOLED": "before the activation" if swaps else "after the activation",
        "DROPS": any(layer.kind == "Dropout" for layer in layers),
        "POOL_FIRST": "pool_first" in optimizations,
        "CHANNELS_LAST": "channels_last" in optimizations,
        "FUSED": "fused" in optimizations,
        "BFLOAT16": "bfloat16" in optimizations,
    }


def changed_constants(config: CNNConfig, changes: Sequence[Change]) -> dict[str, object]:
    """Return the constants of the program that differ if ``changes`` were made during the run."""
    names = ["learning_rate", "weight_decay", "label_smoothing"]
    return constants_of_batches(
        config,
        changes,
        [*names, "dropout"] if config.network == "own" else names,
        plan=lambda changes: BatchPlan(config.n_selected, config.batch_size, changes),
        scheduled=config.schedule != "constant",
    )


def _code(specs: list[TransformSpec]) -> Code:
    return Code("\n".join(["[", *(f"    {spec.code}," for spec in specs), "]"]) if specs else "[]")
