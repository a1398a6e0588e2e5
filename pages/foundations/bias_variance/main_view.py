"""The main view: the fits at the chosen capacity beside the errors at all capacities."""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.topics.bias_variance.analysis import TEST, CapacityAnalysis
from core.topics.bias_variance.config import BiasVarianceConfig
from core.topics.bias_variance.data import X_LIMIT, Task, plot_grid
from pages.components.text import _, pgettext
from pages.foundations.bias_variance import conclusions, labels
from pages.foundations.chart_style import PAIRS
from pages.foundations.plots import SharedValues, Slider, axis, finite

PAGE = "bias_variance"
MAX_DATA_SETS = 30
"""Maximum number of datasets that are sent to the browser."""
Lines = Sequence[tuple[str, np.ndarray]]
"""(title, test errors) pairs of baselines. The test errors are an array (C,) with one error per capacity."""
_SCALE, _NOT_FINITE = 1000, -32_768  # encode each value of a fit in 16 bits


def shared_values(config: BiasVarianceConfig, best: int) -> SharedValues:
    """Return the values of the sliders for the capacity and the displayed dataset.

    The initial capacity is the available capacity that is nearest to ``best``.
    """
    capacities, count = config.capacities, min(config.data_sets, MAX_DATA_SETS)
    best = min(capacities, key=lambda capacity: abs(capacity - best))
    return SharedValues(
        PAGE,
        [
            Slider("capacity", labels.capacity_title(config), capacities, [*map(str, capacities)], best),
            Slider(
                "data_set",
                _("Dataset shown"),
                range(1, count + 1),
                [str(number) for number in range(1, count + 1)],
                1,
            ),
        ],
        scope=f"{config.model} {capacities[-1]}",
        from_link=True,
    )


def draw(
    analyses: Sequence[CapacityAnalysis],
    task: Task,
    values: SharedValues,
    *,
    run: str | None = None,
    lines: Lines = (),
) -> None:
    """Draw the fits at the selected capacity, and the errors at all capacities.

    ``run`` is the id of the run, or None for polynomials, which are fitted without a run. For a run, the browser shows
    the analysis at the update that the user selects. Otherwise, the browser shows the last analysis. ``task`` contains
    the datasets, and ``values`` are the slider values. ``lines`` contains the titles and the test errors of baselines.
    """
    config, newest = analyses[-1].config, analyses[-1]
    grid, every = (
        plot_grid().numpy(),
        1 if config.model == "polynomial" else 2,
    )  # the fits of networks are smooth, so half of the grid is enough
    count = min(config.data_sets, MAX_DATA_SETS)
    points = [task.training_points(number).round(4).tolist() for number in range(count)]
    values.draw_plots(
        "fits",
        {
            "run": run,
            "grid": finite(grid[::every].tolist()),
            "true_curve": finite(task.true_curve(plot_grid()).numpy()[::every].tolist()),
            "points": points,
            "frames": [_frame(analysis, every, is_newest=analysis is newest) for analysis in analyses],
            "lines": [{"name": name, "errors": finite(errors.tolist())} for name, errors in lines],
            "noise": newest.noise_variance,
            "axes": {"x": axis(-1.03 * X_LIMIT, 1.03 * X_LIMIT, "x"), "y": axis(*_range_of_fits(task, count))},
            "error_axes": {"x": _capacity_axis(config), "y": _error_axis(analyses, lines)},
            "colours": PAIRS | {"others": [f"{colour}88" for colour in PAIRS["variance"]]},
            "words": _words(config),
            "legend_rows": 2 if lines else 1,
        },
        key=f"{PAGE}.plots",
    )


def _frame(analysis: CapacityAnalysis, every: int, *, is_newest: bool) -> dict[str, Any]:
    """Return the data of one update for the browser. Each value of a fit is encoded in 16 bits."""
    fits = analysis.curves[:, :MAX_DATA_SETS, ::every].astype(float)
    stored = np.where(np.isfinite(fits), (fits * _SCALE).round().clip(-32_000, 32_000), _NOT_FINITE).astype("<i2")
    is_finished = is_newest and analysis.complete
    return {
        "step": analysis.step,
        "fits": base64.b64encode(stored.tobytes()).decode(),
        "errors": [finite(errors.tolist()) for errors in analysis.mean_errors],
        "best": analysis.best_index,
        "titles": [conclusions.title(analysis, index) for index in range(len(analysis.capacities))],
        "underfits": is_finished and analysis.underfits,
        "overfits": is_finished and analysis.overfits,
        "verdict": conclusions.verdict(analysis),
    }


def _range_of_fits(task: Task, count: int) -> tuple[float, float]:
    """Return an axis range that contains the points and the true curve, and clips fits far beyond them."""
    values = np.concatenate([task.train.y[:count].flatten().numpy(), task.true_curve(plot_grid()).numpy()])
    margin = 0.15 * float(np.ptp(values)) or 1.0
    return float(values.min() - margin), float(values.max() + margin)


def _capacity_axis(config: BiasVarianceConfig) -> dict[str, Any]:
    is_network = config.model == "network"
    low, high = float(config.capacities[0]), float(config.capacities[-1])
    if low == high:
        low, high = (low / 2, low * 2) if is_network else (low - 1, low + 1)
    texts = [str(capacity) for capacity in config.capacities]
    margin = (high / low) ** 0.03 if is_network else 0.03 * (high - low)
    ends = (low / margin, high * margin) if is_network else (low - margin, high + margin)
    return axis(*ends, labels.axis_title(config), log=is_network, ticks=config.capacities, texts=texts)


def _error_axis(analyses: Sequence[CapacityAnalysis], lines: Lines) -> dict[str, Any]:
    """Return a logarithmic axis. Its limits are 1 or 3 times a power of ten, so they rarely change during a run."""
    errors = [*(analysis.mean_errors for analysis in analyses), *(errors for _title, errors in lines)]
    values = np.concatenate([array[np.isfinite(array)] for array in errors])
    test = analyses[-1].mean_errors[TEST]
    lowest_test = max(float(np.nanmin(test)) if np.isfinite(test).any() else 1.0, 1e-5)
    # The error of untrained networks is about the error of constant fits, so the axis always includes it
    low = max(min(float(values.min(initial=1.0)), 0.5 * analyses[-1].noise_variance or 1.0), lowest_test / 30)
    high = min(max(float(values.max(initial=low)), 2 * analyses[-1].constant_error), 300 * lowest_test)
    steps = [digit * 10.0**power for power in range(-8, 9) for digit in (1, 3)]
    ends = max(step for step in steps if step <= low), min(step for step in steps if step >= high * 1.05)
    return axis(*ends, log=True, ticks=[step for step in steps if ends[0] <= step <= ends[1]])


def _words(config: BiasVarianceConfig) -> dict[str, str]:
    is_polynomial = config.model == "polynomial"
    return {
        "errors": _("Errors vs. degree: drag here") if is_polynomial else _("Errors vs. width: drag here"),
        "errors_label": _(
            "Training, validation, and test errors at every capacity. Drag to choose a capacity, or use the arrow keys."
        ),
        "fits_label": _(
            "The points of one dataset and the fit to these points, the fits to the other datasets, and the true curve"
        ),
        "fit": pgettext("curve", "fit"),
        "others": _("fits to other datasets"),
        "true_curve": _("true curve"),
        "train": pgettext("dataset", "training"),
        "validation": pgettext("dataset", "validation"),
        "test": pgettext("dataset", "test"),
        "noise": _("noise variance"),
        "underfits": _("← underfitting"),
        "overfits": _("overfitting →"),
    }
