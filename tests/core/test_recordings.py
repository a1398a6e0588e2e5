"""The recordings that ship with the app are runs of today's presets."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core import topics
from core.engine import Run, RunStore
from core.paths import CHECKPOINTS
from core.training.progress import Progress
from tests.core.replay import check_recording, recorded_presets, recorded_variants

RECORDED, VARIANTS = recorded_presets(), recorded_variants()


def load(name: str, preset: str) -> Run:
    return RunStore(CHECKPOINTS).load(f"{name}-{preset}")


@pytest.mark.parametrize(("name", "preset"), RECORDED)
def test_the_recording_of_a_preset_is_a_run_of_that_preset(name, preset):
    """Rebuild a recording with ``make checkpoints`` when its preset or its training changes."""
    check_recording(topics.topic(name), preset, load(name, preset))


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_the_recording_of_a_variant_is_a_run_of_it(name, variant):
    topic, recording = topics.topic(name), load(name, variant)
    assert topic.variants[variant].matches(recording.config)
    assert recording.title in topic.presets
    assert recording.weights is None


@pytest.mark.parametrize(("name", "variant"), VARIANTS[:1])
def test_a_variant_trains_as_it_was_recorded(name, variant):
    check_recording(topics.topic(name), variant, load(name, variant))


def test_nothing_else_is_recorded():
    assert {path.name for path in CHECKPOINTS.iterdir()} == {
        f"{name}-{setting}" for name, setting in RECORDED + VARIANTS
    }


def change_event(run: Run, number: int, **changes: object) -> None:
    run.events[number] = replace(run.events[number], **changes)


def change_metric(run: Run) -> None:
    change_event(run, 1, metrics=dict(run.events[1].metrics) | {"loss": run.events[1].metrics["loss"] * 1.1})


def drop_metric(run: Run) -> None:
    change_event(run, 0, metrics={name: value for name, value in run.events[0].metrics.items() if name != "loss"})


def change_array(run: Run) -> None:
    outputs = np.array(run.events[0].arrays["outputs"])
    outputs[3] += 0.2 * np.abs(outputs).max()
    change_event(run, 0, arrays=dict(run.events[0].arrays) | {"outputs": outputs})


def drop_arrays(run: Run) -> None:
    change_event(run, 0, arrays={})


def change_step(run: Run) -> None:
    change_event(run, 1, step=run.events[1].step + 1)


def empty_events(run: Run) -> None:
    run.events = [Progress(event.step, event.total, {}) for event in run.events]


def change_config(run: Run) -> None:
    run.config = run.config.changed(seed=run.config.seed + 1)


@pytest.mark.parametrize(
    "mutate", [change_metric, drop_metric, change_array, drop_arrays, change_step, empty_events, change_config]
)
def test_a_recording_of_another_run_is_noticed(mutate: Callable[[Run], None]):
    name, preset = "manual_mlp", "teacher"
    recording = load(name, preset)
    mutate(recording)
    with pytest.raises(AssertionError):
        check_recording(topics.topic(name), preset, recording)


def test_other_figures_of_a_study_are_noticed():
    name, preset = "transfer_learning.label_efficiency", "other_digits"
    recording = load(name, preset)
    recording.metrics = dict(recording.metrics) | {"1/frozen/0": recording.metrics["1/frozen/0"] - 0.05}
    with pytest.raises(AssertionError):
        check_recording(topics.topic(name), preset, recording)


def test_a_replay_that_compares_nothing_fails():
    name, preset = "transfer_learning.label_efficiency", "other_digits"
    topic = topics.topic(name)
    topic = replace(topic, replay=replace(topic.replay, recompute=None))
    with pytest.raises(AssertionError, match="nothing was compared"):
        check_recording(topic, preset, load(name, preset))
