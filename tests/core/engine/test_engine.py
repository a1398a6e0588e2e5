"""The engine: runs on real workers, their queue, their control, and their failures."""

import contextlib
import errno
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copytree, rmtree
from types import SimpleNamespace

import numpy as np
import pytest
import safetensors.torch
import torch
from distributed import LocalCluster, Worker
from pydantic import ValidationError

from core.engine import (
    Engine,
    Run,
    RunStore,
    State,
    prepare,
    worker,
)
from core.engine.worker import EVENTS
from core.errors import CoreError
from core.topics.manual_mlp.config import PRESETS
from core.topics.manual_mlp.train import train
from core.topics.playground import train as playground
from core.topics.playground.config import PlaygroundConfig
from core.training.progress import Progress, run_to_end
from core.training.state import with_changes
from tests.core.toy_runs import TOY, ToyConfig, train_toy
from tests.waiting import wait_for

pytestmark = pytest.mark.usefixtures("toy_topics")

ENDLESS = ToyConfig(steps=100_000, wait=0.01)


def ended(run) -> bool:
    return run.state.final


def stands(run) -> bool:
    """Return whether no further step arrives."""
    step = run.latest.step
    time.sleep(0.3)
    return run.latest.step == step


def each_step(run: Run, events: int) -> Iterator[int]:
    """Let a run that started paused make ``events`` events, beginning with step 0, and yield after each."""
    for step in range(events):
        if step:
            run.step()
        wait_for(lambda step=step: run.latest and run.latest.step == step)
        yield step


def make_steps(run: Run, events: int) -> None:
    """Let a run that started paused make a number of events."""
    for _ in each_step(run, events):
        pass


@pytest.fixture(scope="module")
def processes(tmp_path_factory) -> Iterator[Engine]:
    """An engine with worker processes, as in the app."""
    with Engine(folder=tmp_path_factory.mktemp("runs"), lanes={"long": 1}) as engine:
        yield engine


@pytest.fixture
def make(tmp_path) -> Iterator[Callable[..., Engine]]:
    """Create engines that train in this process, and close them afterwards."""
    engines = []

    def start(**options) -> Engine:
        options = {"folder": tmp_path / "runs", "lanes": {"long": 1, "short": 1}} | options
        engines.append(Engine(processes=False, **options))
        return engines[-1]

    yield start
    for engine in engines:
        engine.close()


