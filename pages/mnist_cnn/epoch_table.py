"""A table of the accuracies after each epoch, and the training speed."""

import streamlit as st

from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import summary
from core.training.batching import BatchPlan
from core.training.progress import Progress
from pages.components.run.run_view import RunView
from pages.components.text import _, number, pgettext

_MAX_ROWS, _FIRST_ROWS = 6, 2
"""Maximum number of rows, and number of rows for the first epochs. The other rows are for the last epochs."""


def draw(run_view: RunView) -> None:
    """Draw a table of the loss and the accuracies after each epoch, and the training speed.

    In long runs, the table contains only the first few and the last few epochs.
    """
    config: CNNConfig = run_view.config
    epochs = [event for event in run_view.history if event.metrics.get("epoch")]
    st.markdown(_("**Accuracy after each epoch** (test: all 10,000 test digits)"))
    columns = {
        "accuracy/train": pgettext("dataset", "training"),
        "accuracy/test": pgettext("dataset", "test"),
        "accuracy/validation": pgettext("dataset", "validation"),
        "accuracy/without_eval": _("without eval()"),
    }
    if not config.early_stopping:
        del columns["accuracy/validation"]
    if not config.without_eval:
        del columns["accuracy/without_eval"]
    header = [_("epoch"), _("batch loss"), *columns.values()]
    if len(epochs) > _MAX_ROWS:
        epochs = [*epochs[:_FIRST_ROWS], *epochs[_FIRST_ROWS - _MAX_ROWS :]]
    rows = [_row(event, list(columns)) for event in epochs]
    st.markdown("\n".join("| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows]))
    _draw_speed(run_view)
    if config.without_eval:
        st.caption(explain_without_eval({layer.kind for layer in summary(config)}))


def explain_without_eval(kinds: set[str]) -> str:
    """Return an explanation of how leaving out eval() affects the test accuracy of a network.

    ``kinds`` contains the class names of the network's layers, such as "Dropout".
    """
    sentences = {
        (False, False): _(
            "“without eval()”: test accuracy in training mode, as in the tutorial. The mode makes no difference here, "
            "since this network has neither dropout nor batch norm."
        ),
        (True, False): _(
            "“without eval()”: test accuracy in training mode, as in the tutorial. Dropout still sets randomly chosen "
            "units to zero. A prediction should use all units."
        ),
        (False, True): _(
            "“without eval()”: test accuracy in training mode, as in the tutorial. Batch norm uses the mean and "
            "variance of each test batch, not the running statistics from training. So each prediction depends on the "
            "other digits in the batch."
        ),
        (True, True): _(
            "“without eval()”: test accuracy in training mode, as in the tutorial. Dropout still sets randomly chosen "
            "units to zero. Batch norm uses the mean and variance of each test batch, not the running statistics from "
            "training."
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
    # The time includes the data selection, so before the end of a run, the speed would be too low
    if run_view.step and seconds and (run_view.complete or not (run_view.recorded or config.keep_fraction < 1)):
        plan = BatchPlan(config.n_selected, config.batch_size, run.changes)
        digits = plan.epochs(run_view.step) * config.n_selected
        if config.keep_fraction == 1:
            sentence = _("{rate:,.0f} digits per second, including evaluation · {optimizations}")
        else:
            sentence = _("{rate:,.0f} digits per second, including data selection and evaluation · {optimizations}")
        st.caption(sentence.format(rate=digits / seconds, optimizations=_cpu_optimizations(config)))


def _cpu_optimizations(config: CNNConfig) -> str:
    """Return the CPU optimizations of a run as text."""
    names = [_("16-bit multiplications") if "bfloat16" in config.cpu_optimizations else _("32-bit multiplications")]
    names += [_("channels last")] if "channels_last" in config.cpu_optimizations else []
    names += [_("fused optimizer")] if "fused" in config.cpu_optimizations else []
    names += [_("pooling before the activation")] if "pool_first" in config.cpu_optimizations else []
    return ", ".join(names)
