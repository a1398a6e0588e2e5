"""The loss surface with the trajectories of the optimizers, as a map and in 3-D."""

from collections.abc import Callable

from core.topics.loss_surface.config import LossSurfaceConfig, SurfaceOptimizerName
from core.topics.loss_surface.surfaces import relief
from core.topics.loss_surface.trajectories import Trajectory, descend
from pages.components.charts import landscape
from pages.components.text import _
from pages.optimizers import labels


def draw(
    config: LossSurfaceConfig, *, key: str, on_pick: Callable[[float, float], None] | None = None
) -> dict[SurfaceOptimizerName, Trajectory]:
    """Play the trajectories of the optimizers on the surface, and return them."""
    surface, trajectories, optimizer_labels = config.build_surface(), descend(config), labels.optimizers()
    landscape.draw(
        relief(surface).heights,
        bounds=surface.bounds,
        tracks=[
            landscape.Track(
                optimizer_labels[name],
                labels.colours(name),
                x=trajectory.points[:, 0],
                y=trajectory.points[:, 1],
                loss=trajectory.losses,
                end=end_text(trajectory),
            )
            for name, trajectory in trajectories.items()
        ],
        minima=surface.minima,
        key=key,
        alt=_("{surface}: the ways of {optimizers}, as a map and in three dimensions").format(
            surface=labels.surfaces()[config.surface],
            optimizers=", ".join(optimizer_labels[name] for name in trajectories),
        ),
        on_pick=on_pick,
    )
    return trajectories


def end_text(trajectory: Trajectory) -> str | None:
    """Return why a trajectory ended early, or None."""
    if trajectory.diverged_at is not None:
        return _("diverged at step {step}").format(step=trajectory.diverged_at)
    if trajectory.left_at is not None:
        return _("left the map at step {step}").format(step=trajectory.left_at)
    return None
