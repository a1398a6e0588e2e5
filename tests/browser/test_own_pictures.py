"""The page "Your own pictures" as people use it: from their files to a prediction, each for themselves."""

import re

from playwright.sync_api import Page, expect

from core.own_pictures.examples import FOLDER
from tests.browser.test_live import click

BUSY = 120_000  # milliseconds


def teach(page: Page) -> None:
    """Two classes of one's own instead of the examples."""
    expect(page.get_by_role("heading", name=re.compile("It says"))).to_be_visible(timeout=BUSY)
    click(page, "Remove the examples")
    for number, name in ((1, "birds"), (2, "fruit")):
        files = sorted((FOLDER / name).glob("*.jpg"))[:4]
        uploader = page.get_by_test_id("stFileUploader").filter(has_text=f"Pictures of “class {number}”")
        uploader.locator("input[type=file]").set_input_files(files)
        expect(page.get_by_text("4 pictures were added.")).to_be_visible(timeout=BUSY)
        expect(page.get_by_text(f"It is shown {4 * number} pictures of 2 classes")).to_be_visible(timeout=BUSY)


def test_from_files_to_a_prediction_and_nobody_else_sees_them(open_page):
    page, other = open_page("own_pictures"), open_page("own_pictures", width=400)
    teach(page)
    new = (
        page.get_by_test_id("stFileUploader")
        .filter(has_text="A new picture")
        .or_(page.get_by_test_id("stFileUploader").first)
    )
    new.first.locator("input[type=file]").set_input_files(FOLDER / "fruit" / "strawberry.jpg")
    expect(page.get_by_role("heading", name=re.compile("It says: class 2"))).to_be_visible(timeout=BUSY)
    expect(other.get_by_text("50 pictures of 5 classes")).to_be_visible(timeout=BUSY)
    other.reload()
    expect(other.get_by_text("50 pictures of 5 classes")).to_be_visible(timeout=BUSY)
    expect(other.get_by_text("class 2")).to_have_count(0)
    assert other.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 400
