"""Settings of a loss surface: formulas, starts and limits."""

import pytest
import torch
from pydantic import ValidationError

from core.errors import CoreError
from core.topics.loss_surface.config import PRESETS, LossSurfaceConfig
from core.topics.loss_surface.lr_search import best_rates
from core.topics.loss_surface.trajectories import descend

pytestmark = pytest.mark.usefixtures("one_thread")


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
