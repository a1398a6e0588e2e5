"""The chip in the run bar with the findings of the health checks."""

from streamlit.testing.v1 import AppTest

from core.topics.manual_mlp.config import PRESETS
from tests.pages.helpers import button, run_of, text
from tests.waiting import wait_for


def chip(app: AppTest) -> str:
    """Return the label of the chip, or "" if there is none."""
    labels = (block.proto.popover.label for block in app.get("popover"))
    return next((label for label in labels if "finding" in label), "")


def test_a_healthy_recording_has_no_findings(open_page):
    assert chip(open_page("manual_mlp")) == "No findings"


def test_a_diverged_recording_has_findings_with_their_numbers_and_charts(open_page):
    app = open_page("manual_mlp", preset="break")
    assert "findings" in chip(app)
    assert "**Loss not finite**" in text(app)
    assert "At update 5," in text(app)


def test_a_button_trains_with_the_suggested_settings(open_page, engine):
    app = open_page("manual_mlp", preset="break")
    button(app, "Train with Learning rate: 3e-7").click().run()
    assert run_of(app, engine).config == PRESETS["break"].changed(learning_rate=3e-7)


def test_the_chip_of_a_run_that_fails_on_purpose_stays_closed_until_the_run_ends(open_page, engine):
    app = open_page("manual_mlp", preset="break")
    button(app, "Reset").click().run()
    button(app, "Step").click().run()
    wait_for(lambda: run_of(app, engine).history())
    app.run()
    assert not chip(app)
    assert button(app, "Findings after the run").disabled
