"""The live view: accuracy on test images and training loss of every strategy."""

import streamlit as st

from core.engine import Run
from core.topics.transfer_learning.config import Strategy
from core.topics.transfer_learning.results import (
    StrategyResult,
    compare_with_scratch,
    has_final_results,
    has_memorized,
    strategy_results,
)
from core.topics.transfer_learning.train import EVAL_SUBSET
from pages.components.charts import line_chart
from pages.components.run.divergence import show_divergence
from pages.components.run.run_view import RunView, change_marks, points
from pages.components.text import _
from pages.transfer_learning import labels

HEIGHT = 230
"""Pixels of the charts in the main view."""


def final_results(run_view: RunView) -> dict[Strategy, StrategyResult]:
    """Return the results on all test images if the run has reached its end, else none."""
    run = run_view.run
    ended = run_view.complete and has_final_results(run.metrics)
    return strategy_results(run.config, run.metrics) if ended else {}


def draw_main(run_view: RunView) -> None:
    """Draw the accuracy of each strategy so far, and what the results mean."""
    draw_accuracy(run_view)
    results = final_results(run_view)
    with st.container(key="summary_run"):
        if results:
            st.markdown(verdict(results, run_view.config.seeds))
        elif run_view.step:
            st.markdown(_("Update {step:,}: {results}.").format(step=run_view.step, results=_accuracies(run_view)))


def _accuracies(run_view: RunView) -> str:
    return _summary(strategy_results(run_view.config, run_view.history[-1].metrics))


def draw_charts(run_view: RunView, previous: Run | None) -> None:
    """Draw the loss of the run so far, and the results of the previous run."""
    loss, words = st.columns([1.55, 1], gap="large")
    with loss:
        _draw_loss(run_view)
    with words:
        if previous and has_final_results(previous.metrics):
            st.caption(
                _("Previous run, {pair} with {labels} labels: {results}.").format(
                    pair=labels.pairs()[previous.config.pair],
                    labels=previous.config.labels,
                    results=_summary(strategy_results(previous.config, previous.metrics)),
                )
            )


def draw_accuracy(run_view: RunView) -> None:
    """Draw the accuracy of each strategy on test images, with a band over the seeds."""
    titles, config = labels.strategies(), run_view.config
    results = [(event.step, strategy_results(config, event.metrics)) for event in run_view.history if event.step]
    st.markdown(
        _("**Accuracy on {count} test images**, training with {labels} labels per class").format(
            count=EVAL_SUBSET, labels=config.labels
        )
    )
    line_chart.draw(
        {
            title: [(step, by_strategy[strategy].mean) for step, by_strategy in results]
            for strategy, title in titles.items()
        },
        x=_("update"),
        y=_("accuracy"),
        key="transfer_learning.accuracy",
        alt=_("Accuracy on test images over the updates, for each strategy"),
        bands={
            title: [(step, by_strategy[strategy].low, by_strategy[strategy].high) for step, by_strategy in results]
            for strategy, title in titles.items()
        },
        **_line_style(),
        percent=True,
        height=HEIGHT,
        marks=change_marks(run_view),
        x_end=run_view.total,
        run=run_view.run.id,
    )


def _draw_loss(run_view: RunView) -> None:
    st.markdown(_("**Loss** on the training images"))
    line_chart.draw(
        {name: points(run_view.history, f"loss/{strategy}") for strategy, name in labels.strategies().items()},
        x=_("update"),
        y=_("cross-entropy"),
        key="transfer_learning.loss",
        alt=_("Training loss over the updates, for each strategy"),
        **_line_style(),
        log=True,
        height=260,
        x_end=run_view.total,
        run=run_view.run.id,
    )
    losses = {strategy: points(run_view.history, f"loss/{strategy}") for strategy in labels.strategies()}
    if has_memorized({strategy: values[-1][1] for strategy, values in losses.items() if values}):
        st.caption(_("The networks have memorized their few images. The accuracy on test images is what counts."))


def _line_style() -> dict:
    titles = labels.strategies()
    return {
        "colours": {title: labels.COLOURS[strategy] for strategy, title in titles.items()},
        "dashed": [titles[strategy] for strategy in labels.DASHED],
        "x_log": True,
    }


def verdict(results: dict[Strategy, StrategyResult], seeds: int) -> str:
    """Return the results and their comparison with training from scratch, in words."""
    text = _("Accuracy on all test images: {results}.").format(results=_summary(results))
    if seeds == 1:
        return _("{text} One seed is not enough to exclude chance.").format(text=text)
    comparison = compare_with_scratch(results)
    verdict = {
        "positive": _(
            "**Transfer helps**: {strategy} is {points:.1f} points better than from scratch, with every seed."
        ),
        "negative": _(
            "**Negative transfer**: the best, {strategy}, is {points:.1f} points worse than from "
            "scratch, with every seed."
        ),
        "unclear": _("**No clear difference** between {strategy} and from scratch: the seeds differ more."),
    }[comparison.outcome].format(strategy=labels.strategies()[comparison.best], points=100 * comparison.difference)
    return _("{verdict} {text}").format(verdict=verdict, text=text)


def _summary(results: dict[Strategy, StrategyResult]) -> str:
    several_seeds, one_seed = _("{strategy} {mean:.1%} ({low:.1%} to {high:.1%})"), _("{strategy} {mean:.1%}")
    return ", ".join(
        (several_seeds if result.high > result.low else one_seed).format(
            strategy=labels.strategies()[strategy], mean=result.mean, low=result.low, high=result.high
        )
        for strategy, result in results.items()
    )


def explain_failure(run_view: RunView) -> bool:
    """Name the strategies whose training diverged. Returns whether there are any."""
    losses = {strategy: points(run_view.history, f"loss/{strategy}") for strategy in labels.strategies()}
    diverged = [strategy for strategy, values in losses.items() if values and values[-1][1] is None]
    if not diverged:
        return False
    headline = _("**Diverged** ({strategies})").format(
        strategies=", ".join(labels.strategies()[strategy] for strategy in diverged)
    )
    show_divergence(headline, "", run_view.config.learning_rate)
    return True
