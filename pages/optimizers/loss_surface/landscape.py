"""The loss surface with the trajectories of the optimizers: map, loss curves, and 3-D view."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from core.topics.loss_surface.config import SURFACE_OPTIMIZERS, LossSurfaceConfig, SurfaceOptimizerName
from core.topics.loss_surface.surfaces import Surface, grid, relief
from core.topics.loss_surface.trajectories import Trajectory, descend
from pages.components.charts import landscape
from pages.components.text import _
from pages.optimizers import labels

MAP_SIZE = 128
"""Number of grid points along each side of the map."""
_DRAG_STEPS = 400  # total number of steps of all optimizers while the starting point is dragged


def draw(config: LossSurfaceConfig, *, key: str) -> None:
    """Draw the surface with animated trajectories. The user cannot change the starting point or the optimizers."""
    draw_trajectories(config, key=key)
    draw_surface(config, key=key)


def draw_surface(config: LossSurfaceConfig, *, key: str) -> None:
    """Send the surface to the browser.

    To draw trajectories on this surface, call `draw_trajectories` with the same ``key``.
    """
    landscape.draw_surface(_map(config.build_surface()), key=key)


def draw_trajectories(
    config: LossSurfaceConfig,
    *,
    key: str,
    request: int = 0,
    on_change: Callable[[landscape.Change], None] | None = None,
) -> None:
    """Draw the trajectories on the surface that `draw_surface` sends with the same ``key``.

    ``request`` and ``on_change`` are passed to `pages.components.charts.landscape.draw`.
    """
    surface, optimizer_labels, paths = config.build_surface(), labels.optimizers(), trajectories(config)
    landscape.draw(
        _map(surface),
        tracks=[
            landscape.Track(
                name,
                x=path.points[:, 0],
                y=path.points[:, 1],
                loss=path.losses,
                on_map=path.n_on_map,
                end=end_text(path),
                ended=_short_end_text(path),
                dashed=_lies_on_another(name, config),
            )
            for name, path in paths.items()
        ],
        chips=[
            landscape.Chip(name, optimizer_labels[name], labels.colours(name))
            for name in (SURFACE_OPTIMIZERS if on_change else config.optimizers)
        ],
        start=(config.x, config.y),
        key=key,
        alt=_("{surface}: trajectories of {optimizers}").format(
            surface=labels.surfaces()[config.surface], optimizers=", ".join(optimizer_labels[name] for name in paths)
        ),
        request=request,
        on_change=on_change,
    )


@lru_cache(maxsize=32)
def trajectories(config: LossSurfaceConfig) -> dict[SurfaceOptimizerName, Trajectory]:
    """Return the trajectory of each selected optimizer, keyed by optimizer name. The result is cached."""
    return descend(config)


def while_dragging(config: LossSurfaceConfig) -> LossSurfaceConfig:
    """Return the settings that are used while the user drags the starting point.

    The number of steps is limited, so that the trajectories can follow the pointer.
    """
    return config.changed(steps=max(1, min(config.steps, _DRAG_STEPS // len(config.optimizers))))


@lru_cache(maxsize=32)
def _map(surface: Surface) -> landscape.Map:
    losses = surface(*grid(surface, MAP_SIZE)).numpy().astype(np.float64)
    shades = relief(surface, size=MAP_SIZE)
    return landscape.Map(losses, shades.low, shades.high, shades.scale, surface.bounds, surface.minima, surface.lowest)


def _lies_on_another(name: SurfaceOptimizerName, config: LossSurfaceConfig) -> bool:
    return (name == "sgd" and config.sgd_equals_gd) or (name == "adamw" and config.adamw_equals_adam)


def end_text(trajectory: Trajectory) -> str | None:
    """Return text that states at which step a trajectory diverged or left the map, or None if it did neither."""
    if trajectory.diverged_at is not None:
        return _("diverged at step {step}").format(step=trajectory.diverged_at)
    if trajectory.left_at is not None:
        return _("left the map at step {step}").format(step=trajectory.left_at)
    return None


def _short_end_text(trajectory: Trajectory) -> str | None:
    if trajectory.diverged_at is not None:
        return _("diverged")
    return _("left the map") if trajectory.left_at is not None else None
