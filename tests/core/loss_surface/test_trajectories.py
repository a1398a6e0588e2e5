"""Descents: the ways of torch.optim with the same noise, counted in real evaluations, ended where they diverge."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.errors import CoreError
from core.topics.loss_surface import lr_search, trajectories
from core.topics.loss_surface.config import PRESETS, SURFACE_OPTIMIZERS, LossSurfaceConfig
from core.topics.loss_surface.learning_rates import BEST_LEARNING_RATES
from core.topics.loss_surface.lr_search import best_rates
from core.topics.loss_surface.surfaces import SURFACES, Surface, relief
from core.topics.loss_surface.trajectories import Trajectory, descend
from tests.core import torch_reference

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


def gradient(surface: Surface, point: torch.Tensor) -> torch.Tensor:
    at = point.detach().clone().requires_grad_()
    return torch.autograd.grad(surface(at[0], at[1]), at)[0]


def noise_of(config: LossSurfaceConfig) -> torch.Tensor:
    """The noise (T, 2) that SGD was given: what its steps are beside the gradient."""
    steady = config.changed(optimizers="sgd", rate_sgd=0.01, learning_rate=1, weight_decay=0)
    points = torch.tensor(descend(steady)["sgd"].points)
    slopes = torch.stack([gradient(config.build_surface(), point) for point in points[:-1]])
    return -points.diff(dim=0) / 0.01 - slopes


def plain_loop(config: LossSurfaceConfig, name: str, noise: torch.Tensor, **options: float) -> np.ndarray:
    """The points of an optimizer of torch in a loop of its own."""
    point = torch.nn.Parameter(torch.tensor([config.x, config.y], dtype=torch.float64))
    if name in ("rmsprop", "adadelta"):
        kind = {"rmsprop": torch.optim.RMSprop, "adadelta": torch.optim.Adadelta}[name]
        optimizer = kind([point], lr=config.rate(name), weight_decay=config.weight_decay, **options)
    else:
        optimizer = torch_reference.OPTIMIZERS[name](
            [point], lr=config.rate(name), weight_decay=config.weight_decay, **options
        )
    points = [point.detach().clone()]
    for step_noise in noise:
        point.grad = gradient(config.build_surface(), point) + (step_noise if name != "gd" else 0)
        optimizer.step()
        points.append(point.detach().clone())
    return torch.stack(points).numpy()


# ---- The ways


@pytest.mark.parametrize("changes", [{}, {"weight_decay": 0.1, "noise": 0.5, "learning_rate": 0.5}])
@pytest.mark.parametrize("surface", ["ravine", "bowl", "formula"])
def test_a_way_is_that_of_torch_optim_step_by_step(surface, changes):
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


def test_an_optimizer_goes_the_same_way_in_any_company():
    together = descend(EVERYBODY.changed(noise=0.5))
    for name in SURFACE_OPTIMIZERS:
        alone = descend(EVERYBODY.changed(noise=0.5, optimizers=name))
        assert list(alone) == [name]
        np.testing.assert_array_equal(alone[name].points, together[name].points)


# ---- L-BFGS


def lbfgs_by_torch(config: LossSurfaceConfig) -> tuple[list[tuple[int, np.ndarray]], int]:
    """(Evaluations so far, point) after every step of torch's own loop; a point that was seen costs nothing."""
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


# ---- How a way ends


def test_a_way_ends_where_it_diverges():
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


# ---- Presets and their learning rates


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_begin_with_the_rates_of_the_sweeps(preset):
    config = PRESETS[preset]
    assert {name: config.rate(name) for name in SURFACE_OPTIMIZERS} == BEST_LEARNING_RATES[preset]
    assert LossSurfaceConfig.model_validate(config.model_dump()) == config
    if preset in SURFACES:
        assert (config.x, config.y) == SURFACES[preset].start
    for name in ("x", "y", "steps", "noise", "learning_rate", "condition"):
        low, high = config.limits(name)
        assert low <= getattr(config, name) <= high


@pytest.mark.parametrize(
    ("preset", "name"), [(preset, name) for preset, config in PRESETS.items() for name in config.optimizers]
)
def test_who_begins_on_a_page_arrives(preset, name):
    trajectory = descend(PRESETS[preset])[name]
    assert trajectory.diverged_at is None
    assert (trajectory.left_at is None) != (preset == "saddle")
    surface = PRESETS[preset].build_surface()
    assert (trajectory.reached_at is None) == (surface.lowest is None)
    assert trajectory.lowest < trajectory.losses[0]


