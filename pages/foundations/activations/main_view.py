"""The main view: an activation function at a draggable input, and the gradients in ten layers for this input."""

from functools import lru_cache
from typing import Any

import torch

from core.topics.activations.functions import ACTIVATIONS, saturated_intervals
from core.topics.activations.gradient_flow import EXPLODING_ABOVE, VANISHING_BELOW, gradient_flows
from pages.components.charts.function_plot import BLUE, GREY, ORANGE
from pages.components.text import _, number
from pages.foundations.plots import SharedValues, Slider, axis, finite

KEY = "activations"
N_LAYERS = 10
X = torch.arange(-120, 121, dtype=torch.float64) / 20
_WEIGHTS = torch.arange(-40, 41, dtype=torch.float64) / 10
_GRADIENTS = (1e-12, 1e6)  # limits of the gradient axis; longer bars are clipped


def shared_values() -> SharedValues:
    """Return the slider values of the view: the input and the weight."""
    return SharedValues(
        KEY,
        [
            _slider("x", _("Input x"), X, 1.0),
            _slider("w", _("Weight w of all ten layers"), _WEIGHTS, 1.0),
        ],
        from_link=True,
    )


def _slider(name: str, label: str, values: torch.Tensor, initial: float) -> Slider:
    numbers = [round(value, 2) for value in values.tolist()]
    return Slider(name, label, numbers, [number(value).replace("-", "−") for value in numbers], initial)


def draw(name: str, label: str, values: SharedValues) -> None:
    """Draw an activation function and its derivative beside the gradients in a chain of ten layers.

    ``name`` is the name of the function, and ``label`` is its displayed name. ``values`` are the slider values.
    """
    values.draw_plots(
        "activation",
        _function(name)
        | {"chains": _chains(name, values["x"], values["w"])}
        | {
            "names": [label, _("derivative")],
            "colours": {"output": BLUE, "slope": ORANGE, "same": GREY, "less": BLUE, "more": ORANGE},
            "gradient_axis": axis(*_GRADIENTS, log=True, ticks=[10.0**power for power in range(-12, 7, 3)]),
            "bounds": (VANISHING_BELOW, EXPLODING_ABOVE),
            "words": _words(label),
        },
        key=f"{KEY}.plots",
    )


@lru_cache(maxsize=16)
def _function(name: str) -> dict[str, Any]:
    activation = ACTIVATIONS[name]
    f, slope = activation.function(X), activation.derivative(X)
    return {
        "x": [round(x, 2) for x in X.tolist()],
        "f": finite(f.tolist()),
        "slope": finite(slope.tolist()),
        "y_axis": axis(*axis_range(f, slope)),
        "saturated": saturated_intervals(name, X),
        "max_slope": activation.max_slope,
    }


@lru_cache(maxsize=64)
def _chains(name: str, x: float, weight: float) -> dict[str, Any]:
    """Return the inputs and gradients of ten layers: for all x at this weight, and for this x at all weights."""

    def chains(x: torch.Tensor, weights: torch.Tensor) -> list[dict[str, list[float | None]]]:
        inputs, _values, gradients = gradient_flows(name, x, weights, length=N_LAYERS)
        return [
            {"inputs": finite(chain_inputs), "gradients": finite(chain_gradients)}
            for chain_inputs, chain_gradients in zip(inputs.tolist(), gradients.tolist(), strict=True)
        ]

    return {
        "x": x,
        "w": weight,
        "by_x": chains(X, torch.full_like(X, weight)),
        "by_w": chains(torch.full_like(_WEIGHTS, x), _WEIGHTS),
    }


def axis_range(f: torch.Tensor, f_prime: torch.Tensor) -> tuple[float, float]:
    """Return the limits (low, high) of a vertical axis for two curves. Values beyond ±3 do not extend the axis."""
    both = torch.cat([f, f_prime]).clamp(-3, 3)
    low, high = both.min().item(), both.max().item()
    return low - 0.1 * (high - low), high + 0.15 * (high - low)


def _words(label: str) -> dict[str, Any]:
    return {
        "function": _("{name} at x = {x}"),
        "drag": _("{name} and its derivative. Drag the input, or use the arrow keys.").format(name=label),
        "input": _("input x · gray dots: pre-activations of the ten layers"),
        "saturated": _("small derivative"),
        "is_saturated": _("Small derivative: little of the gradient passes through."),
        "share": _("Absolute derivative: {share} of the maximum."),
        "chain": _("Gradients in ten layers, weight {w}"),
        "chain_label": _("The absolute gradient at each of ten layers: 1 at the output, {first} at the input"),
        "gradient": _("gradient at the input"),
        "layer": _("layer · gradients flow from right to left"),
        "first": _("input"),
        "verdicts": {
            "zero": _("Zero: the weight or a derivative is exactly 0."),
            "vanishes": _("Vanishing: the first layers learn very slowly."),
            "explodes": _("Exploding: the first layers get huge updates."),
            "survives": _("{share} of the gradient reaches the input."),
        },
    }
