"""Runs on disk: loading returns the saved run, the oldest are removed first, and damaged runs are rejected."""

import json
import os

import numpy as np
import pytest
import torch

from core.engine import RunStore, State, record
from core.engine.run import Run
from core.errors import CoreError
from core.paths import CHECKPOINTS
from core.training.device import hardware
from core.training.progress import Progress
from tests.core.toy_runs import TOY, ToyConfig

pytestmark = pytest.mark.usefixtures("toy_topics")


def recorded(run_id: str, **settings) -> Run:
    return record(TOY, ToyConfig(**settings), title="a run", run_id=run_id)


@pytest.mark.parametrize("compressed", [False, True])
def test_what_is_read_is_what_was_saved(tmp_path, compressed):
    run = recorded("first", seed=5)
    RunStore(tmp_path, compressed=compressed).save(run)
    read = RunStore(tmp_path).load("first")
    assert (read.config, read.title, read.status.state) == (run.config, "a run", State.DONE)
    assert [event.metrics for event in read.history()] == [event.metrics for event in run.history()]
    for event, other in zip(read.history(), run.history(), strict=True):
        np.testing.assert_array_equal(event.arrays["array"], other.arrays["array"])
    assert torch.equal(read.result.weights["weight"], run.result.weights["weight"])
    assert read.result.metrics == run.result.metrics
    assert read.hardware == run.hardware == hardware(run.config)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first"]


def test_an_error_is_saved_with_its_parameters(tmp_path):
    run = recorded("failed")
    run.end(State.FAILED, CoreError("worker_died", attempts=3))
    RunStore(tmp_path).save(run)
    error = RunStore(tmp_path).load("failed").status.error
    assert (error.code, error.parameters) == ("worker_died", {"attempts": 3})


@pytest.mark.parametrize(
    ("old", "code"), [("gave_way", "preempted_by_owner"), ("made_room", "preempted_idle"), ("other", "other")]
)
def test_old_codes_of_errors_are_still_read(tmp_path, old, code):
    run = recorded("stopped")
    run.end(State.STOPPED, CoreError(old, minutes=2))
    RunStore(tmp_path).save(run)
    error = RunStore(tmp_path).load("stopped").status.error
    assert (error.code, error.parameters) == (code, {"minutes": 2})


def test_a_folder_of_an_old_run_is_still_read(tmp_path):
    """Old runs stored the class of the settings instead of the topic."""
    recording = RunStore(CHECKPOINTS).load("manual_mlp-tutorial")
    RunStore(tmp_path).save(recording)
    card = json.loads((tmp_path / "manual_mlp-tutorial" / "run.json").read_text())
    del card["topic"]
    card |= {"config_class": "core.mlp.config:MLPConfig", "page": "", "id": "old"}
    (tmp_path / "manual_mlp-tutorial" / "run.json").write_text(json.dumps(card))
    read = RunStore(tmp_path).load("manual_mlp-tutorial")
    assert (read.topic, read.config) == ("manual_mlp", recording.config)


def test_old_names_of_metrics_and_arrays_are_still_read(tmp_path):
    run = recorded("old")
    run.events = [Progress(0, 1, {"judged/sgd": 2.0, "train/sgd": 1.0}, {"judged": np.ones(2)})]
    run.metrics = {"judged/sgd": 3.0}
    RunStore(tmp_path).save(run)
    read = RunStore(tmp_path).load("old")
    assert read.history()[0].metrics == {"validation_loss/sgd": 2.0, "train/sgd": 1.0}
    assert [*read.history()[0].arrays] == ["validation_loss"]
    assert read.metrics == {"validation_loss/sgd": 3.0}


def test_the_oldest_runs_make_room(tmp_path):
    store = RunStore(tmp_path)
    store.save(recorded("one", array_size=1000))
    size = sum(file.stat().st_size for file in (tmp_path / "one").iterdir())
    store.quota = int(2.5 * size)
    for age, name in ((30, "one"), (20, "two"), (10, "three")):
        store.save(recorded(name, array_size=1000))
        card = tmp_path / name / "run.json"
        os.utime(card, (card.stat().st_atime - age, card.stat().st_mtime - age))
    assert store.load("three")
    assert store.load("two")
    with pytest.raises(CoreError, match="run_removed"):
        store.load("one")
    with pytest.raises(CoreError, match="run_removed"):
        RunStore(tmp_path).load("one")


def test_a_run_larger_than_the_quota_is_kept_until_the_next(tmp_path):
    store = RunStore(tmp_path, quota=10)
    store.save(recorded("large"))
    assert store.load("large")


@pytest.mark.parametrize("name", ["never", "", "../first", "a/b", ".saving-x", "x" * 100, "a\0b", "первый"])
def test_an_id_that_is_not_there_is_unknown(tmp_path, name):
    RunStore(tmp_path / "runs").save(recorded("first"))
    RunStore(tmp_path).save(recorded("first"))
    with pytest.raises(CoreError, match="run_unknown"):
        RunStore(tmp_path / "runs").load(name)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("file", ["run.json", "history.json", "arrays.safetensors", "weights.safetensors"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[1", b"\xff" * 100, b"null"])
def test_damaged_files_are_told(tmp_path, file, content, compressed):
    store = RunStore(tmp_path, compressed=compressed)
    store.save(recorded("first"))
    (damaged,) = (tmp_path / "first").glob(f"{file}*")
    damaged.write_bytes(content)
    with pytest.raises(CoreError, match="run_damaged"):
        store.load("first")


@pytest.mark.parametrize(
    "change",
    [
        {"config": {"steps": "many"}},
        {"topic": "os:system"},
        {"topic": "core.errors"},
        {"topic": "../toy"},
        {"topic": None},
        {"state": "running"},
        {"state": "odd"},
    ],
)
def test_a_card_that_makes_no_sense_is_told(tmp_path, change):
    store = RunStore(tmp_path)
    store.save(recorded("first"))
    card = tmp_path / "first" / "run.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | change))
    with pytest.raises(CoreError, match="run_damaged"):
        store.load("first")


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "runs").write_text("a file, not a folder")
    with pytest.raises(CoreError, match="runs_unwritable"):
        RunStore(tmp_path / "runs").save(recorded("first"))


def test_nothing_half_written_stays(tmp_path, monkeypatch):
    store = RunStore(tmp_path)
    run = recorded("first")
    monkeypatch.setattr("core.engine.store.json.dumps", lambda *_a, **_o: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store.save(run)
    assert list(tmp_path.iterdir()) == []
