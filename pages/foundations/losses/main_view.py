"""The main view: losses and their gradients at a draggable prediction."""

from functools import lru_cache
from typing import Any, Literal

import torch

from core.topics.losses.cross_entropy_vs_mse import cross_entropy_at, probability_grid, squared_error_at
from core.topics.losses.functions import REGRESSION
from pages.components.charts.function_plot import BLUE, GREEN, GREY, ORANGE, PINK
from pages.components.text import _, number
from pages.foundations.plots import SharedValues, Slider, axis, finite

KEY = "losses"
Kind = Literal["numbers", "classes"]
COLOURS = {"mse": BLUE, "huber": GREEN, "mae": ORANGE, "rmse": GREY}
_PREDICTIONS = [round(step / 10, 1) for step in range(-60, 61)]  # the target is 0
_DELTAS = [round(step / 10, 1) for step in range(2, 51)]
PROBABILITIES = (0.0001, 0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999)
CONFIDENTLY_WRONG = 0.05  # at or below this probability of the correct class


def shared_values(kind: Kind) -> SharedValues:
    """Return the slider values of the view.

    If ``kind`` is "numbers" (regression), the values are the prediction and the δ of the Huber loss. If ``kind`` is
    "classes" (classification), there is one value: the probability of the correct class.
    """
    if kind == "classes":
        probability = Slider(
            "prediction", _("Probability of the correct class"), PROBABILITIES, [*map(percent, PROBABILITIES)], 0.01
        )
        return SharedValues(f"{KEY}.classes", [probability], from_link=True)
    texts = [number(value).replace("-", "−") for value in _PREDICTIONS]
    return SharedValues(
        f"{KEY}.numbers",
        [
            Slider("prediction", _("Prediction (the target is 0)"), _PREDICTIONS, texts, 2.0),
            Slider("delta", _("δ of the Huber loss"), _DELTAS, [*map(number, _DELTAS)], 1.0),
        ],
        from_link=True,
    )


def draw(kind: Kind, classes: int, values: SharedValues) -> None:
    """Draw several losses and their gradients.

    ``kind`` is "numbers" (regression) or "classes" (classification), and ``classes`` is the number of classes.
    ``values`` are the slider values.
    """
    values.draw_plots("losses", _numbers() if kind == "numbers" else _classes(classes), key=f"{KEY}.plots")


@lru_cache(maxsize=4)
def _numbers() -> dict[str, Any]:
    errors = torch.tensor(_PREDICTIONS, dtype=torch.float64)

    def curves(name: str, **settings: float) -> list[list[float | None]]:
        return [finite(part.tolist()) for part in REGRESSION[name].curve(errors, **settings)]

    titles = {"mse": _("MSE"), "huber": _("Huber"), "mae": _("MAE"), "rmse": _("RMSE")}
    return {
        "x": _PREDICTIONS,
        "curves": [
            {"key": name, "name": title, "colours": COLOURS[name], "dashed": name == "rmse"}
            | ({"by_delta": [curves(name, delta=delta) for delta in _DELTAS]} if name == "huber" else {})
            | ({"values": curves(name)} if name != "huber" else {})
            for name, title in titles.items()
        ],
        "axes": {"x": axis(-6, 6, _("prediction (the target is 0)")), "y": [axis(0, 10), axis(-7, 7)]},
        "titles": [_("Loss for one point"), _("Gradient with respect to the prediction")],
        "labels": [
            _("Four losses for one point as functions of the prediction. Drag the prediction, or use the arrow keys."),
            _("The gradients of four losses for one point as functions of the prediction. Drag the prediction."),
        ],
        "verdicts": [_verdict_on_numbers(prediction) for prediction in _PREDICTIONS],
    }


def _verdict_on_numbers(prediction: float) -> str:
    if prediction == 0:
        return _("The prediction equals the target: all losses are 0.")
    if abs(prediction) <= 1:
        return _("Near the target, the MSE gradient shrinks with the error. The MAE gradient changes only in sign.")
    return _("A large error gives a large MSE gradient. The MAE gradient is ±1, and the Huber gradient is within ±δ.")


@lru_cache(maxsize=4)
def _classes(classes: int) -> dict[str, Any]:
    p = torch.tensor(sorted({*probability_grid().tolist(), *PROBABILITIES}), dtype=torch.float64)
    losses = {
        "cross_entropy": (cross_entropy_at(p), PINK),
        "squared_error": (squared_error_at(p, classes=classes), BLUE),
    }
    names = {
        "cross_entropy": _("binary cross-entropy") if classes == 2 else _("cross-entropy"),
        "squared_error": _("squared error"),
    }
    return {
        "x": p.tolist(),
        "curves": [
            {"key": key, "name": names[key], "colours": colours}
            | {"values": [finite(part.tolist()) for part in (loss, -gradient)]}
            for key, ((loss, gradient), colours) in losses.items()
        ],
        "axes": {
            "x": axis(0, 1, _("probability of the correct class")),
            "y": [axis(0, 9.6), axis(0, 1.1)],
        },
        "titles": [_("Loss"), _("Absolute gradient with respect to the logit")],
        "labels": [
            _(
                "Two losses as functions of the probability of the correct class. Drag the probability, or use "
                "the arrow keys."
            ),
            _(
                "Absolute gradients of two losses as functions of the probability of the correct class. Drag the "
                "probability."
            ),
        ],
        "verdicts": [_verdict_on_classes(probability) for probability in PROBABILITIES],
    }


def _verdict_on_classes(probability: float) -> str:
    if probability <= CONFIDENTLY_WRONG:
        return _("Confidently wrong: the squared error has a small gradient, but cross-entropy has a large gradient.")
    if probability >= 1 - CONFIDENTLY_WRONG:
        return _("Confidently correct: both losses are small, and so are their gradients.")
    return _("Not confident: both losses have a useful gradient.")


def percent(p: float) -> str:
    """Return the probability ``p`` (0..1) as text, for example "1%" for 0.01."""
    return f"{100 * p:g}%"
