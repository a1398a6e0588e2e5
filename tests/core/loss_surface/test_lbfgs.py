"""L-BFGS on a surface: torch's own, its steps counted in evaluations."""

import numpy as np
import pytest
import torch

from core.topics.loss_surface import trajectories
from core.topics.loss_surface.config import PRESETS, LossSurfaceConfig
from core.topics.loss_surface.trajectories import descend

pytestmark = pytest.mark.usefixtures("one_thread")


def lbfgs_by_torch(config: LossSurfaceConfig) -> tuple[list[tuple[int, np.ndarray]], int]:
    """Return (evaluations so far, point) after every step of torch's loop. A repeated point costs nothing."""
    surface = config.build_surface()
    point = torch.nn.Parameter(torch.tensor([config.x, config.y], dtype=torch.float64))
    optimizer = torch.optim.LBFGS([point], lr=1.0, max_iter=1, max_eval=25, line_search_fn="strong_wolfe")
    seen = set()

    def closure() -> torch.Tensor:
        seen.add(tuple(point.tolist()))
        optimizer.zero_grad()
        loss = surface(point[0], point[1])
        loss.backward()
        return loss

    trajectory = [(0, point.detach().numpy().copy())]
    while len(seen) < config.steps:
        before = len(seen)
        optimizer.step(closure)
        trajectory.append((len(seen), point.detach().numpy().copy()))
        if len(seen) == before:
            break
    return trajectory, len(seen)


@pytest.mark.parametrize("surface", ["ravine", "rosenbrock", "beale", "himmelblau"])
def test_lbfgs_is_torchs_and_its_steps_are_evaluations(surface, monkeypatch):
    config = PRESETS[surface].changed(optimizers="lbfgs", steps=40)
    trajectory, _count = lbfgs_by_torch(config)
    evaluations = []
    original = trajectories.loss_and_gradient
    monkeypatch.setattr(
        trajectories, "loss_and_gradient", lambda surface, at: evaluations.append(at) or original(surface, at)
    )
    ours = descend(config)["lbfgs"]
    assert len(ours.points) == 41
    # The last step may go on beyond the end
    assert len(evaluations) == trajectory[-1][0] <= 40 + 25
    expected = np.repeat(trajectory[0][1][None], 41, axis=0)
    for spent, point in trajectory:
        expected[spent:] = point
    np.testing.assert_allclose(ours.points, expected, rtol=1e-9, atol=1e-12)
    assert ours.reached_at is not None


def test_lbfgs_waits_while_it_evaluates():
    ours = descend(PRESETS["rosenbrock"].changed(optimizers="lbfgs"))["lbfgs"]
    moves = (np.diff(ours.points[: ours.reached_at], axis=0) != 0).any(axis=1)
    assert 3 < moves.sum() < len(moves)


def test_lbfgs_has_no_factor_on_its_rate():
    config = PRESETS["rosenbrock"].changed(optimizers="lbfgs")
    np.testing.assert_array_equal(
        descend(config)["lbfgs"].points, descend(config.changed(learning_rate=3))["lbfgs"].points
    )


def test_lbfgs_decays_its_weights_as_a_part_of_the_loss():
    """½ |p − a|² + λ/2 |p|² has its minimum at a / (1 + λ)."""
    config = LossSurfaceConfig(
        surface="formula", formula="((x-2)^2 + (y+1)^2)/2", x=3, y=4, optimizers="lbfgs", weight_decay=0.25
    )
    np.testing.assert_allclose(descend(config)["lbfgs"].points[-1], [2 / 1.25, -1 / 1.25], atol=1e-6)
