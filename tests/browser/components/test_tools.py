"""The learning-rate finder in a browser: its dialog grows by itself, and its result reaches the settings."""

import re

from playwright.sync_api import expect

from tests.browser.run_panel import click, progress


def test_the_finder_suggests_a_learning_rate_that_the_page_can_use(open_page):
    page = open_page("foundations?view=playground&layers=0&batch_size=200")
    before = progress(page).inner_text()
    click(page, "Menu")
    click(page, "Learning-rate finder")
    dialog = page.get_by_role("dialog", name="Learning-rate finder")
    expect(dialog).to_contain_text(re.compile("Suggested learning rate|did not help here"))
    expect(page.get_by_role("button", name="New seed")).to_be_hidden()  # the menu has closed
    assert progress(page).inner_text() == before
    dialog.get_by_role("button", name="Use this learning rate").click()
    expect(dialog).to_have_count(0)
    page.wait_for_url(re.compile("learning_rate="))
