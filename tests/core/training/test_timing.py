"""Timings of updates and runs: what is measured, how often, and when it expires."""

import threading
import time
from types import SimpleNamespace

import pytest
import torch

from core.topics.mnist_cnn.config import CNNConfig
from core.training import timing
from core.training.config import RunConfig
from core.training.progress import Progress
from core.training.timing import RunCost, seconds, threads
from tests.waiting import wait_for


def timed(monkeypatch, durations: list[float]) -> tuple[float, int]:
    """Return the result of `seconds` for updates of a given duration, and the number of updates it did."""
    now, waiting = 0.0, list(durations)

    def update() -> None:
        nonlocal now
        now += waiting.pop(0)

    monkeypatch.setattr(timing, "time", SimpleNamespace(perf_counter=lambda: now))
    return seconds(update), len(durations) - len(waiting)


@pytest.mark.parametrize(
    ("durations", "least", "updates"),
    [
        # Long ones three times; the first does not count because it loads and allocates
        ([0.5, 4, 3], 3, 3),
        # Short ones until they total 0.1 s, and at most seven times
        ([0.001, 0.03, 0.02, 0.04, 0.04], 0.02, 5),
        ([0.001, 0.009, 0.008, 0.007, 0.006, 0.005, 0.004], 0.004, 7),
    ],
)
def test_an_update_takes_the_least_of_several_times(monkeypatch, durations, least, updates):
    assert timed(monkeypatch, [*durations, 0, 0]) == (pytest.approx(least), updates)


def test_threads_are_set_and_given_back_whatever_happens():
    before = torch.get_num_threads()
    with threads(before + 1):
        assert torch.get_num_threads() == before + 1
        with threads(1):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == before + 1
    with pytest.raises(ValueError, match="whatever"), threads(before + 2):
        raise ValueError("whatever")
    assert torch.get_num_threads() == before


def test_what_was_measured_is_kept_for_a_while_and_then_measured_again(monkeypatch):
    now, asked = 1_000.0 * timing.FRESH, []
    monkeypatch.setattr(timing.time, "monotonic", lambda: now)
    measure = timing.measured(lambda config: asked.append(config) or len(asked))
    assert [measure("a"), measure("a"), measure("b")] == [1, 1, 2]
    now += 0.9 * timing.FRESH
    assert measure("a") == 1
    now += 0.2 * timing.FRESH
    assert [measure("a"), measure("a")] == [3, 3]
    assert asked == ["a", "b", "a"]


def test_in_a_server_nobody_waits_for_a_measurement(monkeypatch):
    now, idle, asked = 1_000.0 * timing.FRESH, [False], []
    monkeypatch.setattr(timing.time, "monotonic", lambda: now)
    background = timing.BackgroundMeasuring(lambda: idle[0], pause=0.01)
    monkeypatch.setattr(timing, "background", background)
    background.start()

    def measure(name: str) -> int:
        asked.append(threading.current_thread())
        return len(asked)

    measure = timing.measured(measure)
    with pytest.raises(timing.NotMeasuredError):
        measure("a")
    time.sleep(0.1)
    assert not asked  # other work is running
    idle[0] = True
    wait_for(lambda: measure.kept)
    assert measure("a") == 1
    now += 30 * timing.FRESH
    assert measure("a") == 1  # the old result, until there is a new one
    wait_for(lambda: measure("a") == 2)
    assert {*asked} == {background}
    now += 30 * timing.FRESH
    monkeypatch.setattr(background, "keeps", lambda: False)  # other work started meanwhile: the result is discarded
    measure("a")
    wait_for(lambda: len(asked) == 3)
    assert measure("a") == 2
    background.stop()


def test_a_run_costs_its_operations_which_are_measured_once(monkeypatch):
    now, measured = 1_000.0 * timing.FRESH, []
    monkeypatch.setattr(timing.time, "monotonic", lambda: now)
    cost = timing.RunCost(
        measure=lambda config: measured.append(config) or (0.5, 2.0),
        counts=lambda config: (config.updates, config.epochs),
        same_cost=lambda config: config.changed(epochs=1),
    )
    config = CNNConfig(samples=1_000, batch_size=100)
    assert cost(config.changed(epochs=3)) == 30 * 0.5 + 3 * 2
    assert cost(config.changed(epochs=4)) == 40 * 0.5 + 4 * 2
    assert measured == [config.changed(epochs=1)]
    now += timing.FRESH
    cost(config)
    assert len(measured) == 2


@pytest.mark.parametrize(("duration", "updates"), [(0.01, 30), (0.001, 60), (1, 2)])
def test_first_updates_are_measured_within_a_budget(monkeypatch, duration, updates):
    now, steps = 0.0, []

    def update(step: int) -> None:
        nonlocal now
        steps.append(step)
        now += duration if step else 10 * duration  # the first one is slower

    monkeypatch.setattr(timing, "time", SimpleNamespace(perf_counter=lambda: now))
    expected = duration if updates > 2 else 5.5 * duration
    assert timing.median_seconds(update, budget=(updates + 8.5) * duration) == pytest.approx(expected)
    assert steps == list(range(updates))


def test_events_are_timed_until_the_budget_is_spent(monkeypatch):
    now, closed = 0.0, []

    def training():
        nonlocal now
        try:
            for step in range(100):
                now += 2.0
                yield Progress(step, 99, {})
        finally:
            closed.append(step)

    monkeypatch.setattr(timing, "time", SimpleNamespace(perf_counter=lambda: now))
    assert timing.event_seconds(training(), budget=5) == [(1, 2.0), (2, 2.0), (3, 2.0)]
    assert closed == [3]
    assert len(timing.event_seconds(training(), budget=1_000)) == 99


def test_a_run_is_measured_with_the_threads_of_its_settings():
    cost = RunCost(
        measure=lambda _config: (float(torch.get_num_threads()),),
        counts=lambda _config: (2,),
        same_cost=lambda config: config,
    )
    before = torch.get_num_threads()
    assert [cost(RunConfig(threads=count)) for count in (1, 3)] == [2, 6]
    assert torch.get_num_threads() == before
