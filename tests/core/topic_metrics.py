"""The metrics that a topic measures itself."""

from core.training.health.signals import PREFIX
from core.training.progress import Metrics, Progress


def topic_metrics(event: Progress) -> Metrics:
    """Return the metrics of an event without the measurements for the health checks."""
    return {name: value for name, value in event.metrics.items() if not name.startswith(PREFIX)}
