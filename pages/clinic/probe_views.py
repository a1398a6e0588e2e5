"""The result of a test: one number, what it measures, and one figure. There is no verdict."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import streamlit as st

from core.topics.clinic.probes import ProbeName, decode
from core.training.progress import Progress
from pages.clinic import labels
from pages.components.charts import bars, images, line_chart
from pages.components.text import _

Arrays = Mapping[str, np.ndarray]
_N_LAYERS = 6  # maximum number of layers with a histogram: the last ones
_HEIGHT = 200  # pixels


def draw(test: ProbeName, result: Progress, *, classification: bool) -> None:
    """Draw the result of a test. ``result`` is the last event of a run (see `core.topics.clinic.train`)."""
    prefix = f"test/{test}"
    values = {
        name.removeprefix(prefix).removeprefix("/"): value
        for name, value in result.metrics.items()
        if name == prefix or name.startswith(f"{prefix}/")
    }
    arrays = {
        name.removeprefix(f"{prefix}/"): array for name, array in result.arrays.items() if name.startswith(f"{prefix}/")
    }
    number, text = labels.measured(test, values, classification=classification)
    with st.container(key="clinic-result", gap="small"):
        st.markdown(f"#### {labels.tests()[test]}: {number}")
        st.caption(text)
        _FIGURES[test](arrays, values, classification)


def _draw_initial_loss(arrays: Arrays, _values: Mapping[str, float | None], _classification: bool) -> None:
    bars.histogram(
        arrays["counts"],
        arrays["edges"],
        x=_("outputs of the network before training"),
        key="clinic.test.initial_loss",
        alt=_("Histogram of the outputs for the first batch, before training"),
        height=_HEIGHT,
    )


def _draw_one_batch(arrays: Arrays, _values: Mapping[str, float | None], _classification: bool) -> None:
    line_chart.draw(
        {"loss": list(enumerate(arrays["losses"].tolist(), 1))},
        titles={"loss": _("loss")},
        x=_("update"),
        y=_("loss of the one batch"),
        key="clinic.test.one_batch",
        alt=_("Loss of one batch in 200 updates with this batch, on a logarithmic axis"),
        log=True,
        height=None,
        legend=False,
    )


def _draw_gradients(arrays: Arrays, _values: Mapping[str, float | None], _classification: bool) -> None:
    layers: Sequence[str] = decode(arrays["layers"])
    with st.container(key="clinic-figures"):
        for name, title, alt in (
            ("norms", _("gradient norm"), _("Gradient norm of each layer in the first updates")),
            ("ratios", _("update ÷ weights"), _("Ratio of update to weights of each layer in the first updates")),
        ):
            line_chart.draw(
                {
                    layer: list(enumerate(values.tolist(), 1))
                    for layer, values in zip(layers, arrays[name].T, strict=True)
                },
                x=_("update"),
                y=title,
                key=f"clinic.test.gradients.{name}",
                alt=alt,
                log=True,
                height=None,
                group="clinic.gradients",
                legend=len(layers) < 6 or name == "norms",
            )


def _draw_activations(arrays: Arrays, _values: Mapping[str, float | None], _classification: bool) -> None:
    layers: Sequence[str] = decode(arrays["layers"])
    first = max(0, len(layers) - _N_LAYERS)
    with st.container(key="clinic-figures"):
        for position, layer in enumerate(layers[first:]):
            edges = arrays["edges"][first + position]
            centers = ((edges[1:] + edges[:-1]) / 2).tolist()
            line_chart.draw(
                {
                    name: list(zip(centers, arrays[name][first + position].tolist(), strict=True))
                    for name in ("training", "test")
                },
                titles={"training": _("in training"), "test": _("in the test")},
                x=_("output"),
                y=layer,
                key=f"clinic.test.activations.{position}",
                alt=_("Histogram of the outputs of the layer {layer}, in training and in the test").format(layer=layer),
                height=None,
                dashed=["test"],
                y_from=0,
                group="clinic.activations",
                legend=position == 0,
            )


def _draw_shapes(arrays: Arrays, _values: Mapping[str, float | None], _classification: bool) -> None:
    rows = [[_("operation"), _("shape"), _("type")], ["---"] * 3]
    rows += [[f"`{name}`", f"`{tuple(shape)}`", dtype] for name, shape, dtype in decode(arrays["operations"])]
    st.markdown("\n".join("| " + " | ".join(row) + " |" for row in rows))


def _draw_batch(arrays: Arrays, _values: Mapping[str, float | None], classification: bool) -> None:
    if not classification:
        line_chart.draw(
            {},
            dots={
                "training": list(
                    zip(arrays["inputs"].ravel().tolist(), arrays["targets"].ravel().tolist(), strict=True)
                )
            },
            titles={"training": _("training points")},
            x="x",
            y="y",
            key="clinic.test.batch",
            alt=_("Points of the first batch: inputs and targets"),
            height=None,
            legend=False,
        )
        return
    inputs, test_inputs = (as_images(arrays[name]) for name in ("inputs", "test_inputs"))
    low, high = float(min(inputs.min(), 0)), float(max(inputs.max(), 1e-9))
    titles = [str(target) for target in arrays["targets"].tolist()]
    st.markdown(_("The first inputs of the first batch, with their labels"))
    images.show(
        images.labelled((inputs - low) / (high - low), titles, columns=8),
        alt=_("The first inputs of the first batch, with these labels: {labels}").format(labels=", ".join(titles)),
    )
    st.markdown(_("The first inputs in the test, with the same scale"))
    images.show(
        images.greys((test_inputs[:8] - low) / (high - low), columns=8),
        alt=_("The first inputs in the test. Black is {low}, and white is {high}.").format(
            low=labels.value("", low), high=labels.value("", high)
        ),
    )


def as_images(inputs: np.ndarray) -> np.ndarray:
    """Return square gray images (N, side, side) from inputs of a network, flat or with one channel."""
    flat = inputs.reshape(len(inputs), -1)
    side = round(flat.shape[1] ** 0.5)
    return flat.reshape(-1, side, side)


def _draw_permuted_labels(arrays: Arrays, values: Mapping[str, float | None], classification: bool) -> None:
    measured = list(enumerate(arrays["measures"].tolist(), 1))
    original = values.get("original")
    line_chart.draw(
        {"permuted": measured, "original": [(x, original) for x, _value in measured]},
        titles={"permuted": _("permuted"), "original": _("labels of the program, at the end")},
        x=_("epoch"),
        y=_("training accuracy") if classification else _("training loss"),
        key="clinic.test.permuted_labels",
        alt=_("Training accuracy with permuted labels after each epoch, and the final one with the program's labels")
        if classification
        else _("Training loss with permuted targets after each epoch, and the final one with the program's targets"),
        percent=classification,
        log=not classification,
        dashed=["original"],
        height=None,
    )


_FIGURES: dict[ProbeName, Callable[[Arrays, Mapping[str, float | None], bool], None]] = {
    "initial_loss": _draw_initial_loss,
    "one_batch": _draw_one_batch,
    "gradients": _draw_gradients,
    "activations": _draw_activations,
    "shapes": _draw_shapes,
    "batch": _draw_batch,
    "permuted_labels": _draw_permuted_labels,
}
