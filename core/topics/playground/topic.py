"""The topic: a small network trained on points in the plane."""

from core.topics import Precision, Replay, Topic, Trial
from core.topics.playground.config import PRESETS, PlaygroundConfig
from core.topics.playground.curves import curves
from core.topics.playground.program import changed_constants, constants
from core.topics.playground.signals import signals
from core.topics.playground.train import N_FIRST_UPDATES, train
from core.topics.playground.trained_network import trained_network
from core.training.timing import RunCost, event_seconds


def _seconds_per_update(config: PlaygroundConfig) -> tuple[float]:
    """Measure the seconds per update, including events, which are less frequent after the first updates."""
    events = event_seconds(train(config))
    start = N_FIRST_UPDATES if events[-1][0] > N_FIRST_UPDATES else 0
    return (sum(seconds for step, seconds in events if step > start) / (events[-1][0] - start),)


COST = RunCost(
    measure=_seconds_per_update,
    counts=lambda config: (config.updates,),
    same_cost=lambda config: config.model_copy(update={"learning_rate": 1e-5, "seed": 0}),
)

TOPIC = Topic(
    name="playground",
    presets=PRESETS,
    train=train,
    estimate_seconds=COST,
    replay=Replay(arrays=("weights", "gradients")),
    precision=Precision(arrays={"weights": 10, "gradients": 8}),
    constants=constants,
    changed_constants=changed_constants,
    networks={"network": trained_network},
    curves=curves,
    signals=signals,
    fails_on_purpose=frozenset({"dying_relu", "overfit", "spiral_linear", "vanishing", "xor_two"}),
    trial=Trial(one_batch=lambda _config: {"samples": 100, "train_share": 0.1, "batch_size": 200}),
)