@pytest.fixture
def wait(monkeypatch) -> Callable[[float], None]:
    """Advance the engine's clock by a number of seconds."""
    passed = 0.0

    def pass_by(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    for module in ("engine", "run"):
        clock = SimpleNamespace(monotonic=lambda: time.monotonic() + passed, time=time.time)
        monkeypatch.setattr(f"core.engine.{module}.time", clock)
    return pass_by


def submit(engine: Engine, config: ToyConfig = ENDLESS, *, owner="ann", topic="toy", train=train_toy, **options):
    topic = replace(TOY, name=topic, train=train)
    return engine.submit(topic, config, title="a run", owner=owner, **options)


def test_a_run_in_a_process_is_what_the_bare_loop_computes(processes):
    config = ToyConfig(steps=50, seed=7)
    run = submit(processes, config)
    wait_for(lambda: ended(run))
    prepare(config)
    events = []
    model = run_to_end(train_toy(config), events.append)
    assert run.status.state is State.DONE
    assert [(event.step, event.total, event.metrics) for event in run.history()] == [
        (event.step, event.total, event.metrics) for event in events
    ]
    assert all(np.array_equal(a.arrays["array"], b.arrays["array"]) for a, b in zip(run.history(), events, strict=True))
    assert torch.equal(run.result.weights["weight"], model.weights["weight"])
    assert run.result.metrics == model.metrics


def test_pausing_changes_no_bit_of_a_real_run(processes):
    config = PRESETS["tutorial"]
    run = submit(processes, config, train=train, paused=True)
    make_steps(run, 4)
    run.resume()
    wait_for(lambda: ended(run))
    again = submit(processes, config, train=train)
    wait_for(lambda: ended(again))
    prepare(config)
    events = []
    run_to_end(train(config), events.append)
    assert [event.metrics for event in run.history()] == [event.metrics for event in again.history()]
    assert [event.metrics for event in run.history()] == [event.metrics for event in events]


def test_pause_step_resume_and_stop(processes):
    run = submit(processes)
    wait_for(lambda: run.latest)
    run.pause()
    assert run.status.state is State.PAUSED
    wait_for(lambda: stands(run))
    before = run.latest.step
    run.step()
    wait_for(lambda: run.latest.step > before)
    assert stands(run)
    assert run.latest.step == before + 1
    run.resume()
    wait_for(lambda: run.latest.step > before + 3)
    run.stop()
    wait_for(lambda: ended(run))  # of a quarter of an hour
    assert run.status.state is State.STOPPED
    saved = processes.store.load(run.id)
    assert saved.history()[-1].step == run.latest.step
    # A stopped network can be used: its weights are those of the loss in the last event
    assert float(saved.result.weights["weight"].sum()) == pytest.approx(run.latest.metrics["loss"])
    assert saved.metrics["loss"] == run.latest.metrics["loss"]


def test_a_paused_run_can_be_stopped(processes):
    run = submit(processes)
    wait_for(lambda: run.latest)
    run.pause()
    wait_for(lambda: stands(run))
    run.stop()
    wait_for(lambda: ended(run))
    assert run.status.state is State.STOPPED


def test_a_run_whose_worker_dies_begins_again_from_its_seed(processes, tmp_path):
    run = submit(processes, ToyConfig(kills=1, folder=str(tmp_path)))
    wait_for(lambda: ended(run))
    assert (run.status.state, run.status.attempt) == (State.DONE, 2)
    assert [event.step for event in run.history()] == list(range(11))
    calm = submit(processes, ToyConfig())
    wait_for(lambda: ended(calm))
    assert [event.metrics for event in run.history()] == [event.metrics for event in calm.history()]


def test_a_run_that_always_kills_its_worker_fails_after_three_attempts(processes, tmp_path):
    run = submit(processes, ToyConfig(kills=100, folder=str(tmp_path)))
    wait_for(lambda: ended(run))
    assert run.status.state is State.FAILED
    assert run.status.error.code == "worker_died"
    assert run.status.error.parameters == {"attempts": 3}
    assert len(list(tmp_path.glob("death-*"))) == 3
    after = submit(processes, ToyConfig())
    wait_for(lambda: ended(after))
    assert after.status.state is State.DONE


def test_an_error_in_the_training_is_told(processes):
    run = submit(processes, ToyConfig(fails=True))
    wait_for(lambda: ended(run))
    assert run.status.state is State.FAILED
    assert run.status.error.code == "training_error"
    assert run.status.error.parameters == {"type": "ValueError", "message": "no such number"}


def test_the_scheduler_does_not_keep_what_was_sent(processes):
    for _ in range(3):
        run = submit(processes, ToyConfig(steps=300, array_size=10_000))
        wait_for(lambda run=run: ended(run))

    def kept(dask_scheduler) -> int:
        return len(dask_scheduler.get_events(EVENTS))

    wait_for(lambda: processes._client.run_on_scheduler(kept) <= 16)


def test_runs_wait_in_line_and_owners_take_turns(make):
    engine = make()
    first = submit(engine, owner="ann", topic="1", estimated_seconds=1_000)
    wait_for(lambda: first.latest)
    second, third = (submit(engine, owner="ann", topic=page, estimated_seconds=30) for page in "23")
    other = submit(engine, owner="bob", estimated_seconds=5)
    assert [run.status.wait.runs for run in (other, second, third)] == [1, 2, 3]
    times = [run.status.wait.seconds for run in (other, second, third)]
    assert (times[1] - times[0], times[2] - times[1]) == (pytest.approx(5, abs=1), pytest.approx(30, abs=1))
    assert other.status.state is State.QUEUED
    first.stop()
    wait_for(lambda: other.latest)
    assert second.status.wait.runs == 1
    other.stop()
    wait_for(lambda: second.latest)
    third.stop()
    assert third.status.state is State.STOPPED


def test_short_runs_do_not_wait_behind_long_ones(make):
    engine = make()
    long = submit(engine, owner="ann")
    waiting = submit(engine, owner="bob")
    short = submit(engine, ToyConfig(), owner="eve", short=True)
    wait_for(lambda: ended(short))
    assert long.status.state is State.RUNNING
    assert waiting.status.state is State.QUEUED


def test_an_owner_has_one_run_a_page(make):
    engine = make()
    first = submit(engine)
    wait_for(lambda: first.latest)
    second = submit(engine)
    wait_for(lambda: second.latest)
    assert first.status.state is State.STOPPED
    elsewhere = submit(engine, topic="other", short=True)
    wait_for(lambda: elsewhere.latest)
    assert second.status.state is State.RUNNING
    assert engine.runs("ann") == [first, second, elsewhere]


def test_an_owner_may_queue_three_runs(make):
    engine = make()
    submit(engine, owner="bob")
    for page in "123":
        submit(engine, topic=page)
    with pytest.raises(CoreError, match="owner_queue_full") as refused:
        submit(engine, topic="4")
    assert refused.value.parameters == {"limit": 3}
    # It may replace a waiting run
    submit(engine, topic="3")


def test_the_server_takes_a_bounded_number_of_runs(make):
    engine = make(max_runs=2)
    submit(engine, owner="ann")
    submit(engine, owner="bob")
    with pytest.raises(CoreError, match="server_full"):
        submit(engine, owner="eve")


def test_the_time_left_counts_the_work_of_a_topic(wait):
    run = Run("0", "toy", ToyConfig(), title="")
    run.work = lambda step, total: step + (20 if step == total else 0)  # a long evaluation at the end
    run.begin()
    run.add([Progress(0, 10, {}), Progress(1, 10, {})])
    wait(4)
    run.add([Progress(3, 10, {})])
    assert run.seconds_left == pytest.approx(2 * (7 + 20), abs=0.5)
    wait(10)
    assert run.seconds_left == pytest.approx(2 * (7 + 20) - 10, abs=0.5)
    wait(1_000)
    assert run.seconds_left == 0


def test_the_time_left_is_that_of_updates_alone(wait):
    run = Run("0", "toy", ToyConfig(), title="")
    run.begin()
    run.add([Progress(0, 10, {})])
    wait(100)
    run.add([Progress(0, 10, {})])  # a search before the first update
    assert run.seconds_left is None
    wait(50)
    run.add([Progress(0, 10, {}), Progress(1, 10, {})])  # the time of the first update is unknown
    assert run.seconds_left is None
    wait(4)
    run.add([Progress(2, 10, {}), Progress(3, 10, {})])
    assert run.seconds_left == pytest.approx(14, abs=0.5)
    run.pause()
    wait(50)
    run.resume()
    assert run.seconds_left == pytest.approx(14, abs=0.5)
    run.begin()  # again, in another worker
    run.add([Progress(0, 10, {}), Progress(1, 10, {})])
    wait(3)
    assert run.seconds_left is None
    run.add([Progress(2, 10, {})])
    assert run.seconds_left == pytest.approx(24, abs=0.5)


def test_nobody_waits_for_a_paused_run(make):
    engine = make(lanes={"long": 1, "short": 1})
    paused = submit(engine, owner="ann")
    wait_for(lambda: paused.latest)
    paused.pause()
    wait_for(lambda: stands(paused))
    before = paused.latest.step
    assert not paused.is_suspended  # its worker is free: a step is done immediately
    other = submit(engine, owner="bob")
    wait_for(lambda: other.latest)
    assert paused.is_suspended
    assert (paused.status.state, paused.latest.step, paused.status.attempt) == (State.PAUSED, before, 1)
    paused.step()
    assert paused.status.state is State.QUEUED
    own = submit(engine, owner="ann", topic="another")
    assert [run.status.wait.runs for run in (paused, own)] == [1, 2]
    other.pause()
    wait_for(lambda: own.latest)  # it did a step and released its worker again
    assert (paused.status.state, paused.latest.step) == (State.PAUSED, before + 1)
    own.stop()
    paused.resume()
    wait_for(lambda: paused.latest.step > before + 5)
    assert [event.step for event in paused.history()] == list(range(len(paused.history())))
    assert (paused.status.state, paused.status.attempt) == (State.RUNNING, 1)
    assert other.status.state is State.PAUSED


def test_a_run_that_has_left_its_worker_is_stopped_and_saved(make):
    engine = make()
    paused = submit(engine, owner="ann")
    wait_for(lambda: paused.latest)
    paused.pause()
    going = submit(engine, owner="bob")
    wait_for(lambda: going.latest)
    (state,) = engine.unfinished.checkpoints(paused.id)
    paused.stop()
    wait_for(lambda: ended(paused))
    stopped = engine.store.load(paused.id)
    assert stopped.status.state is State.STOPPED
    assert float(stopped.result.weights["weight"].sum()) == pytest.approx(paused.latest.metrics["loss"])
    wait_for(lambda: not state.state.exists())
    assert going.status.state is State.RUNNING


@pytest.mark.parametrize("damage", [Path.unlink, lambda file: file.write_bytes(file.read_bytes()[:-50])])
def test_a_state_that_cannot_be_read_is_told(make, damage):
    engine = make()
    paused, going = submit(engine, owner="ann"), submit(engine, ToyConfig(), owner="bob")
    wait_for(lambda: paused.latest)
    paused.pause()
    wait_for(lambda: ended(going))
    damage(engine.unfinished.checkpoints(paused.id)[0].state)
    paused.resume()
    wait_for(lambda: ended(paused))
    assert (paused.status.state, paused.status.error.code) == (State.FAILED, "state_damaged")
    after = submit(engine, ToyConfig(), owner="eve")
    wait_for(lambda: ended(after))
    assert after.status.state is State.DONE


def test_in_place_of_a_damaged_state_the_one_before_is_used(make):
    engine = make()
    run = submit(engine, ToyConfig(seed=3, steps=20), owner="ann", paused=True)
    for _ in each_step(run, 4):
        other = submit(engine, ToyConfig(), owner="bob")
        wait_for(lambda other=other: ended(other))
    newest, before = engine.unfinished.checkpoints(run.id)
    assert (newest.events, before.events) == (4, 3)
    newest.state.write_bytes(newest.state.read_bytes()[:-50])
    run.resume()
    wait_for(lambda: ended(run))
    assert (run.status.state, run.status.attempt) == (State.DONE, 1)
    assert [event.step for event in run.history()] == list(range(21))


@pytest.mark.parametrize("limit", [{"max_suspended": 2}, {"max_state_bytes": 5_000}])
def test_a_bounded_number_of_paused_runs_is_kept(make, limit):
    engine = make(**limit)
    paused = []
    for owner in ("ann", "bob", "eve"):
        paused.append(run := submit(engine, owner=owner))
        wait_for(lambda run=run: run.latest)
        run.pause()
    last = submit(engine, owner="zoe")
    wait_for(lambda: last.latest and ended(paused[0]))
    assert engine.store.load(paused[0].id).status.error.code == "too_many_suspended"
    assert [run.status.state for run in paused[1:]] == [State.PAUSED] * 2


def test_a_run_that_is_paused_before_it_begins_leaves_the_worker_to_others(make):
    engine = make()
    first, second = submit(engine, owner="ann"), submit(engine, owner="bob")
    first.pause()
    wait_for(lambda: second.latest)
    second.stop()
    first.resume()
    wait_for(lambda: first.latest)


@pytest.mark.parametrize("problem", ["full", None])
def test_a_run_that_left_its_worker_is_the_same_to_the_last_bit(make, monkeypatch, problem):
    def refuse(*_arguments):
        raise OSError(errno.ENOSPC, "no space left")

    if problem:
        monkeypatch.setattr("core.engine.states.Path.write_bytes", refuse)
    engine, config = make(), PRESETS["tutorial"]
    run = submit(engine, config, train=train, paused=True)
    for _ in each_step(run, 3):
        other = submit(engine, ToyConfig(), owner="bob")
        wait_for(lambda other=other: ended(other))
        assert run.is_suspended
    run.resume()
    wait_for(lambda: ended(run))
    prepare(config)
    events = []
    model = run_to_end(train(config), events.append)
    assert [event.metrics for event in run.history()] == [event.metrics for event in events]
    assert torch.equal(run.result.weights["W1"], model.weights["W1"])


def test_a_worker_that_dies_goes_on_from_where_the_run_was_resumed(processes, tmp_path):
    run = submit(processes, ToyConfig(kills=1, folder=str(tmp_path)), owner="ann", paused=True)
    make_steps(run, 2)
    other = submit(processes, ToyConfig(), owner="bob")
    wait_for(lambda: ended(other))
    begun = run.history()
    run.resume()
    wait_for(lambda: ended(run))
    assert (run.status.state, run.status.attempt) == (State.DONE, 2)
    assert [event.step for event in run.history()] == list(range(11))
    assert all(event is before for event, before in zip(run.history(), begun, strict=False))


def test_runs_are_there_after_a_restart(make):
    engine = make()
    run = submit(engine, ToyConfig(seed=3))
    wait_for(lambda: ended(run))
    engine.close()
    found = make().find(run.id)
    assert found is not run
    assert (found.status.state, found.config, found.title) == (State.DONE, ToyConfig(seed=3), "a run")
    assert [event.metrics for event in found.history()] == [event.metrics for event in run.history()]


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "runs_full"), (errno.EROFS, "runs_read_only"), (errno.EIO, "runs_unwritable")],
)
def test_a_run_that_cannot_be_saved_is_not_lost(make, monkeypatch, number, code):
    engine = make()

    def refuse(*_arguments, **_options):
        raise OSError(number, "it cannot be written")

    monkeypatch.setattr("core.engine.run_files.tempfile.mkdtemp", refuse)
    run = submit(engine, ToyConfig())
    wait_for(lambda: ended(run))
    assert run.status.state is State.DONE
    assert run.status.save_error.code == code
    assert engine.find(run.id) is run
    assert run.result is not None


