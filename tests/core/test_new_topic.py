"""A topic is found by its folder: by the command line, the recordings and their replay, with no other file touched."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core import topics
from core.__main__ import main
from core.engine import RunStore
from tests.core.replay import check_recording, recorded_presets

SOURCE = '''\
"""The topic: halving a number."""

import numpy as np
import torch
from pydantic import Field

from core.topics import Precision, Replay, Topic
from core.training.config import RunConfig
from core.training.progress import Progress, TrainedModel


class HalvingConfig(RunConfig):
    start: float = Field(8.0, ge=1, le=100, title="Start", description="The first number.")


def train(config):
    value = config.start
    for step in range(4):
        yield Progress(step, 3, {"loss": value}, {"digits": np.full(3, value, np.float32)})
        value /= 2
    return TrainedModel({"value": torch.tensor([value])}, {"loss": value})


TOPIC = Topic(
    name="halving",
    presets={"eight": HalvingConfig(), "third": HalvingConfig(start=10 / 3)},
    train=train,
    replay=Replay(arrays=("digits",)),
    precision=Precision(arrays={"digits": 4}),
)
'''


@pytest.fixture
def checkpoints(tmp_path, monkeypatch) -> Iterator[Path]:
    """The folder of the recordings of an app that has one more topic."""
    folder = tmp_path / "topics" / "halving"
    folder.mkdir(parents=True)
    (folder / "topic.py").write_text(SOURCE)
    monkeypatch.setattr(topics, "__path__", [*topics.__path__, str(folder.parent)])
    monkeypatch.setattr("core.engine.recordings.CHECKPOINTS", tmp_path / "checkpoints")
    yield tmp_path / "checkpoints"
    for name in ("core.topics.halving.topic", "core.topics.halving"):
        sys.modules.pop(name, None)


def test_a_new_topic_is_a_command(checkpoints, capsys):
    assert "halving" in topics.names()
    assert main(["halving", "--start", "16", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"result": {"loss": 1.0}}
    assert main(["halving", "--start", "0"]) == 2


def test_a_new_topic_is_recorded_and_replayed(checkpoints):
    assert main(["checkpoints", "halving"]) == 0
    assert {path.name for path in checkpoints.iterdir()} == {"halving-eight", "halving-third"}
    presets = [(name, preset) for name, preset in recorded_presets() if name == "halving"]
    assert presets == [("halving", "eight"), ("halving", "third")]
    for name, preset in presets:
        check_recording(topics.topic(name), preset, RunStore(checkpoints).load(f"{name}-{preset}"))


def test_a_recording_is_compressed_and_rounded_as_its_topic_says(checkpoints):
    main(["checkpoints", "halving-third"])
    files = {file.name for file in (checkpoints / "halving-third").iterdir()}
    assert files == {"run.json", "history.json.xz", "arrays.safetensors.xz", "weights.safetensors.xz"}
    recording = RunStore(checkpoints).load("halving-third")
    assert recording.history()[0].metrics == {"loss": 10 / 3}
    assert recording.history()[0].arrays["digits"].tolist() == [3.25] * 3
    assert recording.result.weights["value"].tolist() == pytest.approx([10 / 48])


def test_a_recording_of_another_preset_is_noticed(checkpoints):
    main(["checkpoints", "halving"])
    topic, recording = topics.topic("halving"), RunStore(checkpoints).load("halving-third")
    with pytest.raises(AssertionError):
        check_recording(topic, "eight", recording)
    recording.events[1] = replace(recording.events[1], metrics={"loss": 1.0})
    with pytest.raises(AssertionError):
        check_recording(topic, "third", recording)
