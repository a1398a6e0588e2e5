"""The results of the optimizers on a loss surface: remarks, a table, and curves."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from core.topics.loss_surface.config import LossSurfaceConfig, SurfaceOptimizerName
from core.topics.loss_surface.trajectories import Trajectory
from pages.components.charts import line_chart
from pages.components.text import _, number
from pages.optimizers import comparison, labels
from pages.optimizers.loss_surface.landscape import end_text


def draw_remarks(config: LossSurfaceConfig) -> None:
    """Write which of the selected optimizers are the same here, and why."""
    remarks = []
    if config.sgd_equals_gd:
        remarks.append(_("Without noise of the gradient GD and SGD are the same: SGD is dashed."))
    if config.adamw_equals_adam:
        remarks.append(_("Without weight decay AdamW is Adam if their settings are the same: AdamW is dashed."))
    if "lbfgs" in config.optimizers:
        remarks.append(
            _(
                "L-BFGS searches along a line and evaluates the surface several times before each step: its "
                "evaluations are counted here. The common learning rate does not change it."
            )
        )
    remarks.append(
        _("Muon is missing: it makes a matrix of weights orthogonal, and a point on a surface is no matrix. It races.")
    )
    st.caption(" ".join(remarks))


def draw_table(config: LossSurfaceConfig, trajectories: Mapping[SurfaceOptimizerName, Trajectory]) -> None:
    """Draw a table of the optimizers: learning rate, steps to the minimum, final loss."""
    minimum_known = config.build_surface().lowest is not None
    optimizer_labels = labels.optimizers()
    header = [
        _("optimizer"),
        _("learning rate"),
        _("steps until within 1 %") if minimum_known else _("lowest loss seen"),
        _("final loss"),
    ]
    rows = [
        [
            optimizer_labels[name],
            number(config.rate(name)),
            _steps_text(trajectory) if minimum_known else number(trajectory.lowest),
            end_text(trajectory) or number(float(trajectory.losses[-1])),
        ]
        for name, trajectory in trajectories.items()
    ]
    comparison.draw_table(header, rows)
    st.caption(
        _("The first step within 1 % of the way down from the loss at the start to the known minimum value.")
        if minimum_known
        else _("The lowest value of this surface is not known, or there is none.")
    )


def _steps_text(trajectory: Trajectory) -> str:
    return "–" if trajectory.reached_at is None else f"{trajectory.reached_at:,}"


def draw_curves(config: LossSurfaceConfig, trajectories: Mapping[SurfaceOptimizerName, Trajectory]) -> None:
    """Draw distance to a minimum and step lengths over the steps; the loss is beside the map."""
    surface = config.build_surface()
    columns = iter(st.columns(3 if surface.minima else 2, gap="medium"))
    if surface.minima:
        with next(columns):
            st.markdown(_("**Distance** to the nearest minimum"))
            _draw_curve(
                {name: path.distances(surface.minima)[: path.n_on_map] for name, path in trajectories.items()},
                y=_("distance"),
                key="distance",
                alt=_("Distance of each optimizer to the nearest minimum over the steps"),
            )
    for axis, label in enumerate((_("x"), _("y"))):
        with next(columns):
            st.markdown(_("**Step length** in {axis}").format(axis=label))
            _draw_curve(
                {name: path.step_lengths[: path.n_on_map - 1, axis] for name, path in trajectories.items()},
                y=_("step length in {axis}").format(axis=label),
                key=f"length{axis}",
                alt=_("Length of each optimizer's steps in {axis} over the steps").format(axis=label),
                first_step=1,
            )


def _draw_curve(values: dict[str, np.ndarray], *, y: str, key: str, alt: str, first_step: int = 0) -> None:
    optimizer_labels = labels.optimizers()
    line_chart.draw(
        {optimizer_labels[name]: list(enumerate(series.tolist(), first_step)) for name, series in values.items()},
        x=_("step"),
        y=y,
        key=f"loss_surface.{key}",
        alt=alt,
        log=True,
        floor=1e-12,
        colours={optimizer_labels[name]: labels.colour(name) for name in values},
        height=250,
        group="loss_surface",
    )
