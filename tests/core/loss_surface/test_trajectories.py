"""Trajectories: those of torch.optim, with the same noise, ended where they diverge."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.topics.loss_surface.config import PRESETS, SURFACE_OPTIMIZERS, LossSurfaceConfig
from core.topics.loss_surface.surfaces import SURFACES
from core.topics.loss_surface.trajectories import Trajectory, descend
from tests.core.loss_surface.helpers import gradient, plain_loop

pytestmark = pytest.mark.usefixtures("one_thread")


STEPPERS = tuple(name for name in SURFACE_OPTIMIZERS if name != "lbfgs")


OTHERS = {"momentum": 0.7, "alpha": 0.9, "rho": 0.8, "beta1": 0.6, "beta2": 0.95}


EVERYBODY = LossSurfaceConfig(
    optimizers=SURFACE_OPTIMIZERS,
    **{f"rate_{name}": 0.05 for name in SURFACE_OPTIMIZERS} | {"rate_adadelta": 20},
    steps=60,
    x=-4,
    y=2,
)


def noise_of(config: LossSurfaceConfig) -> torch.Tensor:
    """Return the noise (T, 2) of SGD: the difference between its steps and the gradient."""
    steady = config.changed(optimizers="sgd", rate_sgd=0.01, learning_rate=1, weight_decay=0)
    points = torch.tensor(descend(steady)["sgd"].points)
    return -points.diff(dim=0) / 0.01 - gradient(config.build_surface(), points[:-1])


# ---- The trajectories


@pytest.mark.parametrize("changes", [{}, {"weight_decay": 0.1, "noise": 0.5, "learning_rate": 0.5}])
@pytest.mark.parametrize("surface", ["ravine", "bowl", "formula"])
def test_a_trajectory_is_that_of_torch_optim_step_by_step(surface, changes):
    others = bool(changes)
    config = EVERYBODY.changed(surface=surface, **changes)
    memories = [name for name in type(config).model_fields if name.rpartition("_")[0] in OTHERS]
    assert len(memories) == 8
    if others:
        config = config.changed(**{name: OTHERS[name.rpartition("_")[0]] for name in memories})
    noise = noise_of(config)
    trajectories = descend(config)
    assert list(trajectories) == list(SURFACE_OPTIMIZERS)
    for name in STEPPERS:
        options = {field.rpartition("_")[0]: getattr(config, field) for field in memories if field.endswith(f"_{name}")}
        expected = plain_loop(config, name, noise, **options)
        np.testing.assert_allclose(trajectories[name].points, expected, rtol=1e-7, atol=1e-9)
        x, y = torch.tensor(expected).T
        np.testing.assert_allclose(
            trajectories[name].losses, config.build_surface()(x, y).numpy(), rtol=1e-6, atol=1e-9
        )
        assert np.abs(np.diff(trajectories[name].points, axis=0)).max() > 1e-3


def test_without_noise_gd_and_sgd_coincide_to_the_last_bit_and_with_it_they_do_not():
    config = EVERYBODY.changed(optimizers="gd,sgd")
    quiet = descend(config)
    np.testing.assert_array_equal(quiet["gd"].points, quiet["sgd"].points)
    noisy = descend(config.changed(noise=0.5))
    np.testing.assert_array_equal(noisy["gd"].points, quiet["gd"].points)
    assert (noisy["sgd"].points[1:] != quiet["sgd"].points[1:]).all()


def test_noise_has_its_standard_deviation_and_its_seed():
    config = LossSurfaceConfig(surface="bowl", x=-4, y=3, noise=0.7, steps=1000)
    noise = noise_of(config).numpy()
    assert noise.std() == pytest.approx(0.7, rel=0.06)
    assert noise.mean() == pytest.approx(0, abs=0.06)
    assert np.corrcoef(noise.T)[0, 1] == pytest.approx(0, abs=0.12)
    assert np.corrcoef(noise[:-1, 0], noise[1:, 0])[0, 1] == pytest.approx(0, abs=0.12)
    np.testing.assert_array_equal(noise, noise_of(config).numpy())
    assert not np.isclose(noise, noise_of(config.changed(seed=1)).numpy()).any()


def test_adamw_is_adam_unless_weights_decay():
    config = EVERYBODY.changed(optimizers="adam,adamw", noise=0.3)
    same, other = descend(config), descend(config.changed(weight_decay=0.1))
    np.testing.assert_array_equal(same["adam"].points, same["adamw"].points)
    assert (other["adam"].points[2:] != other["adamw"].points[2:]).any(axis=1).all()


def test_an_optimizer_has_the_same_trajectory_in_any_company():
    together = descend(EVERYBODY.changed(noise=0.5))
    for name in SURFACE_OPTIMIZERS:
        alone = descend(EVERYBODY.changed(noise=0.5, optimizers=name))
        assert list(alone) == [name]
        np.testing.assert_array_equal(alone[name].points, together[name].points)


# ---- The end of a trajectory


def test_a_trajectory_ends_where_it_diverges():
    """With rate 3 on the bowl every step is p ← −2 p: from 4 it is beyond 100 maps of 10 after 8 steps."""
    config = LossSurfaceConfig(surface="bowl", x=-4, y=3, optimizers="sgd,adam", rate_sgd=3, steps=50)
    trajectories = descend(config)
    assert trajectories["sgd"].diverged_at == 8
    np.testing.assert_array_equal(trajectories["sgd"].points, [((-2.0) ** t * -4, (-2.0) ** t * 3) for t in range(8)])
    assert trajectories["sgd"].losses.shape == (8,)
    assert trajectories["sgd"].left_at == 1
    assert trajectories["sgd"].reached_at is None
    assert (trajectories["adam"].diverged_at, len(trajectories["adam"].points)) == (None, 51)


def test_what_is_not_finite_is_never_handed_out():
    config = LossSurfaceConfig(surface="formula", formula="x^2 + log(y+5.9)", x=1, y=-5, extent=6, rate_sgd=1.5)
    trajectory = descend(config.changed(optimizers="sgd"))["sgd"]
    assert trajectory.diverged_at == len(trajectory.points) < config.steps
    assert np.isfinite(trajectory.points).all()
    assert np.isfinite(trajectory.losses).all()


def test_who_descends_out_of_sight_has_left_and_not_diverged():
    config = PRESETS["saddle"].changed(optimizers=SURFACE_OPTIMIZERS)
    y_low, y_high = SURFACES["saddle"].bounds[2:]
    for name, trajectory in descend(config).items():
        assert trajectory.diverged_at is None, name
        assert trajectory.lowest == trajectory.losses.min()
        outside = np.flatnonzero((trajectory.points[:, 1] < y_low) | (trajectory.points[:, 1] > y_high))
        assert trajectory.left_at == (outside[0] if len(outside) else len(trajectory.points)), name


def test_who_comes_back_to_the_map_has_not_left_it():
    """With rate 1.9 on a round ravine p ← −0.9 p: from −9 to 8.1, beyond the map, and back."""
    config = LossSurfaceConfig(surface="ravine", condition=1, optimizers="sgd", rate_sgd=1.9)
    trajectory = descend(config)["sgd"]
    assert trajectory.points[:2, 0] == pytest.approx([-9, 8.1])
    assert (trajectory.left_at, trajectory.diverged_at) == (None, None)
    assert descend(config.changed(steps=1))["sgd"].left_at == 1


@pytest.mark.parametrize("preset", [name for name in PRESETS if name not in ("saddle", "formula")])
def test_reached_at_is_the_first_step_within_a_hundredth_of_the_way_down(preset):
    surface = SURFACES[preset]
    for trajectory in descend(PRESETS[preset].changed(optimizers=SURFACE_OPTIMIZERS, learning_rate=0.5)).values():
        start = float(trajectory.losses[0])
        near = (
            step
            for step, loss in enumerate(trajectory.losses)
            if loss - surface.lowest <= 0.01 * (start - surface.lowest)
        )
        assert trajectory.reached_at == next(near, None)


FORMULAS = ["x*y", "log(x)", "1/x", "sqrt(x*y)", "exp(x^2)", "tan(x*y)", "3", "abs(x)-y^3", "x^-y", "(x", "1e308*x*y"]


@st.composite
def asked(draw) -> dict[str, object]:
    """Draw settings with a start that is usually on the map. The surface may have no value there."""
    surface, extent = draw(st.sampled_from([*SURFACES, "formula", "formula"])), draw(st.floats(0.1, 100))
    bounds = SURFACES[surface].bounds if surface in SURFACES else (-extent, extent) * 2
    return {
        "surface": surface,
        "formula": draw(st.sampled_from(FORMULAS)),
        "extent": extent,
        "x": draw(st.floats(*bounds[:2]) | st.sampled_from([bounds[0], 0.0])),
        "y": draw(st.floats(*bounds[2:]) | st.sampled_from([bounds[3], 0.0, 100.0])),
        "condition": draw(st.floats(1, 10_000)),
        "optimizers": tuple(draw(st.lists(st.sampled_from(SURFACE_OPTIMIZERS), min_size=1, max_size=4))),
        "learning_rate": 10 ** draw(st.floats(-2, 2)),
        "steps": draw(st.integers(1, 25)),
        "noise": draw(st.sampled_from([0.0, 0.1, 5.0])),
        "weight_decay": draw(st.sampled_from([0.0, 0.1, 1.0])),
        "seed": draw(st.integers(0, 2**31 - 1)),
        **{f"rate_{name}": 10 ** draw(st.floats(-5, 3)) for name in SURFACE_OPTIMIZERS},
        **{name: draw(st.floats(0, 0.9999)) for name in ("momentum_momentum", "beta1_adam", "beta2_adam")},
    }


def config_of(values: dict[str, object]) -> LossSurfaceConfig | None:
    """Return the settings, or None if they are refused for an expected reason."""
    try:
        return LossSurfaceConfig(**values)
    except ValidationError as error:
        told = {problem["type"] for problem in error.errors()}
    assert told <= {"formula_syntax", "formula_not_finite", "start_not_finite", "off_the_map"}
    assert not told & {"formula_syntax", "formula_not_finite"} or values["surface"] == "formula"
    return None


# ---- Anything


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(asked())
def test_whatever_is_asked_is_refused_or_finite(values):
    config = config_of(values)
    if config:
        trajectories = descend(config)
        assert list(trajectories) == list(config.optimizers)
        for trajectory in trajectories.values():
            check_trajectory(config, trajectory)


def check_trajectory(config: LossSurfaceConfig, trajectory: Trajectory) -> None:
    end = len(trajectory.points)
    assert trajectory.points.shape == (end, 2)
    assert trajectory.losses.shape == (end,)
    assert 1 <= end <= config.steps + 1
    assert np.isfinite(trajectory.points).all()
    assert np.isfinite(trajectory.losses).all()
    assert math.isfinite(trajectory.lowest)
    assert trajectory.points[0].tolist() == [config.x, config.y]
    if end < config.steps + 1:
        assert trajectory.diverged_at == end or trajectory.left_at is not None
    assert trajectory.diverged_at in (None, end)
    for at in (trajectory.left_at, trajectory.reached_at):
        assert at is None or 0 <= at <= end


def test_the_losses_of_a_quiet_gd_with_a_small_rate_only_fall():
    trajectory = descend(PRESETS["rosenbrock"].changed(optimizers="gd", rate_gd=0.001))["gd"]
    assert all(later < earlier for earlier, later in pairwise(trajectory.losses))


def test_distances_and_step_lengths_are_those_of_the_points():
    trajectory = descend(PRESETS["himmelblau"])["momentum"]
    minima = PRESETS["himmelblau"].build_surface().minima
    for number in (0, 7, 60):
        x, y = trajectory.points[number]
        assert trajectory.distances(minima)[number] == pytest.approx(min(math.hypot(x - a, y - b) for a, b in minima))
        assert trajectory.step_lengths[number] == pytest.approx(
            abs(trajectory.points[number + 1] - trajectory.points[number])
        )
