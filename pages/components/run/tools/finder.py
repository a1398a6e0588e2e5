"""The results of the learning-rate finder: the range test, the short runs, and the verdict."""

import streamlit as st

from core.engine import Run
from core.tools.learning_rate_finder.train import CHECKS
from pages.components.charts import line_chart
from pages.components.run.state import is_active
from pages.components.text import _, number

_HEIGHT = 230


def draw(run: Run, learning_rate: float | None) -> None:
    """Draw the loss at each learning rate, the losses of the short runs, and the verdict.

    ``learning_rate`` is the learning rate of the page.
    """
    history = [event.metrics for event in run.history() if event.step]
    ramp = [metrics for metrics in history if "smoothed_loss" in metrics]
    checks = {name: [metrics for metrics in history if f"loss/{name}" in metrics] for name in CHECKS}
    rates = {name: metrics[0]["learning_rate"] or 0.0 for name, metrics in checks.items() if metrics}
    suggestion = run.metrics.get("suggestion") or rates.get("suggested")
    marks = [(learning_rate, _("current"))] if learning_rate else []
    line_chart.draw(
        {
            "loss": [(metrics["learning_rate"] or 0.0, metrics["loss"]) for metrics in ramp],
            "smoothed": [(metrics["learning_rate"] or 0.0, metrics["smoothed_loss"]) for metrics in ramp],
        },
        titles={"loss": _("loss of the batch"), "smoothed": _("smoothed loss")},
        x=_("learning rate"),
        y=_("loss"),
        x_log=True,
        log=True,
        marks=[*marks, *([(suggestion, _("suggestion"))] if suggestion else [])],
        height=_HEIGHT,
        key="tool.range",
        alt=_("The loss while the learning rate rises"),
    )
    line_chart.draw(
        {
            name: [(step, metrics[f"loss/{name}"]) for step, metrics in enumerate(events, 1)]
            for name, events in checks.items()
        },
        titles={"lower": _("suggestion ÷ 3"), "suggested": _("suggestion"), "higher": _("suggestion × 3")},
        x=_("update"),
        y=_("loss"),
        log=True,
        height=_HEIGHT,
        key="tool.checks",
        alt=_("The loss of three short runs with the suggested, a lower, and a higher learning rate"),
    )
    if not is_active(run) and "suggestion" in run.metrics:
        st.markdown(_verdict(run, rates))
        st.caption(_("Method: [Smith, 2017](https://arxiv.org/abs/1506.01186)"))


def _verdict(run: Run, rates: dict[str, float]) -> str:
    """Return a sentence about the suggestion of a run that has ended."""
    metrics = run.metrics
    suggestion, recommendation = metrics["suggestion"], metrics.get("recommendation")
    if suggestion is None:
        return _("The loss did not fall at any learning rate. So the learning rate is not the problem.")
    if recommendation is None:
        return _("The test did not help here: all three short runs diverged.")
    scores = {name: metrics[f"score/{name}"] for name in CHECKS}
    if metrics["confirmed"]:
        return _(
            "Suggested learning rate: **{rate}**. The short runs confirm it: the final loss is {loss}. With {lower} "
            "it is {loss_lower}, and with {higher} it is {loss_higher}."
        ).format(
            rate=number(suggestion),
            loss=number(scores["suggested"]),
            lower=number(rates["lower"]),
            loss_lower=number(scores["lower"]),
            higher=number(rates["higher"]),
            loss_higher=number(scores["higher"]),
        )
    best = next(name for name, rate in rates.items() if rate == recommendation)
    return _(
        "The test did not help here: it suggests {suggestion}, but the short runs disagree. Of the three learning "
        "rates, **{rate}** is the best: the final loss is {loss} instead of {loss_suggested}."
    ).format(
        suggestion=number(suggestion),
        rate=number(recommendation),
        loss=number(scores[best]),
        loss_suggested=number(scores["suggested"]),
    )
