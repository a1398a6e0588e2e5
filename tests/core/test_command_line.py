"""The same training without a screen, and what importing the core costs."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from core import topics
from core.__main__ import main
from core.cnn import CNNConfig
from core.engine import RunStore, prepare
from core.foundations import FoundationsConfig
from core.mlp import PRESETS
from core.progress import drain

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
    code = "import sys, core.topics as t; print(*t.NAMES, *(set(t._MODULES.values()) & set(sys.modules)))"
    trained = ["foundations", "fitting", "mlp", "race", "schedules", "cnn", "autoencoder", "denoising_maps"]
    assert python(code).split() == [*trained, "transfer_sources", "transfer_ladders", "transfer"]


@pytest.mark.parametrize(
    ("command", "config"),
    [
        ("mlp --preset tutorial --way tensors", PRESETS["tutorial"].changed(way="tensors")),
        ("mlp --preset tutorial --way optim", PRESETS["tutorial"].changed(way="optim")),
        ("foundations --epochs 3 --features x,xy", FoundationsConfig(epochs=3, features="x,xy")),
        ("cnn --samples 500 --epochs 1 --threads 1", CNNConfig(samples=500, epochs=1, threads=1)),
    ],
)
def test_json_is_the_run_itself(command, config, capsys):
    topic, *options = command.split()
    assert main([topic, *options, "--json"]) == 0
    *events, result = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    config = config.settled()
    prepare(config)
    expected = []
    model = drain(topics.topic(topic).train(config), expected.append)
    assert events == [{"step": event.step, "total": event.total, "metrics": dict(event.metrics)} for event in expected]
    assert result == {"result": dict(model.metrics)}


def test_every_setting_is_an_option(capsys):
    assert main(["mlp", "--preset", "teacher", "--epochs", "2", "--hidden-size", "5", "--learning_rate", "0.01"]) == 0
    out, err = capsys.readouterr()
    assert "test_loss/tensors" in out
    assert "10/10" in err


def test_a_race_by_command(capsys):
    options = ["--optimizers", "sgd,adam", "--rates", "1", "--seeds", "1", "--samples", "160", "--hidden-size", "4"]
    assert main(["race", *options, "--json"]) == 0
    *events, result = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["step"] for event in events] == list(range(11))
    assert {"rate/sgd", "rate/adam", "test/adam"} < result["result"].keys()
    assert main(["schedules", *options[4:], "--epochs", "1", "--schedules", "step,cosine"]) == 0
    assert "test/cosine" in capsys.readouterr().out
    assert main(["race", "--optimizers", "sgd,sdg"]) == 2
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
    assert main(["mlp", *options]) == 2
    assert told in capsys.readouterr().err


def test_a_command_of_its_own():
    done = subprocess.run(
        [sys.executable, "-m", "core", "mlp", "--way", "tensors", "--preset", "tutorial"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "loss/tensors" in done.stdout
    assert "20/20" in done.stderr


RECORDED = [(name, preset) for name in topics.NAMES for preset in topics.topic(name).presets]
COMPARED = {
    "mlp": ("outputs", "filters"),
    "race": ("members",),
    "schedules": ("members", "train"),
    "fitting": ("now", "parts", "curves"),
    "cnn": ("probabilities", "filters"),
    "autoencoder": ("restored",),
    "denoising_maps": (),
    "foundations": ("weights", "gradients"),
    "transfer_sources": (),
    "transfer_ladders": (),
    "transfer": (),
}
# A share of 500 digits moves by whole digits, and a similarity begins near zero
TOLERANCES = {topic: {"rel": 2e-2, "abs": 0.01} for topic in ("cnn", "autoencoder")}
TOLERANCES["transfer"] = {"rel": 2e-2, "abs": 0.03}
# Events; each further one is the training of a whole network, or of many
REPLAYED = {"denoising_maps": 1, "transfer_sources": 2, "transfer_ladders": 1, "transfer": 4}


@pytest.mark.parametrize(("topic", "preset"), RECORDED)
def test_the_recording_of_a_preset_is_a_run_of_that_preset(topic, preset):
    """Rebuild a recording with ``make checkpoints`` when its preset or its training changes."""
    presets, train_topic = topics.topic(topic)
    recording = RunStore(ROOT / "checkpoints").load(f"{topic}-{preset}")
    assert presets[preset].covers(recording.config)
    config, tolerance, apart = recording.config, TOLERANCES.get(topic, {"rel": 2e-2, "abs": 1e-5}), 0.02
    if "bfloat16" in getattr(config, "tricks", ()) and not torch.cpu._is_avx512_bf16_supported():
        # Where the processor has no such numbers they are slow, and what they round is within the tolerance
        config = config.in_32_bits
        tolerance, apart = tolerance | {"abs": 0.02}, 0.06
    prepare(config)
    training = train_topic(config)
    # Another processor adds in another order, and what diverges drives the difference apart
    for recorded in recording.history()[: REPLAYED.get(topic, 5)]:
        event = next(training)
        assert event.step == recorded.step
        assert dict(event.metrics) == pytest.approx(recorded.metrics, **tolerance)
        assert event.arrays.keys() == recorded.arrays.keys()
        for name in COMPARED[topic]:
            if name in event.arrays:
                found = event.arrays[name].astype(float)  # whole numbers may be rounded to the other side
                rounded = 1 if event.arrays[name].dtype.kind == "u" else 0
                np.testing.assert_allclose(found, recorded.arrays[name], atol=apart * abs(found).max() + rounded)
    training.close()
