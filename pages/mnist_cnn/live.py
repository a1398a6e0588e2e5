"""The view that grows while the network trains: its predictions, filters, loss and accuracy."""

from functools import lru_cache

import numpy as np
import streamlit as st

from core.data import datasets
from core.engine import Run
from core.evaluation.metrics import wilson_interval
from core.topics.mnist_cnn import failures
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.data import EVAL_SUBSET, N_SHOWN
from pages.components.charts import images, line_chart
from pages.components.run.divergence import explain_divergence
from pages.components.run.run_view import RunView, change_marks, points
from pages.components.text import _
from pages.mnist_cnn import epoch_table

_GOOD = 0.97
"""Accuracy above which the chart of the accuracy begins at _FINE."""
_FINE = 0.9


def draw(run_view: RunView, previous: Run | None) -> None:
    """Draw the run as far as it has come, an earlier run's loss beside it."""
    digits, loss = st.columns([1.1, 1], gap="large")
    with digits:
        draw_digits(run_view)
    with loss:
        _draw_loss(run_view, previous)
        _draw_filters(run_view)
    accuracy, epochs = st.columns([1.1, 1], gap="large")
    with accuracy:
        _draw_accuracy(run_view)
    with epochs:
        epoch_table.draw(run_view)
        _draw_hardest(run_view)


def draw_digits(run_view: RunView) -> None:
    """Draw test digits with the network's current predictions, or the last finite ones."""
    evaluations = failures.finite_evaluations(run_view.history)
    if not evaluations:
        return
    test = datasets.load("mnist", "test")
    labels, predictions = test.labels[:N_SHOWN].numpy(), evaluations[-1][1].argmax(axis=1)
    st.markdown(_headline(run_view))
    images.show(
        images.classified_digits(test.images[:N_SHOWN].numpy() / 255, predictions, labels, columns=12),
        alt=_("{count} digits of the test set with the network's answers, {right} of them right").format(
            count=N_SHOWN, right=int((predictions == labels).sum())
        ),
    )


def _headline(run_view: RunView) -> str:
    final = run_view.run.metrics if run_view.complete else {}
    accuracy = run_view.metric("some/test")
    if final and failures.has_no_finite_outputs(final):
        return _("**No answer is a number any more** · at update {step:,}. Below are the last before that").format(
            step=run_view.step
        )
    if final:
        return _("**{accuracy:.2%} of 10,000 new digits right** · at update {step:,}").format(
            accuracy=final["accuracy/test"], step=run_view.step
        )
    sifted = run_view.metric("sifted")
    if run_view.step == 0 and sifted is not None and not run_view.complete:
        return _("**A compact network learns first**, to find the digits that are hard: {share:.0%}").format(
            share=sifted
        )
    if accuracy is None:
        return _("**Nothing is asked yet** · at update {step:,}").format(step=run_view.step)
    low, high = wilson_interval(accuracy, EVAL_SUBSET)
    return _(
        "**{accuracy:.1%} of {count} new digits right**, likely {low:.1%} to {high:.1%} of all · at update {step:,}"
    ).format(accuracy=accuracy, count=EVAL_SUBSET, low=low, high=high, step=run_view.step)


def _draw_filters(run_view: RunView) -> None:
    filters = run_view.latest("filters")
    if filters is None:
        return
    filters = filters[:16]
    tiles = images.diverging(filters.astype(np.float32), float(np.abs(filters).max()) or None)
    images.show(
        images.tile(tiles, columns=8, scale=8, gap=1),
        alt=_("The weights of the first {count} filters of the first layer, as pictures").format(count=len(filters)),
    )
    st.caption(_("The first layer's filters as they are now. Blue: ink speaks for it; orange: against."))


