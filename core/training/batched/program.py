"""The settings of one network of a run, as constants of the programs of the topics with batched networks."""

import torch

from core.export.choice import Choice
from core.training.batched.config import BatchedConfig
from core.training.batched.data import DataSplits
from core.training.batched.results import NetworkSpec
from core.training.batched.run import VALIDATION_INTERVAL, measurement_interval


def network_choices(config: BatchedConfig, *, variant: str) -> dict[str, Choice]:
    """Return how the networks of a run differ. ``variant`` says what a variant is: "optimizer" or "schedule"."""
    rates = config.learning_rates
    return {
        variant: Choice(config.variants, config.variants[-1]),
        "learning_rate": Choice(rates, rates[len(rates) // 2]),
        "seed": Choice(range(config.seeds), 0),
    }


def network_settings(config: BatchedConfig, network: NetworkSpec) -> dict[str, object]:
    """Return the constants (name -> value) for one network of a run with these settings.

    The constant FLOAT64 is true if `DataSplits.dtype` is float64.
    """
    same = ("seed", "threads", "samples", "noise", "epochs", "batch_size", "momentum", "beta1", "beta2", "weight_decay")
    inputs, hidden, _outputs = config.sizes
    interval = measurement_interval(config)
    return {name.upper(): getattr(config, name) for name in same} | {
        "WEIGHT_SEED": config.weight_seed(network.seed),
        "DIGITS": config.data == "digits",
        "SIDE": 28 if config.full_size else 14,
        "INPUTS": inputs,
        "HIDDEN": hidden,
        "UPDATES": config.updates,
        "INTERVAL": interval,
        "VALIDATION_INTERVAL": VALIDATION_INTERVAL * interval,
        "OPTIMIZER": config.optimizer_of(network.variant),
        "LEARNING_RATE": network.learning_rate,
        "FLOAT64": DataSplits.dtype == torch.float64,
    }
