"""The curves of the given program, and of the program that is compared with it."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from core.engine import Run
from core.topics.clinic.attempts import Attempt
from core.topics.clinic.config import ClinicConfig
from core.training.progress import Progress
from pages.clinic import labels
from pages.components.charts import images, line_chart
from pages.components.run import keyframes
from pages.components.run.run_view import RunView, change_marks, points
from pages.components.text import _

_Sources = Mapping[str, tuple[Sequence[Progress], str]]
"""The history of each curve, and the name of its program in the metrics."""
_SIDE = 28  # pixels of MNIST
_COLOURS = {
    "given": ("#D55E00", "#F08A4B"),
    "tried": ("#0072B2", "#56B4E9"),
    "correct": ("#00805F", "#3CC7A0"),
    "previous": ("#888888", "#888888"),
}


def draw(run_view: RunView[ClinicConfig], given: Run[ClinicConfig], attempt: Attempt, previous: Run | None) -> None:
    """Draw the loss, the measures of each epoch, and predictions for test data.

    ``given`` is the run of the given program. The displayed run is this run, or it tries a replacement. The curves of
    the correct program are drawn only if the case is solved; otherwise those of the ``previous`` run are drawn.
    """
    sources = _sources(run_view, given, attempt, previous)
    titles = {
        "given": _("with the wrong line"),
        "tried": _("with your line"),
        "correct": _("with the correct line"),
        "previous": _("previous run"),
    }
    if len(sources) == 1:
        titles["given"] = _("this program")
    with st.container(key="clinic-charts-compared" if len(sources) > 1 else "clinic-charts", horizontal=True):
        for measure in _measures(run_view):
            series = {name: points(history, f"{measure}/{program}") for name, (history, program) in sources.items()}
            title = labels.measures()[measure]
            line_chart.draw(
                series,
                titles=titles,
                y=title,
                key=f"clinic.{measure}",
                alt=_("{measure} at each update, of these programs: {programs}").format(
                    measure=title, programs=", ".join(titles[name] for name in sources)
                ),
                log=measure.endswith("loss"),
                percent=measure.endswith("accuracy"),
                legend=measure == "loss" and len(sources) > 1,
                x=_("update"),
                height=None,
                colours=_COLOURS,
                dashed=["previous"],
                marks=change_marks(run_view),
                x_end=run_view.total,
                run=run_view.run.id,
                group="clinic.curves",
            )
    program = "correct" if "correct" in sources else "given"
    if _measures(run_view)[-1].endswith("accuracy"):
        keyframes.draw(
            run_view, lambda view: _draw_predictions(view, program), key=f"predictions_{program}", needs_arrays=True
        )
    else:
        _draw_fit(run_view, sources, titles)


def _sources(
    run_view: RunView[ClinicConfig], given: Run[ClinicConfig], attempt: Attempt, previous: Run | None
) -> _Sources:
    if run_view.config.replacement:
        return {"given": (given.history(), "given"), "tried": (run_view.history, "given")}
    shown: dict[str, tuple[Sequence[Progress], str]] = {"given": (run_view.history, "given")}
    if attempt.stage == "solved":
        shown["correct"] = (run_view.history, "correct")
    elif previous and previous.settings.replacement == 0 and previous.settings.case == run_view.config.case:
        shown["previous"] = (previous.history(), "given")
    return shown


def _measures(run_view: RunView[ClinicConfig]) -> list[str]:
    """Return the loss of the batch, and the measures of each epoch in the order of the program."""
    names = [name.removesuffix("/given") for event in run_view.history for name in event.metrics if "/given" in name]
    measures = [name for name in dict.fromkeys(names) if name != "loss"]
    return ["loss", *(measures or ["train_accuracy", "test_accuracy"])]


def _draw_predictions(run_view: RunView[ClinicConfig], program: str) -> None:
    inputs, targets = run_view.latest("shown_inputs"), run_view.latest("shown_targets")
    predictions = run_view.latest(f"predictions/{program}")
    if inputs is None or targets is None or predictions is None:
        return
    pixels, scale = inputs.astype(np.float32) / 255, 2
    if pixels.shape[1] > _SIDE:  # photos, from 0 (black) to 1 (white)
        pixels, scale = 1 - pixels, 1
    captions = [
        (str(prediction) if prediction == target else f"{prediction} ({target})", bool(prediction == target))
        for prediction, target in zip(predictions, targets, strict=True)
    ]
    images.show(
        images.captioned(pixels, captions, columns=len(pixels) // 2, scale=scale),
        alt=_("Test images with the network's predictions: {correct} of {count} correct").format(
            count=len(targets), correct=int((predictions == targets).sum())
        ),
    )


def _draw_fit(run_view: RunView[ClinicConfig], sources: _Sources, titles: Mapping[str, str]) -> None:
    """Draw the predictions of a regression as curves, beside the test points."""
    first = next((event for event in run_view.history if "shown_inputs" in event.arrays), None)
    if first is None:
        return
    x = first.arrays["shown_inputs"].ravel().tolist()
    curves = {}
    for name, (history, program) in sources.items():
        predictions = [array for event in history if (array := event.arrays.get(f"predictions/{program}")) is not None]
        if predictions:
            curves[name] = list(zip(x, predictions[-1].ravel().tolist(), strict=True))
    line_chart.draw(
        curves,
        dots={"test": list(zip(x, first.arrays["shown_targets"].ravel().tolist(), strict=True))},
        titles=dict(titles) | {"test": _("test points")},
        colours=_COLOURS | {"test": _COLOURS["previous"]},
        x="x",
        y="y",
        key="clinic.fit",
        alt=_("Test points, and the predictions of the network as a curve"),
        height=None,
        legend=False,
    )
