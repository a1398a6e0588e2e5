"""The page "Debugging clinic" as people use it: three clicks solve the first case, and the answers stay."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.layout import check_fits, check_names_and_words
from tests.browser.run_panel import progress


def line(page: Page, text: str):
    """Return a line of the program that can be clicked."""
    return page.locator(".clinic-program [role=option]", has_text=text)


@pytest.mark.parametrize("width", [400, 1440])
def test_three_clicks_solve_the_first_case(open_page, width):
    page = open_page("clinic", width=width)
    expect(progress(page)).to_contain_text("Recording")
    expect(page.locator(".clinic-program .line")).to_have_count(34)
    check_names_and_words(page)
    page.get_by_role("button", name="Softmax is applied twice").click()
    line(page, "optimizer =").click()
    expect(page.get_by_text("Try another line.")).to_be_visible()
    program = page.locator(".clinic-program")
    program.press("Home")
    for _line in range(10):
        program.press("ArrowDown")
    expect(program.locator("[aria-selected=true]")).to_contain_text("nn.Softmax")
    program.press("Enter")
    page.get_by_role("button", name="head = nn.Linear(64, 10)", exact=True).click()
    expect(page.get_by_text("Your answer was correct")).to_be_visible()
    expect(page.locator(".clinic-program .added")).to_contain_text("head = nn.Linear(64, 10)")
    check_fits(page)
    page.reload()
    expect(page.get_by_text("Your answer was correct")).to_be_visible()
    page.get_by_role("button", name="Next case").click()
    expect(page.get_by_text("What is wrong?")).to_be_visible()
