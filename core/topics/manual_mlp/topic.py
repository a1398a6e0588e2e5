"""The topic: a two-layer network from scratch, in five implementations."""

from statistics import median

from core.topics import Precision, Replay, Topic, Trial
from core.topics.manual_mlp.config import PRESETS, MLPConfig
from core.topics.manual_mlp.curves import curves
from core.topics.manual_mlp.program import changed_constants, constants
from core.topics.manual_mlp.signals import signals
from core.topics.manual_mlp.train import keyframe_steps, train
from core.topics.manual_mlp.trained_network import trained_network
from core.training.timing import RunCost, event_seconds

_MAX_UPDATES = 100
"""Maximum number of updates that are timed. Many of them are keyframes."""
_MAX_WORK = 200_000_000
"""Maximum multiply-adds in a timed update of one implementation. Larger batches are timed with fewer samples."""


def _measured_batch(config: MLPConfig) -> int:
    return max(1, min(config.batch_size, config.samples, _MAX_WORK // (3 * config.parameters)))


def _same_cost(config: MLPConfig) -> MLPConfig:
    batch_size = _measured_batch(config)
    same = {"learning_rate": 1e-9, "seed": 0, "threads": 1, "epochs": _MAX_UPDATES}
    return config.model_copy(update=same | {"batch_size": batch_size, "samples": max(batch_size, 2)})


def _measure(config: MLPConfig) -> tuple[float, float]:
    """Measure the additional seconds of a keyframe, and the seconds of an update."""
    keyframes, events = keyframe_steps(config.updates), event_seconds(train(config))
    keyframe = median(seconds for step, seconds in events if step in keyframes)
    update = median([seconds for step, seconds in events if step not in keyframes] or [keyframe])
    return max(0.0, keyframe - update), update


def _counts(config: MLPConfig) -> tuple[float, float]:
    batch_size = min(config.batch_size, config.samples)
    return len(keyframe_steps(config.updates)), config.updates * batch_size / _measured_batch(config)


COST = RunCost(_measure, _counts, _same_cost)

TOPIC = Topic(
    name="manual_mlp",
    presets=PRESETS,
    train=train,
    estimate_seconds=COST,
    replay=Replay(arrays=("outputs", "filters")),
    precision=Precision(weights=10, arrays={"W1": 9, "outputs": 11}),
    constants=constants,
    changed_constants=changed_constants,
    networks={"network": trained_network},
    curves=curves,
    signals=signals,
    fails_on_purpose=frozenset({"break", "tutorial"}),
    trial=Trial(settings=lambda config: {"implementation": config.implementations[0]}),
)
