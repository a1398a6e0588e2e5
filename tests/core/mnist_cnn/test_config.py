"""The settings: their limits, their form in an address, and what "automatic" stands for."""

import pytest
from pydantic import ValidationError

from core.topics.manual_mlp.config import MLPConfig
from core.topics.mnist_cnn.config import PRESETS, CNNConfig

EVERY_CPU_OPTIMIZATION = ("bfloat16", "channels_last", "fused", "pool_first")


@pytest.mark.parametrize(
    "values",
    [
        {"learning_rate": 11},
        {"learning_rate": float("nan")},
        {"epochs": 0},
        {"samples": 60_001},
        {"batch_size": 0},
        {"noise": -0.1},
        {"network": "resnet"},
        {"optimizer": "muon"},
        {"transforms": "sharpen"},
        {"cpu_optimizations": "magic"},
        {"cpu_optimizations": "automatic,fused"},
        {"std": 0},
        {"conv_layers": 5},
        {"dropout": 1},
        {"ema_decay": 1},
        {"batch_size": 1, "epochs": 2},
        {"unknown": 1},
    ],
)
def test_settings_out_of_range_are_refused(values):
    with pytest.raises(ValidationError):
        CNNConfig.model_validate(values)


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_are_valid_and_the_limits_hold_their_values(preset):
    config = PRESETS[preset]
    assert CNNConfig.model_validate(config.model_dump(mode="json")) == config
    for name in CNNConfig.log_scaled | CNNConfig.near_one | {"noise", "resize", "crop", "threads"}:
        low, high = config.limits(name)
        assert low <= getattr(config, name) <= high


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("rotation,normalize", ("rotation", "normalize")),
        ("normalize,rotation", ("normalize", "rotation")),
        ("noise,noise", ("noise",)),
        ("", ()),
    ],
)
def test_transforms_in_an_address_are_names_in_their_order(text, names):
    config = CNNConfig.model_validate({"transforms": text})
    assert config.transforms == names
    assert CNNConfig.model_validate({"transforms": ",".join(config.transforms)}) == config


def test_no_cpu_optimization_is_a_valid_choice():
    assert CNNConfig.model_validate({"cpu_optimizations": ""}).cpu_optimizations == ()
    assert (
        CNNConfig.model_validate({"cpu_optimizations": ",".join(EVERY_CPU_OPTIMIZATION)}).cpu_optimizations
        == EVERY_CPU_OPTIMIZATION
    )


@pytest.mark.parametrize(
    ("samples", "batch_size", "early_stopping", "validation", "updates"),
    [
        (1_000, 100, False, 0, 10),
        (1_000, 99, False, 0, 11),
        (1_000, 100, True, 100, 9),
        (101, 50, True, 10, 2),
        (100, 2_000, True, 10, 1),
    ],
)
def test_validation_digits_do_not_count_as_updates(samples, batch_size, early_stopping, validation, updates):
    config = CNNConfig(samples=samples, batch_size=batch_size, early_stopping=early_stopping, epochs=3)
    assert (config.validation, config.updates) == (validation, 3 * updates)


@pytest.mark.parametrize("cpu_optimizations", [(), ("fused",), EVERY_CPU_OPTIMIZATION])
def test_automatic_matches_a_run_with_any_cpu_optimizations(cpu_optimizations):
    automatic, chosen = CNNConfig(), CNNConfig(cpu_optimizations=cpu_optimizations)
    assert automatic.matches(automatic)
    assert automatic.matches(chosen)
    assert chosen.matches(chosen)
    assert not chosen.matches(automatic)
    assert not chosen.matches(CNNConfig(cpu_optimizations=("channels_last",)))


@pytest.mark.parametrize("other", [CNNConfig(seed=1, cpu_optimizations=()), CNNConfig(threads=1), MLPConfig()])
def test_other_settings_do_not_match(other):
    assert not CNNConfig().matches(other)


def test_settings_are_still_read_by_their_old_names():
    old = {"tricks": "fused", "hardest": 0.5, "averaging": 0.9, "deviation": 0.25}
    config = CNNConfig.model_validate(old)
    assert config == CNNConfig(cpu_optimizations=("fused",), keep_fraction=0.5, ema_decay=0.9, std=0.25)
