"""The page "Your own images" as people use it: classes are filled, a new picture is asked about, nobody sees it."""

import re

from playwright.sync_api import Page, expect

from core.topics.own_images.examples import FOLDER
from tests.browser.layout import check_tabs_fit
from tests.browser.run_panel import BUSY, click


def give(page: Page, label: str, *files: str) -> None:
    """Upload example photos by the widget of that label."""
    widget = page.get_by_role("region", name=label, exact=True).locator("input[type=file]")
    widget.set_input_files([FOLDER / file for file in files])


def test_from_the_upload_to_the_answer_nobody_else_sees_it_and_the_tabs_fit_a_phone(open_page):
    page, other = open_page("own_images"), open_page("own_images", width=400)
    expect(page.get_by_text(re.compile("Prediction: flowers"))).to_be_visible(timeout=BUSY)
    click(page, "Remove the examples")
    expect(page.get_by_text("The class “class 1” has no pictures yet", exact=False).first).to_be_visible()
    give(page, "Pictures of “class 1”, or a zip of them", "birds/crow.jpg", "birds/blackbird.jpg")
    expect(page.get_by_text("2 pictures were added to “class 1”.")).to_be_visible()
    give(page, "Pictures of “class 2”, or a zip of them", "fruit/apple_red.jpg", "fruit/banana.jpg")
    expect(page.get_by_text("4 of 2 classes")).to_be_visible()
    expect(page.get_by_text(re.compile("Prediction: class 2"))).to_be_visible(timeout=BUSY)
    page.get_by_test_id("stPopoverButton").filter(has_text="Upload").click()
    give(page, "A new image", "birds/rooster.jpg")
    expect(page.get_by_text(re.compile("Prediction: class 1"))).to_be_visible(timeout=BUSY)
    click(page, "Remove banana.jpg")
    expect(page.get_by_text("3 of 2 classes")).to_be_visible()
    expect(other.get_by_text("50 of 5 classes")).to_be_visible()
    click(other, "Another image")
    expect(other.get_by_text(re.compile("Prediction: birds"))).to_be_visible(timeout=BUSY)
    page.reload()  # a new session: what was uploaded is gone
    expect(page.get_by_text("50 of 5 classes")).to_be_visible()
    check_tabs_fit(other, ("Cross-validation", re.compile("right.* of its own pictures"), 1))
