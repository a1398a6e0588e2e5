"""The table of the epochs, with the accuracies after each, and the speed of the training."""

import streamlit as st

from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import summary
from core.training.batching import BatchPlan
from core.training.progress import Progress
from pages.components.run.run_view import RunView
from pages.components.text import _, number

_MAX_ROWS, _FIRST_ROWS = 6, 2
"""Rows of the table, at most, and how many of them are the first epochs; the others are the last ones."""


def draw(run_view: RunView) -> None:
    """Draw a table like the lines that the tutorial prints, and the speed of the training."""
    config: CNNConfig = run_view.config
    epochs = [event for event in run_view.history if event.metrics.get("epoch")]
    st.markdown(_("**After every epoch**, all 10,000 test digits"))
    columns = {
        "accuracy/train": _("training"),
        "accuracy/test": _("test"),
        "accuracy/validation": _("validation"),
        "accuracy/without_eval": _("without eval()"),
    }
    if not config.early_stopping:
        del columns["accuracy/validation"]
    if not config.without_eval:
        del columns["accuracy/without_eval"]
    header = [_("epoch"), _("loss"), *columns.values()]
    if len(epochs) > _MAX_ROWS:
        epochs = [*epochs[:_FIRST_ROWS], *epochs[_FIRST_ROWS - _MAX_ROWS :]]
    rows = [_row(event, list(columns)) for event in epochs]
    st.markdown("\n".join("| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows]))
    _draw_speed(run_view)
    if config.without_eval:
        st.caption(explain_without_eval({layer.kind for layer in summary(config)}))


def explain_without_eval(kinds: set[str]) -> str:
    """Return what differs without eval() in a network with these kinds of layers."""
    sentences = {
        (False, False): _(
            "“without eval()”, as the tutorial measures, is the same here: this network has neither dropout nor batch "
            "norm."
        ),
        (True, False): _(
            "“without eval()”: as the tutorial measures, with dropout still switching off units at random. An "
            "answer is meant to come from all of them."
        ),
        (False, True): _(
            "“without eval()”: as the tutorial measures, with batch norm taking mean and deviation of the digits that "
            "are asked together, not those of the training. The answer to a digit then depends on the others."
        ),
        (True, True): _(
            "“without eval()”: as the tutorial measures, with dropout still switching off units at random, and batch "
            "norm taking mean and deviation of the digits that are asked together, not those of the training."
        ),
    }
    return sentences["Dropout" in kinds, "BatchNorm2d" in kinds]


def _row(event: Progress, metrics: list[str]) -> list[str]:
    values = (event.metrics.get(metric) for metric in metrics)
    cells = ["–" if value is None else f"{value:.2%}" for value in values]
    return [f"{event.metrics['epoch']:.0f}", number(event.metrics["loss"]), *cells]


def _draw_speed(run_view: RunView) -> None:
    run = run_view.run
    seconds = (run.finished or 0) - (run.started or 0) if run_view.recorded else run.elapsed
    config: CNNConfig = run.config
    # The time of a search for the hardest digits is spread over all updates only at the end
    if run_view.step and seconds and (run_view.complete or not (run_view.recorded or config.keep_fraction < 1)):
        plan = BatchPlan(config.n_selected, config.batch_size, run.changes)
        digits = plan.epochs(run_view.step) * config.n_selected
        included = _("examinations") if config.keep_fraction == 1 else _("examinations and the search for the hardest")
        st.caption(
            _("{rate:,.0f} digits per second, {included} included · {tricks}").format(
                rate=digits / seconds, included=included, tricks=_cpu_optimizations(config)
            )
        )


def _cpu_optimizations(config: CNNConfig) -> str:
    words = [_("16-bit products") if "bfloat16" in config.cpu_optimizations else _("32 bits")]
    words += [_("channels last")] if "channels_last" in config.cpu_optimizations else []
    words += [_("fused optimizer")] if "fused" in config.cpu_optimizations else []
    words += [_("pooling before the activation")] if "pool_first" in config.cpu_optimizations else []
    return ", ".join(words)
