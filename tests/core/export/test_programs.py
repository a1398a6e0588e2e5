"""Exported programs train without the app, and their losses are those of the run to the last bit."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.__main__ import main
from core.data import torchvision_guard
from core.paths import DATA
from core.topics import names, topic
from core.training.config import RunConfig
from core.training.timing import threads

# The guard makes torchvision importable next to a CPU build of torch
RUN = """
import importlib.util, json, runpy, sys
spec = importlib.util.spec_from_file_location("guard", sys.argv[1])
guard = importlib.util.module_from_spec(spec)
spec.loader.exec_module(guard)
guard.import_torchvision()
import matplotlib
matplotlib.use("Agg")
losses = runpy.run_path(sys.argv[2])["losses"]
assert not any(name.split(".")[0] in ("core", "pages", "streamlit") for name in sys.modules)
print(json.dumps(losses))
"""

_OPTIMIZED = {"threads": 1, "device": "cpu", "cpu_optimizations": ("pool_first", "channels_last", "fused")}

_PLAIN = {"threads": 1, "device": "cpu", "cpu_optimizations": ("pool_first",)}
_OWN_CNN = {"network": "own", "channels": 4, "batch_norm": True, "activation": "tanh", "without_eval": True}

RUNS: dict[str, tuple[str, str, dict]] = {
    "cnn": ("mnist_cnn", "best", {"samples": 600, "epochs": 2, "batch_size": 64, "noise": 0.2, **_OPTIMIZED}),
    "cnn-crop": (
        "mnist_cnn",
        "digits",
        {"samples": 300, "transforms": "random_crop", "crop": 28, "crop_padding": 1, "batch_size": 50, **_PLAIN},
    ),
    "cnn-own": ("mnist_cnn", "break", {"samples": 400, "epochs": 2, "learning_rate": 0.1, **_OWN_CNN, **_PLAIN}),
    "autoencoder": ("autoencoder", "quick", {"samples": 200, "epochs": 2, "batch_size": 50, **_OPTIMIZED}),
    "manual_mlp": ("manual_mlp", "digits", {"samples": 400, "epochs": 2, "noise": 0.1}),
    "playground": ("playground", "circle", {"samples": 20, "epochs": 2, "batch_size": 2, "dropout": 0.1}),
    "workflow": ("workflow", "mini_batch", {"samples": 300, "epochs": 2, "batch_size": 50, "noise": 0.1}),
}
"""Name -> topic, preset, and changed settings, so that a run is short."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with MNIST as torchvision stores it, in which programs run."""
    raw = tmp_path_factory.mktemp("programs") / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for file in (DATA / "mnist").glob("*.gz"):
        (raw / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
    return raw.parents[2]


def test_every_topic_with_a_program_is_tested():
    assert {name for name in names() if topic(name).constants} == {name for name, _preset, _changes in RUNS.values()}


@pytest.mark.parametrize("name", RUNS)
def test_a_program_trains_without_the_app_and_has_the_losses_of_the_run(name, folder):
    topic_name, preset, changes = RUNS[name]
    trained = topic(topic_name)
    config: RunConfig = trained.resolve(trained.presets[preset].changed(**changes))
    with threads(config.threads):
        events = list(trained.train(config))
    program = folder / f"{name}.py"
    program.write_text(trained.program(config), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUN, torchvision_guard.__file__, str(program)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    losses = json.loads(done.stdout.splitlines()[-1])
    series = losses if isinstance(losses, dict) else {"": losses}
    for key, values in series.items():
        metric = f"loss/{key}" if key else "loss"
        expected = [event.metrics[metric] for event in events if metric in event.metrics]
        assert len(values) > 5
        assert values == expected[: len(values)]
        assert len(expected) - len(values) in (0, 1)  # some topics measure the loss once more after the last update


@pytest.mark.parametrize("name", sorted({name for name, _preset, _changes in RUNS.values()}))
def test_the_programs_of_all_presets_are_valid_python(name):
    trained = topic(name)
    for preset, config in trained.presets.items():
        program = trained.program(config)
        compile(program, f"{name}-{preset}", "exec")
        assert "core." not in program
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
