"""The view "Schedules"."""

import pytest

from core.topics.lr_schedules.config import PRESETS as SCHEDULE_PRESETS
from tests.pages.helpers import (
    points_of,
    progress,
    table,
)
from tests.pages.optimizers.helpers import choose, headline, trained

SMALL = {"samples": "100", "hidden_size": "4", "seeds": "1"}


SCHEDULES = SMALL | {"view": "lr_schedules", "epochs": "1", "schedules": "constant,cosine"}


def test_every_preset_of_the_schedules_opens_with_its_recording(open_view):
    app, recordings = open_view(view="lr_schedules"), set()
    for number, preset in enumerate(SCHEDULE_PRESETS):
        if number:
            choose(app, "lr_schedules.preset.widget", preset)
            app.run()
        assert not app.exception
        assert progress(app).startswith("Recording of “")
        recordings.add(progress(app))
        assert [row["schedule"] for row in table(app)] == headline(app)
        assert len(table(app)) == 5
        noise = points_of(app, "relative distance")
        assert {point["line"] for point in noise} == {"initial", "trained", "expected"}
        measured = {point["x"]: point["y"] for point in noise if point["line"] == "initial"}
        assert len(measured) == 11
        assert measured[1] / measured[256] == pytest.approx(16, rel=0.25)
    assert len(recordings) == len(SCHEDULE_PRESETS)


def test_start_trains_under_the_schedules(open_view, engine):
    app = trained(open_view(**SCHEDULES), engine)
    assert not app.exception
    assert progress(app).startswith("Done · 7 updates")
    assert {row["schedule"] for row in table(app)} == {"Constant", "Cosine"}
    rates = [point["y"] for point in points_of(app, "learning rate") if point["line"] == "cosine"]
    assert rates[-1] < 0.2 * rates[0]
    assert rates == sorted(rates, reverse=True)