def cost(config: LossSurfaceConfig, name: str, rate: float, starts: np.ndarray, noise: torch.Tensor) -> list[float]:
    """What the descents from all starts cost, as `best_rates` documents it, in loops of torch's optimizers."""
    surface, costs = config.build_surface(), []
    x_low, x_high, y_low, y_high = surface.bounds
    for start in starts:
        tried = config.with_rates({name: rate}).model_copy(update={"x": float(start[0]), "y": float(start[1])})
        points = plain_loop(tried, name, noise)
        losses = surface(*torch.tensor(points).T).numpy()
        gaps = (losses - surface.lowest) / (losses[0] - surface.lowest)
        away = np.abs(points - [(x_low + x_high) / 2, (y_low + y_high) / 2]) > [x_high - x_low, y_high - y_low]
        far = np.flatnonzero(away.any(axis=1) | ~np.isfinite(losses))
        stays = next((step for step in range(len(gaps)) if (gaps[step:] <= 0.01).all()), None)
        if len(far):
            costs.append(2 * config.steps)
        elif stays is None:
            costs.append(config.steps * (1 + min(gaps[-(config.steps // 10) :].mean(), 1)))
        else:
            costs.append(stays)
    return costs


@pytest.mark.parametrize(("surface", "name"), [("ravine", "momentum"), ("himmelblau", "adam"), ("bowl", "sgd")])
def test_a_best_rate_costs_no_more_than_a_third_and_three_times_of_it(surface, name, monkeypatch):
    config = PRESETS[surface].changed(steps=60, noise=0.3)
    swept = []
    original = lr_search._losses
    monkeypatch.setattr(lr_search, "_losses", lambda *given: swept.append(given) or original(*given))
    best = best_rates(config)[name]
    starts, noise = swept[0][3:]
    assert starts[0].tolist() == [config.x, config.y]
    assert len(starts) == lr_search.N_STARTS
    costs = {factor: cost(config, name, factor * best, starts.numpy(), noise) for factor in (1 / 3, 1, 3)}
    means = {factor: values[0] + np.mean(values[1:]) for factor, values in costs.items()}
    assert means[1] < means[1 / 3]
    assert means[1] < means[3]
    assert costs[1][0] < config.steps


def test_the_sweep_of_a_surface_gives_the_table():
    assert best_rates(PRESETS["ravine"]) == BEST_LEARNING_RATES["ravine"]
    assert best_rates(PRESETS["saddle"]) == BEST_LEARNING_RATES["saddle"]


# ---- Formulas and settings


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("", "formula_empty"),
        ("x +", "formula_syntax"),
        ("z", "formula_name"),
        ("__import__('os')", "formula_not_mathematics"),
        ("1/0", "formula_division_by_zero"),
        ("log(-1 - x^2)", "formula_not_finite"),
        ("9^9^9^9 + x", "formula_not_finite"),
        ("x" + "+x" * 150, "formula_too_long"),
    ],
)
def test_bad_formulas_are_told(formula, code):
    with pytest.raises(ValidationError) as refused:
        LossSurfaceConfig(surface="formula", formula=formula, x=3, y=4)
    assert [problem["type"] for problem in refused.value.errors()] == [code]
    unchecked = PRESETS["formula"].model_copy(update={"formula": formula})
    for action in (unchecked.build_surface, lambda: descend(unchecked), lambda: best_rates(unchecked)):
        with pytest.raises(CoreError) as told:
            action()
        assert told.value.code == code
    assert told.value.parameters == refused.value.errors()[0].get("ctx", {})


@pytest.mark.parametrize(
    ("values", "code", "told"),
    [
        ({"formula": "log(x)", "x": -1}, "start_not_finite", {"x": -1, "y": 1}),
        ({"formula": "sqrt(x)", "x": 0}, "start_not_finite", {"x": 0, "y": 1}),
        ({"formula": "1/x", "x": 0}, "start_not_finite", {"x": 0, "y": 1}),
        ({"formula": "x", "x": 7}, "off_the_map", {"name": "x", "low": -6, "high": 6}),
        ({"formula": "x", "x": 0, "extent": 0.5}, "off_the_map", {"name": "y", "low": -0.5, "high": 0.5}),
        ({"surface": "ravine", "x": 50}, "off_the_map", {"name": "x", "low": -10, "high": 4}),
        ({"surface": "rosenbrock", "x": 0, "y": -2}, "off_the_map", {"name": "y", "low": -1, "high": 3}),
    ],
)
def test_a_start_without_a_value_or_off_the_map_is_told(values, code, told):
    with pytest.raises(ValidationError) as refused:
        LossSurfaceConfig(**{"surface": "formula", "y": 1} | values)
    (problem,) = refused.value.errors()
    assert (problem["type"], problem["ctx"]) == (code, told)


def test_a_smaller_map_takes_the_start_along():
    config = PRESETS["formula"].changed(x=5.0, y=-0.5).changed(extent=2.0)
    assert (config.x, config.y, config.extent) == (2, -0.5, 2)


def test_a_formula_is_a_surface_of_its_extent():
    surface = LossSurfaceConfig(surface="formula", formula="x - 2*y", extent=2.5, x=0, y=0).build_surface()
    assert surface.bounds == (-2.5, 2.5, -2.5, 2.5)
    assert (surface.minima, surface.lowest) == ((), None)
    assert float(surface(*torch.tensor([1.0, 3.0], dtype=torch.float64))) == -5


@pytest.mark.parametrize(
    "values",
    [
        {"surface": "bukin"},
        {"optimizers": "muon"},
        {"optimizers": ""},
        {"extent": 0},
        {"condition": 0.5},
        {"learning_rate": 1000},
        {"steps": 1001},
        {"steps": 0},
        {"noise": 6},
        {"x": 101},
        {"y": float("nan")},
        {"weight_decay": 2},
        {"rate_adam": 0},
        {"momentum_momentum": 1},
        {"beta1_lbfgs": 0.5},
    ],
)
def test_settings_out_of_range_are_refused(values):
    with pytest.raises(ValidationError):
        LossSurfaceConfig.model_validate(values)


def test_the_limits_of_the_start_are_those_of_the_map():
    assert LossSurfaceConfig().limits("x") == (-10, 4)
    assert LossSurfaceConfig().limits("y") == (-3, 3)
    formula = LossSurfaceConfig(surface="formula", extent=0.5, x=0, y=0)
    assert formula.limits("x") == formula.limits("y") == (-0.5, 0.5)


# ---- The map


def height_map(formula: str, extent: float = 2.0, size: int = 33) -> np.ndarray:
    config = LossSurfaceConfig(surface="formula", formula=formula, extent=extent, x=1, y=1)
    return relief(config.build_surface(), size=size).heights


@pytest.mark.parametrize("name", SURFACES)
def test_heights_lie_between_0_and_1_and_rise_with_the_loss(name):
    surface = SURFACES[name]
    heights = relief(surface, size=65).heights
    x_low, x_high, y_low, y_high = surface.bounds
    x, y = np.meshgrid(np.linspace(x_low, x_high, 65), np.linspace(y_low, y_high, 65))
    losses = surface(torch.tensor(x), torch.tensor(y)).numpy()
    assert (heights.shape, heights.min(), heights.max()) == ((65, 65), 0, 1)
    order = np.argsort(losses.ravel())
    assert (np.diff(heights.ravel()[order]) >= -1e-12).all()
    # Nowhere is most of the map one colour
    counts, _edges = np.histogram(heights, 10, (0, 1))
    assert counts.max() < 0.7 * heights.size


@pytest.mark.parametrize("name", SURFACES)
def test_the_heights_of_losses_are_those_of_the_map(name):
    surface, map_ = SURFACES[name], relief(SURFACES[name], size=65)
    x_low, x_high, y_low, y_high = surface.bounds
    x, y = np.meshgrid(np.linspace(x_low, x_high, 65), np.linspace(y_low, y_high, 65))
    losses = surface(torch.tensor(x), torch.tensor(y)).numpy()
    shown = losses <= map_.high
    assert 0.99 < shown.mean() <= 1
    np.testing.assert_allclose(map_.height(losses)[shown], map_.heights[shown], atol=1e-12)
    assert (map_.height(losses)[~shown] > 1).all()


def test_the_first_row_is_the_lowest_y():
    heights = height_map("y")
    np.testing.assert_allclose(heights[:, 0], np.linspace(0, 1, 33), atol=0.03)
    assert (np.diff(heights, axis=1) == 0).all()
    assert (np.diff(height_map("x"), axis=0) == 0).all()


def test_where_there_is_no_value_there_is_a_hole():
    holes = np.isnan(height_map("log(x)", size=64))
    assert holes[:, :32].all()
    assert not holes[:, 32:].any()


@pytest.mark.parametrize("formula", ["3", "0*x", "1/x", "tan(x)", "1.7e308*tanh(100*x)", "1e-300*x", "x^99", "log(x)"])
def test_poles_and_plains_have_heights_between_0_and_1(formula):
    heights = height_map(formula, size=64)
    known = heights[~np.isnan(heights)]
    assert known.size >= heights.size / 2
    assert known.min() >= 0
    assert known.max() <= 1
    varies = len(np.unique(known)) > 1
    assert varies == ("x" in formula and not formula.startswith("0"))


# ---- Anything

FORMULAS = ["x*y", "log(x)", "1/x", "sqrt(x*y)", "exp(x^2)", "tan(x*y)", "3", "abs(x)-y^3", "x^-y", "(x", "1e308*x*y"]


@st.composite
def asked(draw) -> dict[str, object]:
    """Settings with a start on the map, which may have no value there, and now and then one elsewhere."""
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
    """The settings, or None where they are refused for what can be refused."""
    try:
        return LossSurfaceConfig(**values)
    except ValidationError as error:
        told = {problem["type"] for problem in error.errors()}
    assert told <= {"formula_syntax", "formula_not_finite", "start_not_finite", "off_the_map"}
    assert not told & {"formula_syntax", "formula_not_finite"} or values["surface"] == "formula"
    return None


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(asked())
def test_whatever_is_asked_is_refused_or_finite(values):
    config = config_of(values)
    if config:
        trajectories = descend(config)
        assert list(trajectories) == list(config.optimizers)
        for trajectory in trajectories.values():
            check_way(config, trajectory)


def check_way(config: LossSurfaceConfig, trajectory: Trajectory) -> None:
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


def test_a_sweep_leaves_out_starts_where_the_surface_has_no_value():
    config = PRESETS["formula"].changed(formula="log(x) ^ 2 + y ^ 2", steps=40)
    config = config.with_rates(best_rates(config))
    trajectory = descend(config)["sgd"]
    assert trajectory.losses[-1] < 0.05 * trajectory.losses[0]
