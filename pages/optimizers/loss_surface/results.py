"""Results of the optimizers on a loss surface: remarks, a table, and curves."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from core.topics.loss_surface.config import LossSurfaceConfig, SurfaceOptimizerName
from core.topics.loss_surface.trajectories import Trajectory
from pages.components.charts import line_chart
from pages.components.text import _, number, pgettext
from pages.optimizers import comparison, labels
from pages.optimizers.loss_surface.landscape import end_text


def draw_remarks(config: LossSurfaceConfig) -> None:
    """Draw remarks on the selected optimizers, for example on trajectories that coincide."""
    remarks = []
    if config.sgd_equals_gd:
        remarks.append(_("Without gradient noise, GD and SGD are identical, so the SGD line is dashed."))
    if config.adamw_equals_adam:
        remarks.append(
            _("Without weight decay and with equal settings, AdamW is identical to Adam, so the AdamW line is dashed.")
        )
    if "lbfgs" in config.optimizers:
        remarks.append(
            _(
                "L-BFGS uses a line search, which evaluates the surface several times per iteration. On this page, "
                "each evaluation counts as a step. The learning-rate multiplier does not apply to L-BFGS."
            )
        )
    remarks.append(
        _(
            "Muon is available only in the race: it orthogonalizes the update of a weight matrix, and a point on a "
            "surface is not a matrix."
        )
    )
    for remark in remarks:
        st.caption(remark)


def draw_table(config: LossSurfaceConfig, trajectories: Mapping[SurfaceOptimizerName, Trajectory]) -> None:
    """Draw a table with each optimizer's learning rate, number of steps, and final loss.

    The steps are counted until the loss is close to the minimum of the surface. If this minimum is not known, the table
    contains each optimizer's lowest loss instead of the number of steps.
    """
    has_known_minimum = config.build_surface().lowest is not None
    optimizer_labels = labels.optimizers()
    header = [
        _("optimizer"),
        _("learning rate"),
        _("steps to converge") if has_known_minimum else _("lowest loss"),
        _("final loss"),
    ]
    rows = [
        [
            optimizer_labels[name],
            number(config.rate(name)),
            _steps_text(trajectory) if has_known_minimum else number(trajectory.lowest),
            end_text(trajectory) or number(float(trajectory.losses[-1])),
        ]
        for name, trajectory in trajectories.items()
    ]
    comparison.draw_table(header, rows)
    st.caption(
        _(
            "Steps to converge: the number of steps until the loss has fallen by 99% of the difference between its "
            "initial value and the minimum."
        )
        if has_known_minimum
        else _("This surface has no minimum, or its minimum is not known.")
    )


def _steps_text(trajectory: Trajectory) -> str:
    return "–" if trajectory.reached_at is None else f"{trajectory.reached_at:,}"


def draw_curves(config: LossSurfaceConfig, trajectories: Mapping[SurfaceOptimizerName, Trajectory]) -> None:
    """Draw each optimizer's step lengths in x and in y, and its distance to the nearest minimum.

    If no minimum is known, the distance is not drawn.
    """
    surface = config.build_surface()
    columns = iter(st.columns(3 if surface.minima else 2, gap="medium"))
    if surface.minima:
        with next(columns):
            st.markdown(_("**Distance** to the nearest minimum"))
            _draw_curve(
                {name: path.distances(surface.minima)[: path.n_on_map] for name, path in trajectories.items()},
                y=_("distance"),
                key="distance",
                alt=_("Distance from each optimizer's point to the nearest minimum at each step"),
            )
    for axis, label in enumerate("xy"):
        with next(columns):
            st.markdown(_("**Step length** in {axis}").format(axis=label))
            _draw_curve(
                {name: path.step_lengths[: path.n_on_map - 1, axis] for name, path in trajectories.items()},
                y=_("step length in {axis}").format(axis=label),
                key=f"length{axis}",
                alt=_("Length of each optimizer's steps in {axis}").format(axis=label),
                first_step=1,
            )


def _draw_curve(values: dict[str, np.ndarray], *, y: str, key: str, alt: str, first_step: int = 0) -> None:
    line_chart.draw(
        {name: list(enumerate(series.tolist(), first_step)) for name, series in values.items()},
        titles=labels.optimizers(),
        x=pgettext("axis", "step"),
        y=y,
        key=f"loss_surface.{key}",
        alt=alt,
        log=True,
        floor=1e-12,
        colours={name: labels.colours(name) for name in values},
        height=250,
        group="loss_surface",
    )