def _draw_loss(run_view: RunView, previous: Run | None) -> None:
    earlier = _("earlier run")
    series = {_("this run"): points(run_view.history, "loss")}
    if previous:
        series[earlier] = points(previous.history(), "loss")
    st.markdown(_("**Loss** of every batch"))
    line_chart.draw(
        series,
        x=_("update"),
        y=_("cross-entropy"),
        key="mnist_cnn.loss",
        alt=_("Training loss over the updates"),
        log=True,
        height=230,
        dashed=[earlier],
        domain=[_("this run"), earlier],
        marks=change_marks(run_view),
        x_end=run_view.total,
        run=run_view.run.id,
    )
    least = run_view.config.least_loss
    if least:
        st.caption(
            _("With label smoothing it cannot fall below {least:.2f}, the loss of a perfect answer.").format(
                least=least
            )
        )


def _draw_accuracy(run_view: RunView) -> None:
    names = {"some/train": _("training digits"), "some/test": _("new digits")}
    series = {name: points(run_view.history, metric) for metric, name in names.items()}
    fine = all(line and (line[-1][1] or 0) > _GOOD for line in series.values())
    st.markdown(
        _("**Accuracy**, from {least:.0%} on: how far apart are known and new digits?").format(least=_FINE)
        if fine
        else _("**Accuracy**: how far apart are known and new digits?")
    )
    line_chart.draw(
        series,
        x=_("update"),
        y=_("accuracy"),
        key="mnist_cnn.accuracy",
        alt=_("Share of 500 training digits and of 500 test digits that are read, over the updates"),
        percent=True,
        domain=list(names.values()),
        y_from=_FINE if fine else None if run_view.step else 0,  # points of one moment make no scale
        x_end=run_view.total,
        run=run_view.run.id,
    )
    config: CNNConfig = run_view.config
    if config.keep_fraction < 1:
        st.caption(
            _("Training digits: of all, though only {share:.0%} of them, the hardest, are learnt from.").format(
                share=config.keep_fraction
            )
        )


def _draw_hardest(run_view: RunView) -> None:
    """Draw the hardest of the training digits, if the run learns from the hardest alone."""
    hardest = run_view.latest("hardest")
    if hardest is None:
        return
    config: CNNConfig = run_view.config
    st.markdown(
        _(
            "**The hardest {count} of the {learnt:,} digits that this network learns from**, with what the compact "
            "network took them for when it had seen all {samples:,} (in brackets: what they are)"
        ).format(count=len(hardest), learnt=config.n_selected, samples=config.samples - config.validation)
    )
    images.show(
        _hardest_digits_url(tuple(map(tuple, hardest.tolist()))),
        alt=_("The {count} training digits that the compact network finds hardest").format(count=len(hardest)),
    )


@lru_cache(maxsize=16)  # the same whenever a run is drawn
def _hardest_digits_url(hardest: tuple[tuple[int, int], ...]) -> str:
    """Return the data URL of an image of training digits: pairs of an index and the prediction for it."""
    indices, predictions = np.array(hardest).T
    data = datasets.load("mnist", "train")
    labels = data.labels.numpy()[indices]
    picture = images.classified_digits(data.images.numpy()[indices] / 255, predictions, labels, columns=12)
    return images.data_url(picture, compress_level=1)


def explain_failure(run_view: RunView) -> bool:
    """Say at which update the loss diverged, or that the network has died; return whether it did one of both."""
    return explain_divergence(run_view) or _explain_death(run_view)


def _explain_death(run_view: RunView) -> bool:
    """Say that a network has died, which a smaller learning rate may mend, or that it has not yet begun to learn."""
    diagnosis = failures.diagnose(failures.finite_evaluations(run_view.history))
    if diagnosis == "dead":
        st.error(
            _(
                "**This network has died**: whatever digit it is shown, its answer is the same. Too long a step has "
                "pushed the units to where their activation is flat (ReLU: at zero), and where nothing changes, no "
                "gradient leads back. The loss is a finite number all the same, that of guessing."
            ),
            icon=":material/heart_broken:",
        )
    if diagnosis == "not_learning":
        st.info(
            _(
                "**Nothing is learnt so far**: whatever digit this network is shown, its answer is nearly the same, as "
                "it was at the beginning. Every layer with a flat activation such as sigmoid lets less of the picture "
                "through, and less of the gradient back. Batch norm, ReLU or fewer layers help, sometimes patience."
            ),
            icon=":material/hourglass_empty:",
        )
    return diagnosis == "dead"