def test_few_finished_runs_stay_in_memory_the_others_come_from_disk(make):
    engine = make(max_finished=2)
    runs = []
    for _ in range(4):
        runs.append(submit(engine, ToyConfig()))
        wait_for(lambda: ended(runs[-1]))
    wait_for(lambda: len(engine.runs("ann")) == 2)
    assert engine.find(runs[0].id) is not runs[0]
    assert engine.find(runs[3].id) is runs[3]


def test_an_engine_uses_a_cluster_that_is_there(make, monkeypatch, tmp_path):
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=None
    ) as there:
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", there.scheduler_address)
        engine = make()
        long, short = submit(engine, ToyConfig(), owner="ann"), submit(engine, ToyConfig(), owner="bob", short=True)
        wait_for(lambda: ended(long) and ended(short))
        assert (long.status.state, short.status.state) == (State.DONE, State.DONE)
        assert RunStore(tmp_path / "runs").load(long.id).result.metrics == long.result.metrics
        engine.close()


def weight_sum(current) -> float:
    return float(safetensors.torch.load(current.weights)["weight"].sum())


def test_the_current_weights_are_there_at_any_time(make):
    engine = make()
    run = submit(engine, ToyConfig(steps=100_000, wait=0.002), owner="ann")
    wait_for(lambda: run.latest and run.latest.step > 3)
    for state in (State.RUNNING, State.PAUSED):
        if state is State.PAUSED:
            run.pause()
            wait_for(lambda: stands(run))
        current = run.current_weights()
        event = next(event for event in run.history() if event.step == current.step)
        assert run.status.state is state
        assert weight_sum(current) == pytest.approx(event.metrics["loss"])
    assert current.step == run.latest.step
    other = submit(engine, ToyConfig(), owner="bob")
    wait_for(lambda: ended(other))
    assert run.is_suspended
    assert run.current_weights() == current


