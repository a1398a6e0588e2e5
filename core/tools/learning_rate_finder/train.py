"""Find a learning rate: one run with rising learning rates, then three short runs that check the suggestion."""

import math
from collections.abc import Generator
from contextlib import closing

import numpy as np

from core.tools.config import ToolConfig
from core.tools.learning_rate_finder.analysis import candidates, has_diverged, judge, smoothed, suggest
from core.tools.settings import shortened, with_constant_rate
from core.tools.trial import losses, mean_loss
from core.training.config import RunConfig
from core.training.progress import Progress, TrainedModel, finite
from core.training.state import TrainingState, Values

UPDATES_PER_DECADE = 16
"""Number of updates in which the learning rate becomes ten times as large."""
CHECK_UPDATES = 100
"""Number of updates of each short run."""
CHECKS = ("lower", "suggested", "higher")
"""Names of the short runs."""


def rising_rates(config: RunConfig, most: int) -> list[float]:
    """Return learning rates that rise exponentially from the lowest to the highest allowed value.

    There are UPDATES_PER_DECADE per decade, but at most ``most`` in total.
    """
    low, high = config.limits("learning_rate")
    count = min(most, round(UPDATES_PER_DECADE * math.log10(high / low)))
    return np.geomspace(low, high, count).clip(low, high).tolist()


def train(config: ToolConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Run the range test and the short runs; yield progress after every update.

    Metrics of the range test: ``learning_rate``, ``loss``, and ``smoothed_loss``, the moving average of the loss.
    Metrics of the short runs: ``learning_rate``, and ``loss/lower``, ``loss/suggested``, or ``loss/higher``.
    If a run trains several networks, the loss is their mean. A loss that is not finite is None.

    Final metrics: ``suggestion``, the suggested learning rate, or None if the loss did not fall at any learning rate.
    With a suggestion, also ``score/<run>``, the loss at the end of each short run, ``recommendation``, the best of the
    three learning rates or None if all short runs diverged, and ``confirmed``, 1 if the recommendation is the
    suggestion, or otherwise 0.
    """
    topic, examined = config.examined_topic, config.examined
    ramp = with_constant_rate(topic, examined, updates=1_000)
    rates = rising_rates(ramp, most=ramp.updates)
    check = shortened(topic, examined, updates=CHECK_UPDATES)
    check_updates = min(CHECK_UPDATES, check.updates)
    state, inner = resume or TrainingState(), TrainingState(losses_only=True)
    kept = Values(ramp=[], ramp_ended=False, checks=[])
    state.track(kept=kept, inner=inner)
    inner.resumed = inner.step > 0
    total = len(rates) + len(CHECKS) * check_updates
    if not state.resumed:
        yield Progress(0, total, {})

    if not kept.ramp_ended:
        with closing(losses(topic, ramp, inner, updates=len(rates))) as training:
            inner.change("learning_rate", rates[inner.step])
            for values in training:
                kept.ramp.append(mean_loss(values))
                kept.ramp_ended = has_diverged(kept.ramp) or inner.step == len(rates)
                state.step += 1
                yield Progress(state.step, total, _ramp_metrics(rates, kept.ramp))
                if kept.ramp_ended:
                    break
                inner.change("learning_rate", rates[inner.step])
    suggestion = suggest(rates, kept.ramp)
    if suggestion is None:
        return TrainedModel({}, {"suggestion": None})

    tested = candidates(suggestion, examined.limits("learning_rate"))
    total = len(kept.ramp) + len(CHECKS) * check_updates
    for number, (name, rate) in enumerate(zip(CHECKS, tested, strict=True)):
        if number == len(kept.checks):
            inner = TrainingState(losses_only=True)
            kept.checks.append([])
            state.track(inner=inner)
        elif number < len(kept.checks) - 1:
            continue
        with closing(losses(topic, check.changed(learning_rate=rate), inner, updates=check_updates)) as training:
            for values in training:
                kept.checks[number].append(mean_loss(values))
                state.step = len(kept.ramp) + number * check_updates + inner.step
                yield Progress(state.step, total, {"learning_rate": rate, f"loss/{name}": kept.checks[number][-1]})
    verdict = judge(kept.checks, updates=check_updates)
    scores = {f"score/{name}": finite(score) for name, score in zip(CHECKS, verdict.scores, strict=True)}
    best = tested[verdict.best] if min(verdict.scores) < math.inf else None
    return TrainedModel(
        {}, {"suggestion": suggestion, "recommendation": best, "confirmed": float(verdict.is_confirmed)} | scores
    )


def _ramp_metrics(rates: list[float], ramp: list[float | None]) -> dict[str, float | None]:
    average = finite(smoothed([loss for loss in ramp if loss is not None])[-1]) if ramp[-1] is not None else None
    return {"learning_rate": rates[len(ramp) - 1], "loss": ramp[-1], "smoothed_loss": average}
