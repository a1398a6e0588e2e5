"""The topic: programs with one wrong line, beside the correct programs."""

from core.topics import Precision, Replay, Topic
from core.topics.clinic.config import PRESETS, ClinicConfig
from core.topics.clinic.curves import curves
from core.topics.clinic.signals import signals
from core.topics.clinic.train import train
from core.training.timing import RunCost, event_seconds


def _measure(config: ClinicConfig) -> tuple[float]:
    """Measure the seconds per update of both programs, including evaluations and events."""
    events = event_seconds(train(config))
    return (sum(seconds for _step, seconds in events) / events[-1][0],)


COST = RunCost(
    measure=_measure,
    counts=lambda config: (4 * config.updates,),  # the tests train the given program again
    same_cost=lambda config: config.model_copy(
        update={"learning_rate": PRESETS[config.case].learning_rate, "seed": 0, "replacement": 0}
    ),
)

TOPIC = Topic(
    name="clinic",
    presets=PRESETS,
    train=train,
    estimate_seconds=COST,
    precision=Precision(
        weights=4,
        arrays={"test/batch/inputs": 5, "test/batch/test_inputs": 5, "test/one_batch/losses": 10}
        | {f"test/gradients/{array}": 10 for array in ("norms", "ratios")},
    ),
    # One case begins with a pretrained network, which amplifies the rounding of another processor
    replay=Replay(arrays=("shown_inputs",), relative=0.1),
    curves=curves,
    signals=signals,
    fails_on_purpose=frozenset(PRESETS),
)