def test_a_setting_is_changed_while_a_run_trains_and_the_record_repeats_it(make, tmp_path):
    engine, config = make(), PlaygroundConfig(samples=40, epochs=300, learning_rate=0.03, optimizer="Momentum")
    run = submit(engine, config, train=playground.train, topic="playground", paused=True)
    make_steps(run, 3)
    run.change(learning_rate=0.3)
    run.change(l2=0.01)
    assert run.settings.learning_rate == 0.3
    assert not run.changes  # applied at the next update
    run.step()
    wait_for(lambda: run.latest.step == 3)
    assert run.changes == [(2, "learning_rate", 0.3), (2, "l2", 0.01)]
    other = submit(engine, ToyConfig(), owner="bob")
    wait_for(lambda: ended(other))
    run.change(optimizer="Adam")
    run.change(**{"weight/2": -1.5})
    run.resume()
    wait_for(lambda: ended(run))
    saved = engine.store.load(run.id)
    assert saved.changes == run.changes
    assert [change.name for change in saved.changes] == ["learning_rate", "l2", "optimizer", "weight/2"]
    prepare(saved.config)
    events = []
    model = run_to_end(with_changes(playground.train, saved.config, saved.changes), events.append)
    assert [event.metrics for event in events] == [event.metrics for event in saved.history()]
    assert all(torch.equal(model.weights[name], weight) for name, weight in saved.result.weights.items())
    unchanged = run_to_end(playground.train(saved.config), lambda event: None)
    assert not torch.equal(unchanged.weights["0.weight"], model.weights["0.weight"])


