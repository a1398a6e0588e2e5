"""Exported programs train without the app, and their losses are those of the run to the last bit."""

import json
from pathlib import Path

import pytest

from benchmarks.exports import difference, difference_of_own_images, goal, run_notebook, write_datasets
from core.__main__ import main
from core.topics import names, topic
from core.topics.own_images.config import OwnImagesConfig
from core.training.state import Change

_OPTIMIZED = {"threads": 1, "device": "cpu", "cpu_optimizations": ("pool_first", "channels_last", "fused")}

_PLAIN = {"threads": 1, "device": "cpu", "cpu_optimizations": ("pool_first",)}
_OWN_CNN = {"network": "own", "channels": 4, "batch_norm": True, "activation": "tanh", "without_eval": True}

_STACKED = {
    "samples": 450,
    "batch_size": 8,
    "epochs": 2,
    "hidden_size": 8,
    "noise": 0.3,
    "weight_decay": 0.01,
    "seeds": 2,
}

RUNS: dict[str, tuple[str, str, dict]] = {
    "cnn": (
        "mnist_cnn",
        "best",
        {"samples": 600, "epochs": 1, "batch_size": 32, "channels": 4, "noise": 0.2, **_OPTIMIZED},
    ),
    "cnn-crop": (
        "mnist_cnn",
        "digits",
        {"samples": 300, "transforms": "random_crop", "crop": 28, "crop_padding": 1, "batch_size": 50, **_PLAIN},
    ),
    "cnn-own": (
        "mnist_cnn",
        "break",
        {"samples": 400, "epochs": 1, "batch_size": 50, "learning_rate": 0.1, **_OWN_CNN, **_PLAIN},
    ),
    "autoencoder": ("autoencoder", "quick", {"samples": 200, "epochs": 2, "batch_size": 50, **_OPTIMIZED}),
    "manual_mlp": ("manual_mlp", "digits", {"samples": 400, "epochs": 2, "noise": 0.1}),
    "playground": ("playground", "circle", {"samples": 20, "epochs": 2, "batch_size": 2, "dropout": 0.1}),
    "workflow": ("workflow", "mini_batch", {"samples": 300, "epochs": 2, "batch_size": 50, "noise": 0.1}),
    "transfer": (
        "transfer_learning",
        "other_digits",
        {"labels": 3, "batch_size": 4, "epochs": 2, "seeds": 2, "threads": 1},
    ),
    "polynomial": ("bias_variance", "l2", {"points": 10, "data_sets": 3}),
    "network": (
        "bias_variance",
        "early_stopping",
        {"dropout": 0.3, "epochs": 100, "data_sets": 2, "points": 9, "largest_width": 20, "l2": 0.01},
    ),
    "race": ("optimizer_race", "digits", {"optimizers": "gd,adam,muon", "rates": 1, "extend": False, **_STACKED}),
    "race-random": ("optimizer_race", "tutorial", {"hidden_size": 16, "epochs": 10, "rates": 1, "extend": False}),
    "schedules": ("lr_schedules", "adam", {"schedules": "step,warmup,onecycle", "rates": 2, **_STACKED}),
}
"""Name -> topic, preset, and changed settings, so that a run is short."""

_SMALL_CNN = {"keep_fraction": 1, "channels": 4, "samples": 200, "batch_size": 50, "without_eval": True}

