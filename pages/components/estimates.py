"""Estimate the duration of a run without measuring, so that no click waits for a measurement."""

from core.engine.durations import preset_seconds
from core.topics import Topic
from core.training.config import Config
from core.training.timing import NotMeasuredError
from pages.components.server import engine


def estimate_seconds(topic: Topic[Config], config: Config, preset: str) -> float:
    """Return the expected duration, in seconds, of a run of ``topic`` with ``config``.

    The estimate is based on the first available source: a similar earlier run on this machine, a background
    measurement, or the recorded duration of the preset. The recorded duration is scaled to the amount of work and
    to the speed of this machine. Raises the same errors as `Topic.estimate_seconds`, except NotMeasuredError.
    """
    work = _work(topic, config)
    known = engine().durations.seconds_per_update(topic.name, topic.resolve(config))
    if known:
        return known * work
    try:
        return topic.estimate_seconds(config)
    except NotMeasuredError:
        return preset_seconds(f"{topic.name}-{preset}") * work / _work(topic, topic.presets[preset])


def _work(topic: Topic[Config], config: Config) -> float:
    updates = config.updates  # type: ignore[attr-defined]  # every config that a page trains has this attribute
    return topic.work(config, updates, updates)