def test_a_setting_that_is_not_allowed_is_refused(make):
    run = submit(make())
    with pytest.raises(ValidationError):
        run.change(steps="many")
    assert run.settings == run.config


def test_a_run_that_is_done_is_trained_for_longer(make):
    engine, config = make(), PlaygroundConfig(samples=40, epochs=30)
    run = submit(engine, config, train=playground.train, topic="playground")
    wait_for(lambda: ended(run))
    for epochs, paused in ((60, False), (90, True)):
        assert engine.can_train_longer(run)
        before = run.latest.step
        engine.train_longer(run, owner="ann", paused=paused, epochs=epochs)
        if paused:
            assert run.status.state is State.PAUSED
            run.step()
            wait_for(lambda before=before: run.latest.step > before and run.status.state is State.PAUSED)
            assert run.latest.step < run.settings.updates
            run.resume()
        wait_for(lambda: ended(run))
        assert (run.latest.step, run.latest.total) == (run.settings.updates, run.settings.updates)
    assert run.settings.epochs == 90
    whole = []
    model = run_to_end(playground.train(config.changed(epochs=90)), whole.append)
    assert torch.equal(run.result.weights["0.weight"], model.weights["0.weight"])  # of a constant learning rate
    after = run_to_end(with_changes(playground.train, config, run.changes), lambda event: None)
    assert torch.equal(after.weights["0.weight"], model.weights["0.weight"])
    stopped = submit(engine)
    wait_for(lambda: stopped.latest)
    stopped.stop()
    wait_for(lambda: ended(stopped))
    assert not engine.can_train_longer(stopped)
    with pytest.raises(CoreError, match="state_missing"):
        engine.train_longer(stopped, owner="ann", epochs=2)


