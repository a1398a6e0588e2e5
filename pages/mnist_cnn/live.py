"""The live view of a run: predictions, filters, loss, and accuracy."""

from functools import lru_cache
from html import escape

import numpy as np
import streamlit as st
from PIL import Image

from core.data import datasets
from core.engine import Run
from core.evaluation.metrics import wilson_interval
from core.topics.mnist_cnn import failures
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.data import EVAL_SUBSET, N_SHOWN, N_TEST, TRAIN_EVAL_SUBSET
from pages.components.charts import images, line_chart
from pages.components.run import keyframes
from pages.components.run.divergence import explain_divergence
from pages.components.run.run_view import RunView, change_marks, points
from pages.components.text import _, ngettext
from pages.mnist_cnn import epoch_table

_GOOD = 0.97
"""If the latest training and test accuracies exceed this value, the axis of the accuracy chart starts at ``_FINE``."""
_FINE = 0.9


def draw_main(run_view: RunView, previous: Run | None) -> None:
    """Draw test digits with the network's predictions, and the loss curves of the run and of the previous run."""
    with st.container(key="digits"):
        keyframes.draw(run_view, draw_digits, key="test_digits")
    with st.container(key="loss"):
        _draw_loss(run_view, previous)


def draw_charts(run_view: RunView, _previous: Run | None) -> None:
    """Draw the accuracy chart, the filters, the epoch table, and the hardest training digits, if any were selected."""
    accuracy, epochs = st.columns([1.1, 1], gap="large")
    with accuracy:
        _draw_accuracy(run_view)
        keyframes.draw(run_view, _draw_filters, key="filters", needs_arrays=True)
    with epochs:
        epoch_table.draw(run_view)
        _draw_hardest(run_view)


def draw_style() -> None:
    """Add CSS for the main view to the page. The CSS contains the images of the test digits."""
    st.html(f"<style>.test-digits i {{ background-image: url({_test_digits_url()}) }}</style>")


@lru_cache(maxsize=1)
def _test_digits_url() -> str:
    """Return the data URL of an image with the test digits side by side."""
    images_ = 255 - datasets.load("mnist", "test").images[:N_SHOWN].numpy()
    return images.data_url(Image.fromarray(np.concatenate(images_, axis=1)), optimize=True)


def draw_digits(run_view: RunView) -> None:
    """Draw test digits with the network's predictions at the last evaluation in which all outputs were finite."""
    evaluations = failures.finite_evaluations(run_view.history)
    if not evaluations:
        return
    labels = datasets.load("mnist", "test").labels[:N_SHOWN].tolist()
    predictions = evaluations[-1][1].argmax(axis=1).tolist()
    alt = _("{count} test digits with the network's predictions, {correct} correct").format(
        count=N_SHOWN, correct=sum(map(int.__eq__, predictions, labels))
    )
    st.markdown(_headline(run_view))
    tiles = "".join(
        f'<span class="{"" if prediction == label else "wrong"}">'
        f'<i style="--at:{100 * number / (N_SHOWN - 1):.4g}%"></i>'
        f"{prediction if prediction == label else f'{prediction} ({label})'}</span>"
        for number, (prediction, label) in enumerate(zip(predictions, labels, strict=True))
    )
    st.html(f'<div class="test-digits" role="img" aria-label="{escape(alt)}">{tiles}</div>')


def _headline(run_view: RunView) -> str:
    final = run_view.run.metrics if run_view.complete else {}
    measured = run_view.measured("some/test")
    if final and failures.has_no_finite_outputs(final):
        return _("**Outputs are NaN** · update {step:,} · below: the last finite predictions").format(
            step=run_view.step
        )
    if final:
        return _("**{accuracy:.2%} accuracy** · update {step:,}  \nAll 10,000 test digits").format(
            accuracy=final["accuracy/test"], step=run_view.step
        )
    selection = run_view.metric("sifted")
    if run_view.step == 0 and selection is not None and not run_view.complete:
        return _("**A compact network trains first** to select the hardest digits: {fraction:.0%} done").format(
            fraction=selection
        )
    if measured is None:
        return _("**Not evaluated yet** · update {step:,}").format(step=run_view.step)
    step, accuracy = measured
    low, high = wilson_interval(accuracy, EVAL_SUBSET)
    return _(
        "**{accuracy:.1%} accuracy** on {count} test digits · update {step:,}  \n95% confidence interval {low:.1%} to "
        "{high:.1%}"
    ).format(accuracy=accuracy, count=EVAL_SUBSET, low=low, high=high, step=step)


def _draw_filters(run_view: RunView) -> None:
    filters = run_view.latest("filters")
    if filters is None:
        return
    filters = filters[:16]
    tiles = images.diverging(filters.astype(np.float32), float(np.abs(filters).max()) or None)
    images.show(
        images.tile(tiles, columns=8, scale=8, gap=1),
        alt=ngettext(
            "The weights of the only filter of the first layer, as an image",
            "The weights of the first {count} filters of the first layer, as images",
            len(filters),
        ).format(count=len(filters)),
    )
    st.caption(
        _("Filters of the first layer at update {step:,}. Blue: positive weights. Orange: negative weights.").format(
            step=run_view.step
        )
    )


