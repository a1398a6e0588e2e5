"""Check whether two runs of the playground can be compared."""

from core.topics.playground.config import PlaygroundConfig

# Settings that change neither the points nor the initial network
_TRAINING_FIELDS = ("batch_size", "loss", "optimizer", "learning_rate", "epochs", "l1", "l2", "dropout", "threads")
_LOSS_FIELDS = ("data", "points", "noise", "samples", "train_share", "data_seed", "loss")


def has_same_start(config: PlaygroundConfig, other: PlaygroundConfig) -> bool:
    """Return whether two runs have the same points and the same initial network."""
    training = {name: getattr(config, name) for name in _TRAINING_FIELDS}
    return other.model_copy(update=training) == config


def has_comparable_losses(config: PlaygroundConfig, other: PlaygroundConfig) -> bool:
    """Return whether two runs measure the same loss on the same test points."""
    return all(getattr(other, name) == getattr(config, name) for name in _LOSS_FIELDS)