def test_a_step_does_not_wait_for_runs_that_train(make):
    engine = make(lanes={"long": 1, "short": 1, "steps": 1})
    paused = submit(engine, owner="ann")
    wait_for(lambda: paused.latest)
    paused.pause()
    others = [submit(engine, owner="bob"), submit(engine, owner="eve", short=True)]
    wait_for(lambda: all(other.latest for other in others) and paused.is_suspended)
    for _ in range(3):
        before = paused.latest.step
        paused.step()
        wait_for(lambda before=before: paused.latest.step == before + 1)
        assert paused.status.state is State.PAUSED
    fresh = submit(engine, owner="zoe", paused=True)  # Reset: before its first update
    wait_for(lambda: fresh.latest)
    assert paused.is_suspended
    paused.resume()  # continues in its own lane
    assert paused.status.wait.runs == 1
    others[0].stop()
    wait_for(lambda: paused.latest.step > before + 5)
    assert fresh.status.state is State.PAUSED


def test_the_event_of_a_step_is_sent_at_once(make, monkeypatch):
    engine = make()
    monkeypatch.setattr(worker, "_FLUSH", 600)
    run = submit(engine, ENDLESS, paused=True)
    make_steps(run, 3)
    assert run.current_weights(timeout=600).step == 2


def test_training_gives_way_to_single_steps_and_pages(tmp_path):
    def lanes_and_niceness(dask_worker: Worker) -> tuple[list[str], int]:
        return list(dask_worker.state.total_resources), os.nice(0)

    with Engine(folder=tmp_path / "runs", lanes={"long": 1, "short": 1, "steps": 1}) as engine:
        niceness = {lane: nice for [lane], nice in engine._client.run(lanes_and_niceness).values()}
    assert niceness == {"long": os.nice(0) + 10, "short": os.nice(0) + 10, "steps": os.nice(0)}


