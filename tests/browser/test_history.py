"""The browser's history: Back and Forward lead through views, tabs and presets, with the screen as in the address."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.run_panel import wait_until_drawn

VIEW, TAB, PRESET = "view=bias_variance", r"tab=\w+", r"preset=\w+"


def open_from_elsewhere(page: Page, address: str) -> None:
    """Open an address of the same server after an empty page, so that Back can leave the app."""
    server = page.url.split("/")[2]
    page.goto("about:blank")
    page.goto(f"http://{server}/{address}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    wait_until_drawn(page)


def first_slider(page: Page):
    return page.get_by_test_id("stSidebar").get_by_role("slider").first


def expect_screen(page: Page, *, view: int, tab: int, label: str, slider: str) -> None:
    """Expect a view and a tab by their places, the label of the preset, and the value of the first slider."""
    expect(page.locator(".st-key-page-header").get_by_role("radio").nth(view)).to_be_checked()
    expect(page.get_by_role("tab").nth(tab)).to_have_attribute("aria-selected", "true")
    expect(page.locator(".st-key-preset").get_by_test_id("stWidgetLabel").first).to_have_text(label)
    expect(first_slider(page)).to_have_value(slider)
    wait_until_drawn(page)


def address_is(page: Page, *parts: str) -> None:
    """Expect these parts of the query, in any order, and no others."""
    lookahead = "".join(rf"(?=.*[?&]{part}(&|$))" for part in parts)
    count = rf"[^?]*\?[^&]+(&[^&]+){{{len(parts) - 1}}}$"
    expect(page).to_have_url(re.compile(lookahead + count))


@pytest.mark.timeout(600)
def test_back_and_forward_lead_through_view_tab_and_preset_and_no_press_is_dead(open_page):
    page = open_page("foundations")
    open_from_elsewhere(page, "foundations")
    address_is(page, "view=playground")
    expect(first_slider(page)).to_be_visible()
    playground = {"view": 0, "tab": 0, "label": "Preset", "slider": first_slider(page).input_value()}
    expect_screen(page, **playground)

    page.locator(".st-key-page-header").get_by_role("radio").nth(1).click()
    address_is(page, VIEW)
    wait_until_drawn(page)
    view = playground | {"view": 1, "slider": first_slider(page).input_value()}
    expect_screen(page, **view)

    page.get_by_role("tab").nth(1).click()
    address_is(page, VIEW, TAB)
    tab = view | {"tab": 1}
    expect_screen(page, **tab)

    page.locator(".st-key-preset").get_by_role("combobox").click()
    page.get_by_role("option").nth(1).click()
    address_is(page, VIEW, TAB, PRESET)
    wait_until_drawn(page)
    entries = page.evaluate("history.length")

    first_slider(page).press("ArrowRight")
    address_is(page, VIEW, TAB, PRESET, r"\w+=[\d.]+")
    changed = tab | {"label": "Preset · changed", "slider": first_slider(page).input_value()}
    expect_screen(page, **changed)
    assert page.evaluate("history.length") == entries  # a setting replaces the present entry

    page.go_back()
    address_is(page, VIEW, TAB)
    expect_screen(page, **tab)
    page.go_back()
    address_is(page, VIEW)
    expect_screen(page, **view)
    page.go_back()
    address_is(page, "view=playground")
    expect_screen(page, **playground)

    for parts, screen in [((VIEW,), view), ((VIEW, TAB), tab), ((VIEW, TAB, PRESET, r"\w+=[\d.]+"), changed)]:
        page.go_forward()
        address_is(page, *parts)
        expect_screen(page, **screen)
    assert page.evaluate("history.length") == entries

    for _press in range(3):
        page.go_back()
    expect_screen(page, **playground)  # also where one press follows the other at once
    page.go_back()
    assert page.url == "about:blank"


def test_a_link_that_is_corrected_and_an_old_address_leave_no_entry(open_page):
    page = open_page("foundations")
    open_from_elsewhere(page, "own_pictures?lr=0.1&learning-rate=0.01")
    expect(page).to_have_url(re.compile(r"/own_images\?learning_rate=0\.01$"))
    warning = page.locator(".st-key-link-warnings")
    expect(warning).to_contain_text("There is no setting “lr”. Did you mean learning_rate?")
    before = page.get_by_role("heading", level=1).bounding_box()
    warning.get_by_role("button", name="Close").click()
    expect(warning).to_have_count(0)
    assert page.get_by_role("heading", level=1).bounding_box() == before
    page.go_back()
    assert page.url == "about:blank"


def test_pages_are_entries_and_a_page_keeps_its_settings(open_page):
    page = open_page("manual_mlp?learning_rate=0.01")
    expect(first_slider(page)).to_be_visible()
    entries = page.evaluate("history.length")
    page.get_by_test_id("stHeader").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/$"))
    wait_until_drawn(page)
    page.get_by_test_id("stHeader").locator("a[href*=manual_mlp]").click()
    expect(page).to_have_url(re.compile(r"/manual_mlp\?learning_rate=0\.01$"))
    assert page.evaluate("history.length") == entries + 2
    page.go_back()
    expect(page).to_have_url(re.compile(r"/$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"/manual_mlp\?learning_rate=0\.01$"))
    expect(page.locator(".st-key-preset").get_by_test_id("stWidgetLabel").first).to_have_text("Preset · changed")
