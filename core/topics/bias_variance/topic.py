"""The topic: bias and variance of models of every capacity."""

from core.topics import Precision, Replay, Topic, Trial
from core.topics.bias_variance import polynomials
from core.topics.bias_variance.config import PRESETS, BiasVarianceConfig
from core.topics.bias_variance.curves import curves
from core.topics.bias_variance.data import Task
from core.topics.bias_variance.program import changed_constants, choices, constants
from core.topics.bias_variance.signals import signals
from core.topics.bias_variance.train import MAX_EVENTS, MAX_FRAMES, Trainer, evaluate, mean_squared_errors, train
from core.training.timing import RunCost, median_seconds, seconds, seconds_once

_SAME_COST = {"seed": 0, "noise": 0.0, "curve": "sine", "learning_rate": 1e-3, "epochs": 1, "early_stopping": False}


def _measure(config: BiasVarianceConfig) -> tuple[float, float, float]:
    """Measure the seconds of an update, of an evaluation of the errors, and of an evaluation with curves.

    For polynomials, the first value is the time to solve for all of them, and the other values are 0.
    """
    task = Task(config)
    if config.model == "polynomial":
        return seconds_once(lambda: polynomials.fit(task.train, config.capacities, l2=config.l2)), 0.0, 0.0
    trainer = Trainer(config, task)
    update = median_seconds(lambda step: trainer.update(step + 1), at_least=3, at_most=40, budget=0.2)
    predict = trainer.networks.predict
    errors = seconds(lambda: mean_squared_errors(task, predict))
    return update, errors, seconds(lambda: evaluate(0, config, task, predict))


COST = RunCost(
    measure=_measure,
    counts=lambda config: (config.updates, *(min(config.updates + 1, most) for most in (MAX_EVENTS, MAX_FRAMES))),
    same_cost=lambda config: config.model_copy(update=_SAME_COST),
)

TOPIC = Topic(
    name="bias_variance",
    presets=PRESETS,
    train=train,
    estimate_seconds=COST,
    replay=Replay(arrays=("now", "parts", "curves")),
    precision=Precision(arrays={"curves": 8}),
    constants=constants,
    changed_constants=changed_constants,
    choices=choices,
    curves=curves,
    signals=signals,
    fails_on_purpose=frozenset({"dropout", "overtrained"}),
    trial=Trial(
        is_possible=lambda config: config.model == "network",
        losses=lambda event: event.arrays["now"][0].tolist(),
        one_batch=lambda config: {"points": min(config.points, 10)},
    ),
)