def test_a_worker_that_dies_goes_on_from_its_last_state(tmp_path):
    with Engine(folder=tmp_path / "runs", lanes={"long": 1}, save_interval=0) as engine:
        run = submit(engine, ToyConfig(steps=300, wait=0.01))
        wait_for(lambda: run.checkpoint and run.checkpoint.events > 5)
        before, saved = run.history(), run.checkpoint.events
        for process in engine._client.run(os.getpid).values():
            os.kill(process, signal.SIGKILL)
        wait_for(lambda: ended(run))
        assert (run.status.state, run.status.attempt) == (State.DONE, 2)
        assert [event.step for event in run.history()] == list(range(301))
        assert all(event is other for event, other in zip(run.history()[:saved], before, strict=False))
        wait_for(lambda: not engine.unfinished.checkpoints(run.id))  # states are removed when their run has ended


def test_runs_that_have_not_ended_are_there_after_a_restart(make):
    config = PlaygroundConfig(samples=40, epochs=2_000)
    engine = make()
    paused = submit(engine, config, train=playground.train, topic="playground", paused=True)
    make_steps(paused, 3)
    training = submit(engine, owner="bob")
    wait_for(lambda: training.latest and training.latest.step > 3)
    waiting = submit(engine, owner="eve")
    engine.close()
    again = make()
    found = {run.owner: run for owner in ("ann", "bob", "eve") for run in again.runs(owner)}
    assert [found[owner].id for owner in ("ann", "bob", "eve")] == [paused.id, training.id, waiting.id]
    assert all(run.status.state is State.PAUSED for run in found.values())
    assert [found[owner].notice and found[owner].notice.code for owner in ("ann", "bob", "eve")] == [
        None,
        "server_restarted",
        "server_restarted",
    ]
    assert found["ann"].latest.step == 2
    assert found["bob"].latest.step >= 3
    assert found["bob"].elapsed > 0  # the time before the pause counts
    found["ann"].resume()
    found["eve"].step()
    wait_for(lambda: ended(found["ann"]) and found["eve"].latest)
    prepare(config)
    events = []
    run_to_end(playground.train(config), events.append)
    assert [event.metrics for event in found["ann"].history()] == [event.metrics for event in events]
    found["bob"].step()
    before = len(found["bob"].history())
    wait_for(lambda: len(found["bob"].history()) == before + 1)
    assert [event.step for event in found["bob"].history()] == list(range(before + 1))


