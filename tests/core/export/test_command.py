"""The command ``export`` writes networks and event files, from recordings or from new runs."""

import json

import numpy as np
import onnxruntime
import pytest
import safetensors.torch
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from core.__main__ import main
from core.engine import RunStore
from core.engine.recordings import find
from core.paths import CHECKPOINTS
from core.topics import topic
from core.topics.playground.data import compute_features
from core.topics.playground.model import build_network
from core.training.progress import run_to_end


def test_the_settings_of_a_recording_are_found():
    for name, presets in (("mnist_cnn", ["digits", "best"]), ("transfer_learning", ["other_digits-5"])):
        recorded = topic(name)
        for preset in presets:
            run = find(recorded, {**recorded.presets, **recorded.variants}[preset])
            assert run is not None
            assert run.id == f"{name}-{preset}"
        assert find(recorded, recorded.default.changed(seed=12345)) is None


def test_machine_dependent_settings_do_not_hide_a_recording():
    config = topic("autoencoder").default.changed(device="cpu", cpu_optimizations=())
    assert find(topic("autoencoder"), config).id == "autoencoder-quick"


def test_a_recording_is_exported_without_training(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("core.__main__._show_progress", lambda *_arguments: pytest.fail("trains"))
    file, folder = tmp_path / "spiral.onnx", tmp_path / "logs" / "spiral"
    options = ["--preset", "spiral", "--onnx", str(file), "--tensorboard", str(folder)]
    assert main(["export", "playground", *options]) == 0
    assert "playground-spiral" in capsys.readouterr().err
    run = RunStore(CHECKPOINTS).load("playground-spiral")
    network = build_network(run.config)
    network.load_state_dict(safetensors.torch.load(run.weights))
    xy = 12 * torch.rand(50, 2) - 6
    session = onnxruntime.InferenceSession(file)
    with torch.no_grad():
        expected = network(compute_features(xy, run.config.features))
    np.testing.assert_allclose(session.run(None, {"input": xy.numpy()})[0], expected, rtol=1e-4, atol=1e-4)
    settings = json.loads(session.get_modelmeta().custom_metadata_map["settings"])
    assert run.config.matches(type(run.config).model_validate(settings))
    scalars = EventAccumulator(str(folder)).Reload().Scalars("test_loss")
    assert [scalar.step for scalar in scalars] == [event.step for event in run.history()]


def test_other_settings_are_trained_first(tmp_path, capsys):
    command = "optimizer_race --optimizers sgd,adam --rates 1 --seeds 1 --samples 160 --hidden-size 4"
    assert main(["export", *command.split(), "--tensorboard", str(tmp_path)]) == 0
    assert "10/10" in capsys.readouterr().err
    config = topic("optimizer_race").default.changed(
        optimizers=("sgd", "adam"), rates=1, seeds=1, samples=160, hidden_size=4
    )
    events = []
    run_to_end(topic("optimizer_race").train(config), events.append)
    scalars = EventAccumulator(str(tmp_path)).Reload().Scalars("validation_loss/adam")
    read = [(scalar.step, scalar.value) for scalar in scalars]
    expected = [(event.step, event.metrics["validation_loss/adam"]) for event in events]
    np.testing.assert_allclose(read, expected, rtol=1e-6)


def test_each_network_of_a_run_has_its_own_file(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr("core.export.networks.onnx", lambda network, about: written.append(network) or b"network")
    assert main(["export", "transfer_learning", "--onnx", str(tmp_path / "digits.onnx")]) == 0
    names = {f"digits-{strategy}.onnx" for strategy in ("scratch", "frozen", "fine_tuned", "random")}
    assert {file.name for file in tmp_path.iterdir()} == names
    assert len({network.module.conv1[0].weight.sum().item() for network in written}) > 1


@pytest.mark.parametrize("option", ["--onnx", "--tensorboard"])
def test_a_path_that_cannot_be_written_is_named_before_the_training(option, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("core.__main__._show_progress", lambda *_arguments: pytest.fail("trains"))
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "below"
    assert main(["export", "playground", "--seed", "77", option, str(path)]) == 1
    assert f"Cannot write {path}: Not a directory" in capsys.readouterr().err


def test_a_topic_without_a_program_needs_an_option(capsys):
    assert main(["export", "transfer_learning.label_efficiency"]) == 2
    assert "--tensorboard" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["export", "transfer_learning.label_efficiency", "--onnx", "study.onnx"])
