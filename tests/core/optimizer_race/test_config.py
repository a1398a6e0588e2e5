"""Settings of the optimizer race: limits, sizes and learning rates."""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.topics.lr_schedules.config import PRESETS as SCHEDULE_PRESETS
from core.topics.lr_schedules.config import LRSchedulesConfig
from core.topics.optimizer_race.config import PRESETS, OptimizerRaceConfig
from core.training.batched.mlp import BatchedMLP
from tests.core import torch_reference
from tests.core.optimizer_race.helpers import SMALL

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize(
    "values",
    [
        {"optimizers": "sgd,lbfgs"},
        {"optimizers": ""},
        {"optimizers": ()},
        {"noise": 0.95},
        {"noise": -0.1},
        {"noise": float("nan")},
        {"seeds": 0},
        {"seeds": 11},
        {"epochs": 21},
        {"epochs": 0},
        {"samples": 50_001},
        {"samples": 99},
        {"batch_size": 0},
        {"hidden_size": 1001},
        {"rates": 16},
        {"rates_per_decade": 5},
        {"learning_rate": 0},
        {"learning_rate": 1e4},
        {"momentum": 1},
        {"beta2": 1},
        {"weight_decay": -1},
        {"data": "random"},
        {"data": "random", "samples": 100, "noise": 0.1},
        {"data": "random", "samples": 2001},
        {"data": "cats"},
        {"unknown": 1},
    ],
)
def test_settings_out_of_range_are_refused(values):
    with pytest.raises(ValidationError):
        OptimizerRaceConfig.model_validate(values)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"rates": 15, "seeds": 6}, "540 networks exceed the limit of 500"),
        ({"full_size": True, "hidden_size": 1000, "samples": 5000}, "100,171,260 weights exceed the limit"),
        ({"batch_size": 1, "epochs": 3}, "150,000 updates exceed the limit of 100,000"),
        ({"epochs": 30}, "epochs must be between 1 and 20 for this data"),
        ({"data": "random", "samples": 3000}, "samples must be between 100 and 2000 for this data"),
    ],
)
def test_too_much_is_refused_and_told(values, told):
    with pytest.raises(ValidationError, match=told):
        OptimizerRaceConfig.model_validate(values)


def test_weights_and_updates_are_counted_right():
    single = torch_reference.sequential(BatchedMLP.initialize(SMALL.sizes, [0], dtype=torch.float32).weights(0))
    assert SMALL.n_weights == sum(parameter.numel() for parameter in single.parameters())
    assert (SMALL.n_networks, SMALL.updates) == (18, 80)
    assert SMALL.changed(samples=650).updates == 82
    assert PRESETS["digits"].n_networks == 126
    assert PRESETS["tutorial"].n_networks <= 20
    assert (PRESETS["tutorial"].sizes, PRESETS["tutorial"].epochs) == ((1000, 1000, 10), 100)


def test_names_are_separated_by_commas_and_each_is_taken_once():
    config = OptimizerRaceConfig(optimizers="adam,sgd,adam")
    assert config.optimizers == ("adam", "sgd")
    assert OptimizerRaceConfig(optimizers=["adam", "sgd"]) == config
    assert LRSchedulesConfig(schedules="step,cosine,step").variants == ("step", "cosine")
    assert OptimizerRaceConfig.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize("preset", PRESETS.values())
def test_presets_are_valid_and_lie_within_their_limits(preset):
    assert OptimizerRaceConfig.model_validate(preset.model_dump()) == preset
    for name in ("epochs", "samples", "noise", "learning_rate", "hidden_size", "seeds"):
        low, high = preset.limits(name)
        assert low <= getattr(preset, name) <= high
    for preset in SCHEDULE_PRESETS.values():
        assert LRSchedulesConfig.model_validate(preset.model_dump()) == preset


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 15), st.integers(1, 4), st.floats(-6, 3))
def test_learning_rates_have_one_digit_ascend_and_lie_around_the_middle(rates, per_decade, power):
    config = OptimizerRaceConfig(
        optimizers="sgd", rates=rates, rates_per_decade=per_decade, learning_rate=min(max(10**power, 1e-6), 1e3)
    )
    tried = config.learning_rates
    assert len(tried) == rates
    assert all(float(f"{rate:.0e}") == rate for rate in tried)
    assert all(low < high for low, high in pairwise(tried))
    # As many in every decade as is said
    for low, high in zip(tried, tried[per_decade:], strict=False):
        assert high == pytest.approx(10 * low)
    off = math.log10(tried[rates // 2] / config.learning_rate)
    assert abs(off) < 0.5 / per_decade + 0.06  # the one digit is up to 0.06 decades away
    assert [config.learning_rate_at(position - rates // 2) for position in range(rates)] == list(tried)
