"""Durations of runs."""

import pytest

from core import topics
from core.engine import durations
from core.engine.durations import preset_seconds
from core.training.timing import NotMeasuredError


def test_every_preset_that_a_page_trains_has_its_seconds():
    presets = {
        f"{name}-{preset}" for name in topics.names() if "." not in name for preset in topics.topic(name).presets
    }
    assert presets <= durations._preset_seconds()["seconds"].keys()


def test_a_machine_of_twice_the_speed_takes_half_the_seconds(monkeypatch):
    written = durations._preset_seconds()
    (name, seconds), *_others = written["seconds"].items()
    monkeypatch.setattr(durations, "machine_speed", lambda: 2 * written["machine_speed"])
    assert preset_seconds(name) == pytest.approx(seconds / 2)

    def not_measured() -> float:
        raise NotMeasuredError

    monkeypatch.setattr(durations, "machine_speed", not_measured)
    assert preset_seconds(name) == seconds
