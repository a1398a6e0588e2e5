"""The settings: limits, values in an address, corruption levels, and the length of a run."""

import pytest
from pydantic import ValidationError

from core.data.corruptions import CORRUPTIONS, LIMITS
from core.topics.autoencoder.config import MAX_UPDATES, PRESETS, AutoencoderConfig, Corruption

LEVELS = {name: "noise" if name == "gaussian" else name for name in CORRUPTIONS}


@pytest.mark.parametrize(
    "values",
    [
        {"learning_rate": 11},
        {"learning_rate": float("nan")},
        {"epochs": 0},
        {"epochs": 101},
        {"batch_size": 0},
        {"batch_size": 2_001},
        {"data": "cifar10"},
        {"network": "resnet"},
        {"corruptions": "gaussian,scratches"},
        {"noise": -0.1},
        {"noise": 1.1},
        {"salt_and_pepper": 1.1},
        {"mosaic": 0},
        {"mosaic": 2.5},
        {"mosaic": 15},
        {"occlusion": 21},
        {"blur": float("inf")},
        {"code": 1},
        {"code": 65},
        {"loss": "huber"},
        {"schedule": "sawtooth"},
        {"cpu_optimizations": "automatic,fused"},
        {"threads": 0},
        {"seed": -1},
        {"unknown": 1},
    ],
)
def test_settings_out_of_range_are_refused(values):
    with pytest.raises(ValidationError):
        AutoencoderConfig.model_validate(values)


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_are_valid_and_the_limits_hold_their_values(preset):
    config = PRESETS[preset]
    assert AutoencoderConfig.model_validate(config.model_dump(mode="json")) == config
    for name in AutoencoderConfig.log_scaled | set(LEVELS.values()) | {"seed", "threads"}:
        low, high = config.limits(name)
        assert low <= getattr(config, name) <= high


def test_every_corruption_is_a_choice_and_its_level_has_its_limits():
    assert Corruption.__args__ == tuple(CORRUPTIONS)
    for name, field in LEVELS.items():
        assert AutoencoderConfig().limits(field) == LIMITS[name]
        for level in LIMITS[name]:
            assert AutoencoderConfig(corruptions=(name,), **{field: level}).corruption_levels == ((name, level),)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("mosaic,gaussian", ("mosaic", "gaussian")),
        ("gaussian,mosaic", ("gaussian", "mosaic")),
        ("blur,blur", ("blur",)),
        ("", ()),
    ],
)
def test_corruptions_in_an_address_are_names_in_their_order(text, names):
    config = AutoencoderConfig.model_validate({"corruptions": text})
    assert config.corruptions == names
    assert AutoencoderConfig.model_validate({"corruptions": ",".join(config.corruptions)}) == config


def test_the_steps_are_the_chosen_corruptions_with_their_levels():
    levels = {"noise": 0.3, "salt_and_pepper": 0.1, "mosaic": 7, "occlusion": 3, "blur": 2.5}
    config = AutoencoderConfig(corruptions=("mosaic", "gaussian", "blur"), **levels)
    assert config.corruption_levels == (("mosaic", 7), ("gaussian", 0.3), ("blur", 2.5))
    assert {name: config.level(name) for name in LEVELS} == {name: levels[field] for name, field in LEVELS.items()}
    assert AutoencoderConfig(corruptions=()).corruption_levels == ()
    assert AutoencoderConfig().corruption_levels == (("gaussian", 0.5),)


@pytest.mark.parametrize(
    ("data", "batch_size", "updates"),
    [("mnist", 128, 469), ("mnist", 64, 938), ("mnist", 4, 15_000), ("fashion_mnist", 128, 79)],
)
def test_updates_are_those_of_the_whole_training_set(data, batch_size, updates):
    config = AutoencoderConfig(data=data, batch_size=batch_size, epochs=3)
    assert (config.pictures, config.updates) == ({"mnist": 60_000, "fashion_mnist": 10_000}[data], 3 * updates)


def test_fewer_pictures_make_a_shorter_run_and_more_than_there_are_do_not():
    config = AutoencoderConfig(batch_size=8, samples=8_000, epochs=1)
    assert (config.pictures, config.updates) == (8_000, 1_000)
    fashion = config.changed(data="fashion_mnist", samples=30_000)
    assert (fashion.pictures, fashion.updates) == (10_000, 1_250)


def test_a_run_that_would_take_hours_is_refused():
    longest = AutoencoderConfig(data="fashion_mnist", batch_size=1, epochs=20)
    assert longest.updates == MAX_UPDATES
    with pytest.raises(ValidationError, match="the limit is 200000 updates; use larger batches or fewer epochs"):
        longest.changed(epochs=21)
    with pytest.raises(ValidationError, match="the limit is 200000 updates"):
        longest.changed(data="mnist")


def test_the_tutorials_presets_are_the_tutorials():
    linear, convolutional = PRESETS["tutorial_linear"], PRESETS["tutorial_convolutional"]
    for config, network, batch_size, epochs in ((linear, "linear", 4, 10), (convolutional, "convolutional", 64, 5)):
        assert (config.network, config.batch_size, config.epochs) == (network, batch_size, epochs)
        assert (config.learning_rate, config.schedule, config.loss) == (1e-3, "constant", "mse")
        assert (config.data, config.corruption_levels) == ("mnist", (("gaussian", 0.5),))
        assert not config.sigmoid
    assert linear.code == 32
    assert linear.relu_code


@pytest.mark.parametrize("cpu_optimizations", [(), ("fused",), ("bfloat16", "channels_last", "fused", "pool_first")])
def test_automatic_covers_a_run_with_whatever_tricks(cpu_optimizations):
    assert PRESETS["quick"].matches(AutoencoderConfig(cpu_optimizations=cpu_optimizations))
    assert not PRESETS["quick"].matches(AutoencoderConfig(cpu_optimizations=cpu_optimizations, code=16))


def test_settings_are_still_read_by_their_old_names():
    assert AutoencoderConfig.model_validate({"tricks": "fused"}) == AutoencoderConfig(cpu_optimizations=("fused",))