def _draw_loss(run_view: RunView, previous: Run | None) -> None:
    series = {"this": points(run_view.history, "loss")}
    if previous:
        series["previous"] = points(previous.history(), "loss")
    least = run_view.config.least_loss
    st.markdown(
        _("**Loss** of each batch (at least {least:.2f} with label smoothing)").format(least=least)
        if least
        else _("**Loss** of each batch")
    )
    line_chart.draw(
        series,
        titles={"this": _("this run"), "previous": _("previous run")},
        x=_("update"),
        y=_("cross-entropy"),
        key="mnist_cnn.loss",
        alt=_("Training loss at each update"),
        log=True,
        height=None,
        dashed=["previous"],
        colours={"this": "#0072B2", "previous": "#888888"},
        marks=change_marks(run_view),
        x_end=run_view.total,
        run=run_view.run.id,
    )


def _draw_accuracy(run_view: RunView) -> None:
    titles = {"train": _("training digits"), "test": _("test digits")}
    series = {name: points(run_view.history, f"some/{name}") for name in titles}
    dots = {name: points(run_view.history, f"accuracy/{name}") for name in titles}
    fine = all(line and (line[-1][1] or 0) > _GOOD for line in series.values())
    st.markdown(
        _("**Accuracy** on training and test digits (the axis starts at {least:.0%})").format(least=_FINE)
        if fine
        else _("**Accuracy** on training and test digits")
    )
    line_chart.draw(
        series,
        titles=titles,
        x=_("update"),
        y=_("accuracy"),
        key="mnist_cnn.accuracy",
        alt=_("Accuracy on 500 training digits and on 500 test digits during training"),
        percent=True,
        dots={name: ends for name, ends in dots.items() if ends},
        domain=list(titles),
        y_from=_FINE if fine else None if run_view.step else 0,  # a single point does not determine a scale
        x_end=run_view.total,
        run=run_view.run.id,
    )
    st.caption(
        _(
            "Lines: accuracy on {count} training digits and on {count} test digits (one digit corresponds to "
            "{points:.1f} percentage points). Rings: accuracy at the end of each epoch, on up to {train:,} training "
            "digits and on all {test:,} test digits, as in the table."
        ).format(count=EVAL_SUBSET, points=100 / EVAL_SUBSET, train=TRAIN_EVAL_SUBSET, test=N_TEST)
    )
    config: CNNConfig = run_view.config
    if config.keep_fraction < 1:
        st.caption(
            _(
                "The training accuracy is measured on a sample of all training digits, although the network trains "
                "only on the hardest {share:.0%}."
            ).format(share=config.keep_fraction)
        )


def _draw_hardest(run_view: RunView) -> None:
    """Draw the hardest training digits if the run trains only on the hardest digits."""
    hardest = run_view.latest("hardest")
    if hardest is None:
        return
    config: CNNConfig = run_view.config
    st.markdown(
        ngettext(
            "**The only digit that this network trains on**. Below the digit: the prediction of the compact network, "
            "which was trained on all {samples:,} digits. If the prediction is wrong, the label follows in "
            "parentheses.",
            "**The hardest {count} of the {selected:,} digits that this network trains on**. Below each digit: the "
            "prediction of the compact network, which was trained on all {samples:,} digits. If the prediction is "
            "wrong, the label follows in parentheses.",
            len(hardest),
        ).format(count=len(hardest), selected=config.n_selected, samples=config.samples - config.validation)
    )
    images.show(
        _hardest_digits_url(tuple(map(tuple, hardest.tolist()))),
        alt=ngettext(
            "The training digit on which the compact network has the highest loss",
            "The {count} training digits on which the compact network has the highest losses",
            len(hardest),
        ).format(count=len(hardest)),
    )


@lru_cache(maxsize=16)  # the image of a run never changes
def _hardest_digits_url(hardest: tuple[tuple[int, int], ...]) -> str:
    """Return the data URL of an image of training digits, given as (index, prediction) pairs."""
    indices, predictions = np.array(hardest).T
    data = datasets.load("mnist", "train")
    labels = data.labels.numpy()[indices]
    sheet = images.classified_digits(data.images.numpy()[indices] / 255, predictions, labels, columns=12)
    return images.data_url(sheet, compress_level=1)


def explain_failure(run_view: RunView) -> bool:
    """Show a message if the loss diverged, or if the network's output is (nearly) the same for every digit.

    Return whether the run failed. A run whose network has not learned yet does not count as failed.
    """
    return explain_divergence(run_view) or _explain_death(run_view)


def _explain_death(run_view: RunView) -> bool:
    """Show a message if the network has died or has not learned yet. Return whether it has died."""
    diagnosis = failures.diagnose(failures.finite_evaluations(run_view.history))
    if diagnosis == "dead":
        st.error(
            _(
                "**This network has died**: its output is the same for every digit. A large update has moved the "
                "pre-activations to a region where the activation function is flat (for ReLU: below zero). There, "
                "the gradient is zero or almost zero, so the units stop learning. The loss stays finite, about equal "
                "to the loss of random guessing."
            ),
            icon=":material/heart_broken:",
        )
    if diagnosis == "not_learning":
        st.info(
            _(
                "**This network has not learned yet**: its output is nearly the same for every digit, as before "
                "training. Saturating activation functions such as sigmoid shrink the signal and the gradient in each "
                "layer. Batch norm, ReLU, or fewer layers can help. Sometimes more updates also help."
            ),
            icon=":material/hourglass_empty:",
        )
    return diagnosis == "dead"