def copied(folder: Path, to: Path) -> bool:
    """Copy a folder. Return whether nothing in it was replaced meanwhile."""
    rmtree(to, ignore_errors=True)
    with contextlib.suppress(OSError):
        return bool(copytree(folder, to))
    return False


def test_the_server_is_killed_while_ten_runs_train_and_two_are_paused(make, tmp_path):
    engine = make(lanes={"long": 10, "short": 1, "steps": 1}, save_interval=1)
    topics = [str(number) for number in range(12)]
    runs = [
        submit(engine, ToyConfig(steps=100_000, wait=0.01), owner=topic, short=number == 11)
        for number, topic in enumerate(topics)
    ]
    for run in runs[10:]:
        run.pause()
        run.step()
    wait_for(lambda: all(run.latest and run.latest.step > 3 for run in runs[:10]))
    wait_for(lambda: all(run.checkpoint for run in runs[:10]) and runs[10].latest and runs[11].latest)
    runs[10].step()
    left = tmp_path / "left"
    wait_for(lambda: runs[10].latest.step == 1)
    wait_for(lambda: copied(tmp_path / "runs", left))  # files left by a killed server
    engine.close()
    again = make(folder=left, lanes={"long": 10, "short": 1, "steps": 1})
    found = [run for topic in topics for run in again.runs(topic)]
    assert [run.id for run in found] == [run.id for run in runs]
    assert all(run.status.state is State.PAUSED for run in found)
    assert all(run.notice.code == "server_restarted" and len(run.history()) > 1 for run in found[:10])
    for run in found:
        before = len(run.history())
        run.step()
        wait_for(lambda run=run, before=before: len(run.history()) > before)
        assert [event.step for event in run.history()] == list(range(before + 1))


def test_what_a_run_took_is_the_estimate_for_runs_like_it(make):
    engine, config = make(), PlaygroundConfig(samples=40, epochs=300)
    run = submit(engine, config, train=playground.train, topic="playground")
    wait_for(lambda: ended(run) and engine.durations.seconds_per_update("playground", config))
    engine.close()
    again = make()
    assert again.is_idle
    for like in (config, config.changed(seed=3, learning_rate=0.5, epochs=2)):
        assert again.durations.seconds_per_update("playground", like) == pytest.approx(run.elapsed / run.latest.step)
    assert again.durations.seconds_per_update("playground", config.changed(layers=4)) is None
    going = submit(again)
    wait_for(lambda: going.latest)
    assert not again.is_idle
    going.pause()
    assert again.is_idle


def test_two_tabs_that_pause_and_resume_the_same_run_lose_no_step(make):
    engine = make()
    run = submit(engine, ToyConfig(steps=300, wait=0.001))
    wait_for(lambda: run.latest)

    def click(times: int) -> None:
        for _ in range(times):
            run.pause()
            run.step()
            run.resume()

    tabs = [threading.Thread(target=click, args=(100,)) for _ in range(2)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    run.resume()
    wait_for(lambda: ended(run))
    assert run.status.state is State.DONE
    assert [event.step for event in run.history()] == list(range(301))


def test_a_lost_cluster_that_comes_back_goes_on_with_its_runs(make, monkeypatch, tmp_path):
    def cluster(port: int) -> LocalCluster:
        return LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=True,
            scheduler_port=port,
            dashboard_address=None,
        )

    there = cluster(0)
    address = there.scheduler_address
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", address)
    engine = make()
    run = submit(engine, ToyConfig(steps=100_000, wait=0.005), owner="ann")
    wait_for(lambda: run.latest)
    there.close()
    wait_for(lambda: run.notice)
    assert (run.notice.code, run.status.state) == ("waiting_for_cluster", State.QUEUED)
    with cluster(int(address.rpartition(":")[2])):
        wait_for(lambda: run.status.state is State.RUNNING and run.latest)
        assert run.notice is None
        assert [event.step for event in run.history()] == list(range(len(run.history())))
        engine.close()
