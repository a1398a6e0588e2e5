"""The curves of a run: test accuracy and training loss of each strategy."""

from collections.abc import Mapping

import streamlit as st

from core.engine import Run
from core.topics.transfer_learning.config import Strategy, TransferConfig
from core.topics.transfer_learning.results import (
    StrategyResult,
    has_final_results,
    has_memorized,
    strategy_results,
)
from core.topics.transfer_learning.train import EVAL_SUBSET
from pages.components.charts import line_chart
from pages.components.run.divergence import show_divergence
from pages.components.run.run_view import RunView, change_marks, points
from pages.components.text import _, ngettext
from pages.transfer_learning import labels

HEIGHT = 260
"""Height of the charts, in pixels."""


def final_results(run_view: RunView) -> dict[Strategy, StrategyResult]:
    """Return the result of each strategy on all test images, or an empty dict if the run is not finished."""
    run = run_view.run
    ended = run_view.complete and has_final_results(run.metrics)
    return strategy_results(run.config, run.metrics) if ended else {}


def draw(config: TransferConfig, run_view: RunView, previous: Run | None) -> None:
    """Draw the accuracy and the loss of the run so far, and state the results of the previous run.

    ``config`` contains the settings of the page. The curves are faded if the settings of the run are different.
    """
    is_current = config.matches(run_view.config)
    with st.container(key="curves" if is_current else "curves_faded"):
        if not is_current:
            st.caption(
                _("These curves are from a run with different settings: {differences}.").format(
                    differences=labels.differences(run_view.config, config)
                )
            )
        accuracy, loss = st.columns(2, gap="large")
        with accuracy:
            draw_accuracy(run_view)
        with loss:
            _draw_loss(run_view)
    if previous and has_final_results(previous.metrics):
        st.caption(
            ngettext(
                "Previous run ({pair}, {count} label per class): {results}.",
                "Previous run ({pair}, {count} labels per class): {results}.",
                previous.config.labels,
            ).format(
                pair=labels.pairs()[previous.config.pair],
                count=previous.config.labels,
                results=_summary(strategy_results(previous.config, previous.metrics)),
            )
        )


def draw_accuracy(run_view: RunView) -> None:
    """Draw the test accuracy of each strategy: the mean across seeds, and the range across seeds as a band."""
    config = run_view.config
    results = [(event.step, strategy_results(config, event.metrics)) for event in run_view.history if event.step]
    st.markdown(_("**Accuracy** on {count} test images (last point: all test images)").format(count=EVAL_SUBSET))
    line_chart.draw(
        {
            strategy: [(step, by_strategy[strategy].mean) for step, by_strategy in results]
            for strategy in labels.strategies()
        },
        x=_("update"),
        y=_("mean accuracy across seeds"),
        key="transfer_learning.accuracy",
        alt=_("Test accuracy during training, for each strategy"),
        bands={
            strategy: [(step, by_strategy[strategy].low, by_strategy[strategy].high) for step, by_strategy in results]
            for strategy in labels.strategies()
        },
        **_line_style(),
        percent=True,
        height=HEIGHT,
        marks=change_marks(run_view),
        x_end=run_view.total,
        run=run_view.run.id,
    )


def _draw_loss(run_view: RunView) -> None:
    losses = {strategy: points(run_view.history, f"loss/{strategy}") for strategy in labels.strategies()}
    memorized = has_memorized({strategy: values[-1][1] for strategy, values in losses.items() if values})
    st.markdown(
        _("**Loss** on the training images (labels memorized)") if memorized else _("**Loss** on the training images")
    )
    line_chart.draw(
        losses,
        x=_("update"),
        y=_("cross-entropy"),
        key="transfer_learning.loss",
        alt=_("Training loss during training, for each strategy"),
        **_line_style(),
        log=True,
        height=HEIGHT,
        x_end=run_view.total,
        run=run_view.run.id,
    )


def _line_style() -> dict:
    return {
        "titles": labels.short_strategies(),
        "colours": labels.COLOURS,
        "dashed": labels.DASHED,
        "x_log": True,
        "end_labels": True,
    }


def _summary(results: Mapping[Strategy, StrategyResult]) -> str:
    return ", ".join(
        _("{strategy} {mean:.1%}").format(strategy=labels.short_strategies()[strategy], mean=result.mean)
        for strategy, result in results.items()
    )


def explain_failure(run_view: RunView) -> bool:
    """Show which strategies diverged. Return whether any strategy diverged."""
    losses = {strategy: points(run_view.history, f"loss/{strategy}") for strategy in labels.strategies()}
    diverged = [strategy for strategy, values in losses.items() if values and values[-1][1] is None]
    if not diverged:
        return False
    headline = _("**Diverged** ({strategies})").format(
        strategies=", ".join(labels.short_strategies()[strategy] for strategy in diverged)
    )
    show_divergence(headline, "", run_view.config.learning_rate)
    return True
