"""The same training without a screen, and what importing the core costs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core import topics
from core.__main__ import main
from core.engine import prepare
from core.topics.manual_mlp.config import PRESETS
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.playground.config import PlaygroundConfig
from core.training.progress import run_to_end

ROOT = Path(__file__).parents[2]


def python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
    ).stdout


def test_the_core_imports_no_streamlit():
    code = """
import pkgutil, sys, importlib, core
for module in pkgutil.walk_packages(core.__path__, "core."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(len([name for name in sys.modules if name.startswith("core")]), "streamlit" in sys.modules)
"""
    modules, streamlit = python(code).split()
    assert int(modules) > 20
    assert streamlit == "False"


def test_the_list_of_topics_is_light():
    code = "import sys, core.topics as t; print(*t.names()); print('torch' in sys.modules, *(set(sys.modules)))"
    names, modules = python(code).splitlines()
    assert {"mnist_cnn", "playground", "transfer_learning.pretraining", "autoencoder.denoising_maps"} < {*names.split()}
    assert not [name for name in modules.split() if name.startswith("core.topics.")]


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
        ("mnist_cnn --samples 500 --epochs 1 --threads 1", CNNConfig(samples=500, epochs=1, threads=1)),
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


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--learning-rate", "1e9"], "--learning_rate: Input should be less than or equal to 100"),
        (["--epochs", "many"], "--epochs: Input should be a valid integer"),
        (["--data", "random"], "settings: cross-entropy needs classes"),
    ],
)
def test_a_wrong_option_is_told(options, told, capsys):
    assert main(["manual_mlp", *options]) == 2
    assert told in capsys.readouterr().err


def test_a_command_of_its_own():
    done = subprocess.run(
        [sys.executable, "-m", "core", "manual_mlp", "--way", "tensors", "--preset", "tutorial"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "loss/tensors" in done.stdout
    assert "20/20" in done.stderr
