"""One screen: at every size the main view and the run bar are there, without scrolling, whatever the run does."""

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.layout import check_fits
from tests.browser.run_panel import click, progress, stop, wait_for_updates, wait_until_drawn
from tests.waiting import wait_for

# Width and height of the screen; smallest width and height of the main view, largest height of the run bar
SCREENS = {
    "desktop": ((1440, 900), (740, 480), 88),
    "tablet": ((1024, 768), (740, 480), 88),
    "laptop": ((1366, 650), (740, 420), 88),
    "phone": ((400, 850), (368, 440), 112),
}
VIEWS = {  # the address of each view, and whether it trains
    "foundations": True,
    "foundations?view=bias_variance&model=network": True,
    "foundations?view=activations": False,
    "foundations?view=losses": False,
    "workflow?epochs=50": True,
    "manual_mlp?epochs=50": True,
    "clinic": True,
    "optimizers": False,
    "optimizers?view=optimizer_race": True,
    "optimizers?view=lr_schedules": True,
    "mnist_cnn": True,
    "autoencoder": True,
    "transfer_learning": True,
    "own_images": False,
}


@pytest.mark.parametrize("address", VIEWS)
def test_main_view_and_run_bar_are_on_the_first_screen(open_page, address):
    page = open_page(address)
    main = page.locator(".st-key-main-view")
    expect(main).to_be_visible()
    wait_for(lambda: main.bounding_box()["height"] > 0)  # the browser has fetched its script
    if VIEWS[address]:
        expect(progress(page)).to_contain_text("update")
    wait_until_drawn(page)
    for screen in SCREENS:
        check_screen(page, screen, with_bar=VIEWS[address])
        check_fits(page)
    if not VIEWS[address]:
        return
    click(page, "Train")  # on the phone
    wait_for_updates(page, 0)
    check_screen(page, "phone")
    check_screen(page, "tablet")
    check_sheet(page)
    stop(page)


def check_screen(page: Page, screen: str, *, with_bar: bool = True) -> None:
    """Check that the main view is large enough, and that it and the run bar are wholly on a screen of that size.

    The browser has ten seconds for the layout: on a busy machine, the scripts of charts and of the run bar come late.
    """
    (width, height), *limits = SCREENS[screen]
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(300)
    end = time.monotonic() + 10
    while (problem := _problem(page, height, *limits, with_bar=with_bar)) and time.monotonic() < end:
        page.wait_for_timeout(100)
    assert problem is None, (screen, problem)


def _problem(page: Page, height: int, least: tuple[int, int], most: int, *, with_bar: bool) -> str | None:
    """Return what is wrong on a screen of this height, or None."""
    main = page.locator(".st-key-main-view").first.bounding_box()
    top = page.get_by_test_id("stHeader").bounding_box()["height"]
    bottom = height
    if with_bar:
        bar = page.get_by_test_id("stBottom").bounding_box()
        if bar["height"] > most or bar["y"] + bar["height"] > height:
            return f"the run bar: {bar}"
        bottom = bar["y"]
    if main["y"] < top or main["y"] + main["height"] > bottom:
        return f"the main view is not between {top} and {bottom}: {main}"
    if main["width"] < least[0] or main["height"] < least[1]:
        return f"the main view is too small: {main}"
    return None


def check_sheet(page: Page) -> None:
    """Check that on a phone the settings open in a sheet, with enough of the main view above it."""
    page.set_viewport_size({"width": 400, "height": 850})
    click(page, "Settings")
    sheet = page.get_by_test_id("stSidebar").bounding_box()
    assert sheet["height"] <= 260
    assert sheet["width"] == pytest.approx(400)
    assert sheet["y"] - page.locator(".st-key-main-view").first.bounding_box()["y"] >= 300
    click(page, "Settings")