CHANGED: dict[str, tuple[str, str, dict, list[tuple[int, str, object]]]] = {
    "cnn": (
        "mnist_cnn",
        "best",
        {"epochs": 1, **_SMALL_CNN, **_PLAIN},
        [
            (1, "learning_rate", 0.001),
            (2, "weight_decay", 0.1),
            (2, "dropout", 0.6),
            (2, "batch_size", 80),
            (3, "label_smoothing", 0.3),
            (4, "epochs", 2),
        ],
    ),
    "autoencoder": (
        "autoencoder",
        "quick",
        {"samples": 200, "epochs": 2, "batch_size": 50, "schedule": "constant", **_PLAIN},
        [(2, "learning_rate", 0.001), (2, "batch_size", 70), (6, "epochs", 1)],
    ),
    "manual_mlp": (
        "manual_mlp",
        "digits",
        {"samples": 400, "epochs": 2, "noise": 0.1, "optimizer": "Adam", "forget_zero_grad": True},
        [(1, "learning_rate", 0.1), (2, "batch_size", 64), (3, "epochs", 3), (6, "batch_size", 500), (12, "epochs", 4)],
    ),
    "playground": (
        "playground",
        "circle",
        {"samples": 40, "epochs": 5, "dropout": 0.2, "batch_size": 3},
        [
            (2, "learning_rate", 0.3),
            (3, "weight/3", 0.7),
            (4, "l1", 0.1),
            (5, "l2", 0.05),
            (5, "dropout", 0.5),
            (6, "optimizer", "Adam"),
            (6, "batch_size", 5),
            (8, "l1", 0.0),
            (9, "epochs", 8),
            (9, "optimizer", "Momentum"),
            (9, "learning_rate", 0.02),
            (35, "weight/0", -1.5),
            (35, "epochs", 9),
        ],
    ),
    "transfer": (
        "transfer_learning",
        "other_digits",
        {"labels": 2, "batch_size": 4, "epochs": 2, "seeds": 1, "threads": 1},
        [
            (1, "learning_rate", 0.001),
            (1, "weight_decay", 0.1),
            (2, "pretrained_lr_multiplier", 0.5),
            (2, "batch_size", 5),
            (3, "epochs", 3),
        ],
    ),
    "network": (
        "bias_variance",
        "early_stopping",
        {"epochs": 100, "data_sets": 2, "points": 9, "largest_width": 8},
        [
            (2, "learning_rate", 0.01),
            (20, "dropout", 0.3),
            (40, "l2", 0.05),
            (60, "dropout", 0.0),
            (100, "epochs", 200),
            (160, "epochs", 180),
        ],
    ),
    "schedules": (
        "lr_schedules",
        "adam",
        {"schedules": "step,onecycle", "rates": 2, **_STACKED},
        [(2, "noise", 0.6), (50, "weight_decay", 0.1), (70, "noise", 0.0)],
    ),
    "workflow": (
        "workflow",
        "mini_batch",
        {"samples": 300, "epochs": 2, "batch_size": 50, "noise": 0.1},
        [(2, "learning_rate", 0.03), (8, "learning_rate", 0.2), (9, "epochs", 3)],
    ),
}
"""Name -> topic, preset, changed settings, and changes during the run: (update after which it is made, name, value)."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with the datasets as torchvision stores them, in which programs run."""
    folder = tmp_path_factory.mktemp("programs")
    write_datasets(folder / "data")
    return folder


def test_every_topic_with_a_program_is_tested():
    assert {name for name in names() if topic(name).constants} == {name for name, _preset, _changes in RUNS.values()}


@pytest.mark.parametrize("name", RUNS)
def test_a_program_trains_without_the_app_and_has_the_losses_of_the_run(name, folder):
    topic_name, preset, changes = RUNS[name]
    config = topic(topic_name).presets[preset].changed(**changes)
    relative, _seconds = difference(topic(topic_name), config, folder)
    assert relative <= goal(config)


@pytest.mark.parametrize("name", CHANGED)
def test_a_program_repeats_changes_that_were_made_during_the_run(name, folder):
    topic_name, preset, settings, rows = CHANGED[name]
    config, changes = topic(topic_name).presets[preset].changed(**settings), [Change(*row) for row in rows]
    relative, _seconds = difference(topic(topic_name), config, folder, changes=changes)
    assert relative <= goal(config)


def test_all_settings_that_can_change_during_training_are_changed():
    changed = {name: {row[1] for row in rows} for name, _preset, _settings, rows in CHANGED.values()}
    for name in names():
        if (exported := topic(name)).constants:
            settings = exported.config_class
            assert settings.live | settings.live_above_0 <= changed.get(name, set()), name


def test_a_notebook_has_the_losses_of_the_run(folder):
    config = topic("playground").default.changed(samples=20, epochs=2, batch_size=2)
    assert difference(topic("playground"), config, folder, run_notebook)[0] == 0


def test_the_program_of_own_images_has_the_losses_of_the_run(folder):
    relative, _seconds = difference_of_own_images(folder, OwnImagesConfig(epochs=8))
    assert relative == 0


@pytest.mark.parametrize("name", sorted({name for name, _preset, _changes in RUNS.values()}))
def test_the_programs_of_all_presets_are_valid_python(name):
    trained = topic(name)
    for preset, config in trained.presets.items():
        program = trained.program(config)
        compile(program, f"{name}-{preset}", "exec")
        assert "core." not in program
        assert "CHANGE" not in program
        assert "streamlit" not in program


def test_the_command_writes_programs_and_notebooks(tmp_path, capsys):
    script, book = tmp_path / "spiral.py", tmp_path / "spiral.ipynb"
    command = ["export", "playground", "--preset", "spiral", "--seed", "3"]
    assert main([*command, "--script", str(script), "--notebook", str(book)]) == 0
    assert "SEED = 3" in script.read_text(encoding="utf-8")
    code = ["".join(cell["source"]) for cell in json.loads(book.read_text(encoding="utf-8"))["cells"]]
    assert any("SEED = 3" in cell for cell in code)
    assert main(command) == 0
    assert capsys.readouterr().out == script.read_text(encoding="utf-8")
    assert main([*command, "--script", str(tmp_path / "missing" / "spiral.py")]) == 1
    assert "missing" in capsys.readouterr().err
    assert main(["export", "mnist_cnn", "--transforms", "resize", "--device", "cpu"]) == 1
