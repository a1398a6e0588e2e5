"""The topic: a complete PyTorch program that trains a network on digits."""

from core.topics import Topic
from core.topics.workflow.config import PRESETS, WorkflowConfig
from core.topics.workflow.curves import curves
from core.topics.workflow.program import changed_constants, constants
from core.topics.workflow.signals import signals
from core.topics.workflow.train import train
from core.topics.workflow.trained_network import trained_network
from core.training.timing import RunCost, event_seconds


def _measure(config: WorkflowConfig) -> tuple[float]:
    """Measure the seconds per update, including evaluations and events."""
    events = event_seconds(train(config))
    return (sum(seconds for _step, seconds in events) / events[-1][0],)


COST = RunCost(
    measure=_measure,
    counts=lambda config: (config.updates,),
    same_cost=lambda config: config.model_copy(update={"learning_rate": 1e-5, "seed": 0, "shuffle": True}),
)

TOPIC = Topic(
    name="workflow",
    presets=PRESETS,
    train=train,
    estimate_seconds=COST,
    constants=constants,
    changed_constants=changed_constants,
    networks={"network": trained_network},
    curves=curves,
    signals=signals,
    fails_on_purpose=frozenset({"break"}),
)
