"""The page "PyTorch workflow" as people use it: they run line by line, turn a knob, and train."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.layout import check_fits, check_names_and_words
from tests.browser.run_panel import BUSY, click, progress, wait_until_drawn


def selected(page: Page):
    """Return the selected line of the program."""
    return page.locator(".program .code [aria-selected=true]")


def labels(page: Page) -> list[str]:
    """Return the labels of the digits on the screen."""
    return page.locator(".program .deal figcaption").all_inner_texts()


def test_the_next_line_runs_and_the_parts_are_jumps(open_page):
    page = open_page("workflow")
    expect(selected(page)).to_have_text("images, labels = next(iter(train_loader))")
    click(page, "Run next line ▸")
    expect(selected(page)).to_contain_text("make_grid")
    expect(page.get_by_alt_text("The images of the batch, joined into one image")).to_be_visible()
    page.locator(".program .code").press("End")
    expect(selected(page)).to_contain_text("assert_close")
    expect(page.get_by_role("button", name="Run next line ▸")).to_be_disabled()
    expect(page.locator(".program .object")).to_contain_text("largest difference of the outputs: 0")
    click(page, "3 Optimize")
    expect(selected(page)).to_contain_text("loss_function =")
    page.locator(".program .code").get_by_text("optimizer.step()").click()
    expect(page.locator(".program .object")).to_contain_text("change = −learning rate × gradient")


def test_switching_shuffle_deals_other_digits_and_rewrites_the_program(open_page):
    page = open_page("workflow")
    expect(page.locator(".program .deal figure")).to_have_count(64)
    wait_until_drawn(page)
    before = labels(page)
    page.get_by_test_id("stSidebar").get_by_text("Shuffle").click()
    expect(page.locator(".program .changed")).to_have_text("False")
    assert labels(page)[:4] == ["5", "0", "4", "1"]
    assert labels(page) != before


def test_a_changed_value_comes_into_view_and_the_selected_line_stays(open_page):
    page = open_page("workflow?learning_rate=0.05", width=400)
    expect(selected(page)).to_have_text("images, labels = next(iter(train_loader))")
    rate = page.locator(".program [data-setting=learning_rate]")
    expect(rate).to_have_text("0.05")
    wait_until_drawn(page)
    click(page, "Settings")
    page.get_by_test_id("stSidebar").get_by_role("slider", name="Learning rate").press("ArrowRight")
    expect(rate).to_have_text("0.07")
    code, value = page.locator(".program .code").bounding_box(), rate.bounding_box()
    assert code["y"] <= value["y"] <= code["y"] + code["height"] - value["height"]
    expect(selected(page)).to_have_text("images, labels = next(iter(train_loader))")


@pytest.mark.parametrize("width", [400, 1440])
def test_the_page_fits_and_has_words_while_a_program_runs(open_page, width):
    page = open_page("workflow", width=width)
    expect(progress(page)).to_contain_text("Recording")
    check_names_and_words(page, n_charts=2)
    click(page, "Train")
    page.locator(".program .code").get_by_text("print(f").click()
    expect(progress(page)).to_contain_text("Done", timeout=BUSY)
    printed = page.locator(".program pre", has_text=re.compile("epoch 5: 9"))
    expect(printed).to_be_visible()
    check_fits(page)
