"""The same training without a screen, and what importing the core costs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core import topics
from core.__main__ import main
from core.engine import Run, RunStore, State, prepare
from core.engine.messages import pack
from core.topics.manual_mlp.config import PRESETS
from core.topics.mnist_cnn.config import PRESETS as CNN
from core.topics.playground.config import PlaygroundConfig
from core.training.progress import run_to_end
from core.training.state import Change, with_changes

ROOT = Path(__file__).parents[2]


# In one interpreter, since each of them imports torch for seconds: what the list of topics imports, then the command
# ``python -m core manual_mlp ...``, then all of core
SCRIPT = """
import importlib, json, pkgutil, runpy, sys

import core.topics

names, modules = core.topics.names(), [*sys.modules]
sys.argv = ["core", "manual_mlp", "--way", "tensors", "--preset", "tutorial"]
try:
    runpy.run_module("core", run_name="__main__", alter_sys=True)
except SystemExit as stopped:
    code = stopped.code
for module in pkgutil.walk_packages(core.__path__, "core."):
    if not module.name.endswith(("__main__", ".script")):  # programs
        importlib.import_module(module.name)
print(json.dumps({"names": [*names], "listed": modules, "code": code, "all": [*sys.modules]}))
"""


def test_a_fresh_interpreter_lists_topics_runs_a_command_and_needs_no_streamlit():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, check=True, capture_output=True, text=True, timeout=120
    )
    *lines, last = done.stdout.splitlines()
    imported = json.loads(last)
    topic_names = {"mnist_cnn", "playground", "transfer_learning.pretraining", "autoencoder.denoising_maps"}
    assert topic_names < {*imported["names"]}
    assert not [name for name in imported["listed"] if name.startswith("core.topics.")]
    assert imported["code"] == 0
    assert any("loss/tensors" in line for line in lines)
    assert "20/20" in done.stderr
    assert len([name for name in imported["all"] if name.startswith("core")]) > 20
    assert "torch" in imported["all"]
    assert "streamlit" not in imported["all"]


def test_a_topic_still_has_its_old_names():
    assert topics.topic("cnn") is topics.topic("core.cnn.config:CNNConfig") is topics.topic("mnist_cnn")
    assert main(["mlp", "--preset", "tutorial", "--way", "tensors", "--json"]) == 0
    with pytest.raises(KeyError):
        topics.topic("no_such_topic")


@pytest.mark.parametrize(
    ("command", "config"),
    [
        ("manual_mlp --preset tutorial --way tensors", PRESETS["tutorial"].changed(implementation="tensors")),
        ("manual_mlp --preset tutorial --way optim", PRESETS["tutorial"].changed(implementation="optim")),
        ("playground --epochs 3 --features x,xy", PlaygroundConfig(epochs=3, features="x,xy")),
        ("mnist_cnn --samples 500 --epochs 1 --threads 1", CNN["digits"].changed(samples=500, epochs=1, threads=1)),
    ],
)
def test_json_is_the_run_itself(command, config, capsys):
    name, *options = command.split()
    topic = topics.topic(name)
    assert main([name, *options, "--json"]) == 0
    *events, result = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    config = topic.resolve(config)
    prepare(config)
    expected = []
    model = run_to_end(topic.train(config), expected.append)
    assert events == [{"step": event.step, "total": event.total, "metrics": dict(event.metrics)} for event in expected]
    assert result == {"result": dict(model.metrics)}


def test_every_setting_is_an_option(capsys):
    assert (
        main(["manual_mlp", "--preset", "teacher", "--epochs", "2", "--hidden-size", "5", "--learning_rate", "0.01"])
        == 0
    )
    out, err = capsys.readouterr()
    assert "test_loss/tensors" in out
    assert "10/10" in err


def test_a_race_by_command(capsys):
    options = ["--optimizers", "sgd,adam", "--rates", "1", "--seeds", "1", "--samples", "160", "--hidden-size", "4"]
    assert main(["optimizer_race", *options, "--json"]) == 0
    *events, result = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["step"] for event in events] == list(range(11))
    assert {"rate/sgd", "rate/adam", "test/adam"} < result["result"].keys()
    assert main(["lr_schedules", *options[4:], "--epochs", "1", "--schedules", "step,cosine"]) == 0
    assert "test/cosine" in capsys.readouterr().out
    assert main(["optimizer_race", "--optimizers", "sgd,sdg"]) == 2
    assert "--optimizers.1: Input should be 'gd', 'sgd'" in capsys.readouterr().err


def test_a_saved_run_is_trained_again_with_its_changes(tmp_path, capsys):
    config = PlaygroundConfig(samples=40, epochs=20)
    run = Run("again", "playground", config, title="")
    changes = [Change(4, "learning_rate", 0.5), Change(12, "epochs", 30)]
    run.take_over_changes([*changes])
    prepare(config)
    model = run_to_end(with_changes(topics.topic("playground").train, config, changes), run.events.append)
    assert run.latest.step == config.changed(epochs=30).updates
    run.weights, run.metrics = pack(model.weights), model.metrics
    run.end(State.DONE)
    RunStore(tmp_path).save(run)
    command = ["train-again", "again", "--runs", str(tmp_path)]
    assert main(command) == 0
    out = capsys.readouterr().out
    assert "learning_rate = 0.5 after update 4, epochs = 30 after update 12" in out
    assert "Repeated with bit-identical results." in out
    script = tmp_path / "run.py"
    assert main(["export", "run", *command[1:], "--script", str(script)]) == 0
    assert '    5: {"LEARNING_RATE": 0.5},\n' in script.read_text(encoding="utf-8")
    assert "EPOCHS = 30\n" in script.read_text(encoding="utf-8")
    for damage, told in (
        (lambda: run.changes.pop(), "was"),
        (lambda: setattr(run, "weights", pack({name: 0 * w for name, w in model.weights.items()})), "weights"),
        (lambda: setattr(run, "weights", pack(dict([*model.weights.items()][1:]))), "only one of the results has"),
        (lambda: setattr(run, "weights", pack(model.weights | {"other": torch.ones(1)})), "has the weights other"),
        (lambda: next(iter(run.events[5].arrays.values())).fill(7), "update 5 is different: the array"),
    ):
        damage()
        RunStore(tmp_path).save(run)
        assert main(command) == 1
        assert told in capsys.readouterr().err
        run.changes = changes.copy()
    for command in (["train-again"], ["export", "run"]):
        assert main([*command, "unknown", "--runs", str(tmp_path)]) == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--learning-rate", "1e9"], "--learning_rate: Input should be less than or equal to 100"),
        (["--epochs", "many"], "--epochs: Input should be a valid integer"),
        (["--data", "random"], "settings: cross-entropy needs class labels"),
    ],
)
def test_a_wrong_option_is_told(options, told, capsys):
    assert main(["manual_mlp", *options]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--data", "own"], "there are too few own points: at least 4 are needed"),
        (["--data", "own", "--points", "c" + 501 * "AAAA"], "too many own points: at most 500 are allowed"),
        (["--data", "own", "--points", "cAAA"], "the own points cannot be read"),
        (["--data", "own", "--points", "c" + 4 * "AAAA"], "all own points have the same label"),
        (["--data", "own", "--points", "c" + 2 * "AAAAAAAB"], "all own points are in the same place"),
    ],
)
def test_own_points_that_cannot_be_used_are_told_with_their_source(options, told, capsys):
    assert main(["foundations", *options]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert "upload a table in the app" in error
