"""The settings with which the tools train, derived from the settings of a run."""

from core.topics import Topic
from core.training.config import Config, RunConfig

BATCH = 32
"""Largest number of training samples in the single batch."""

_WITHOUT_EVALUATIONS: dict[str, object] = {
    "early_stopping": 0,
    "keep_fraction": 1.0,
    "ema_decay": 0.0,
    "without_eval": False,
    "extend": False,
}
"""Settings without evaluations that end or change a run, and without networks that only select data."""

_WITHOUT_REGULARIZATION: dict[str, object] = {
    "noise": 0.0,
    "l1": 0.0,
    "l2": 0.0,
    "dropout": 0.0,
    "weight_decay": 0.0,
    "label_smoothing": 0.0,
}


def without_evaluations(config: Config) -> Config:
    """Return settings with the same updates, but without early stopping, data selection, and weight averaging."""
    return config.changed(**_own(config, _WITHOUT_EVALUATIONS))


def plain(topic: Topic[Config], config: Config) -> Config:
    """Return settings `without_evaluations` and without networks that only repeat or accompany the others."""
    config = without_evaluations(config)
    return config.changed(**topic.trial.settings(config))


def with_constant_rate(topic: Topic[Config], config: Config, *, updates: int) -> Config:
    """Return `plain` settings with a constant learning rate and, if possible, at least ``updates`` updates."""
    config = plain(topic, config).changed(**_own(config, {"schedule": "constant"}))
    return _with_updates(config, updates)


def shortened(topic: Topic[Config], config: Config, *, updates: int) -> Config:
    """Return `plain` settings with about ``updates`` updates, in which a schedule runs from its start to its end."""
    config = plain(topic, config)
    if "samples" in type(config).model_fields and updates_per_epoch(config) > updates:
        values = config.model_dump()
        lowest, highest = config.limits("samples")
        samples = min(max(updates * values["batch_size"], lowest), highest)
        config = config.changed(samples=min(int(samples), values["samples"]), epochs=1)
    return _with_updates(config, updates)


def one_batch(topic: Topic[Config], config: Config, *, updates: int) -> Config:
    """Return settings whose training set is one batch, with ``updates`` updates and without regularization.

    Some of these settings may be outside their limits.
    """
    config = with_constant_rate(topic, config, updates=1)
    samples = min(BATCH, config.model_dump().get("samples", BATCH))
    values = _own(config, _WITHOUT_REGULARIZATION | {"samples": samples, "batch_size": BATCH})
    return config.model_copy(update=values | dict(topic.trial.one_batch(config)) | {"epochs": updates})


def updates_per_epoch(config: RunConfig) -> int:
    """Return the number of updates in an epoch of a run."""
    values = config.model_dump()
    return config.updates // values["epochs"]  # type: ignore[attr-defined]


def _with_updates(config: Config, updates: int) -> Config:
    _lowest, highest = config.limits("epochs")
    return config.changed(epochs=min(int(highest), -(-updates // updates_per_epoch(config))))


def _own(config: RunConfig, values: dict[str, object]) -> dict[str, object]:
    """Return those of the values that are settings of ``config``."""
    fields = type(config).model_fields
    kinds = {name: fields[name].annotation for name in values if name in fields}
    return {name: bool(values[name]) if kind is bool else values[name] for name, kind in kinds.items()}
