"""The page "Foundations" as people use it: points that are dragged, with mouse, finger and keys."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.layout import check_fits, check_names_and_words
from tests.browser.run_panel import choose, click, wait_until_drawn
from tests.waiting import wait_for


@pytest.fixture(scope="module")
def shared_page(open_shared_page) -> Page:
    """Return the view of the losses."""
    return open_shared_page("foundations?view=losses")


@pytest.fixture
def page(shared_page) -> Page:
    """Return the view of the losses, with the points that it begins with."""
    wait_until_drawn(shared_page)
    canvas = shared_page.locator(".canvas[data-version]")
    before = canvas.get_attribute("data-version")
    click(shared_page, "Outlier in y")
    expect(canvas).not_to_have_attribute("data-version", before)
    wait_until_drawn(shared_page)
    expect(plane(shared_page).locator(".legend")).to_contain_text("moved by 1.93")
    return shared_page


def plane(page: Page) -> Locator:
    """The plane with the points of the losses."""
    canvas = page.locator(".canvas")
    expect(canvas.locator(".points circle")).to_have_count(9)
    expect(canvas.locator(".legend li")).to_have_count(3)
    canvas.locator("svg.plane").evaluate("plane => plane.scrollIntoView({ block: 'center' })")
    return canvas


def plot(page: Page) -> Locator:
    """The first plot of a view."""
    return page.locator(".plots .plot").first


def middle(canvas: Locator, point: int) -> tuple[float, float]:
    """Where on the screen a point lies."""
    box = canvas.locator(".points circle").nth(point).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def moved(canvas: Locator) -> dict[str, float]:
    """How far each line has moved, as the page tells it."""
    told = re.findall(r"^(MSE|Huber|MAE).*?moved by ([\d.]+)", canvas.locator(".legend").inner_text(), re.M | re.S)
    return {name: float(far) for name, far in told}


def drag(page: Page, canvas: Locator, point: int, across: float, up: float) -> None:
    """Drag a point by so many pixels, and hold it there."""
    x, y = middle(canvas, point)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across, y - up, steps=30)


def test_a_point_dragged_up_moves_the_line_of_squares_and_hardly_that_of_absolute_errors(page):
    canvas = plane(page)
    page.get_by_role("button", name="No outlier", exact=True).click()
    expect(canvas.locator(".legend li").first).to_contain_text("moved by 0.00")
    page.evaluate("window.sameDocument = true")
    drag(page, canvas, 7, 0, 150)
    expect(canvas.locator(".legend li").first).to_contain_text(re.compile(r"moved by [1-9]"))  # while it is held
    page.mouse.up()
    after = moved(canvas)
    assert after["MSE"] > 1 > after["Huber"] > 0.1 > after["MAE"]
    canvas.get_by_role("button", name="Undo").click()
    expect(canvas.locator(".legend li").first).to_contain_text("moved by 0.00")
    drag(page, canvas, 0, 480, 0)
    page.mouse.up()
    expect(canvas.locator(".legend li").last).to_contain_text(re.compile(r"MAE.*moved by [1-9]"))
    assert min(moved(canvas).values()) > 1
    assert page.evaluate("window.sameDocument")


def test_the_keyboard_alone_adds_moves_and_removes_points(page):
    canvas = plane(page)
    points, readout = canvas.locator(".points circle"), canvas.locator(".readout")
    canvas.locator("svg.plane").focus()
    page.keyboard.press("PageDown")
    expect(readout).to_have_text("point 1 of 9: x = 0.6, y = 1.6")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowRight")
    expect(readout).to_have_text("point 1 of 9: x = 1.8, y = 1.8")
    page.keyboard.press("Enter")
    expect(readout).to_have_text("point 10 of 10: x = 6, y = 5")
    page.keyboard.press("Delete")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(points).to_have_count(9)
    before = canvas.locator(".legend").inner_text()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(canvas.locator(".legend")).not_to_have_text(before)
    expect(canvas.locator(".legend")).to_contain_text("moved by 1.93")


def test_points_are_added_read_removed_and_cleared(page):
    canvas = plane(page)
    points, readout = canvas.locator(".points circle"), canvas.locator(".readout")
    box = canvas.locator("svg.plane").bounding_box()
    page.mouse.click(box["x"] + 400, box["y"] + 300)
    expect(points).to_have_count(10)
    expect(readout).to_contain_text("point 10 of 10: x = ")
    page.mouse.move(*middle(canvas, 7))
    expect(readout).to_have_text("point 8 of 10: x = 4.2, y = 9.5")
    canvas.locator("label", has_text="Remove").click()
    page.mouse.click(*middle(canvas, 7))
    expect(points).to_have_count(9)
    expect(canvas.locator(".legend li").last).to_contain_text(re.compile(r"MAE.*moved by"))
    canvas.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("A line needs two points")).to_be_visible()
    expect(canvas.get_by_text("Click here to add points")).to_be_visible()
    canvas.get_by_role("button", name="Undo").click()
    expect(points).to_have_count(9)
    expect(page.get_by_text("A line needs two points")).to_have_count(0)


def test_a_finger_drags_a_point_and_scrolls_beside_them_and_all_views_fit_a_phone(open_page):
    page = open_page("foundations?view=losses", width=400)
    canvas = plane(page)
    check_names_and_words(page, n_charts=1)
    check_fits(page)
    canvas.scroll_into_view_if_needed()
    fingers = page.context.new_cdp_session(page)
    fingers.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def swipe(x: float, y: float, up: float) -> None:
        for kind, at in (("touchStart", 0.0), *(("touchMove", step * up / 10) for step in range(1, 11))):
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y - at}]})
        fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def scrolled() -> float:
        return page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")

    x, y = middle(canvas, 8)
    before = scrolled()
    swipe(x, y, 80)
    expect(canvas.locator(".legend li").first).not_to_contain_text("moved by 1.93")
    assert scrolled() == before
    assert middle(canvas, 8) == (pytest.approx(x, abs=2), pytest.approx(y - 80, abs=3))
    box = canvas.locator("svg.plane").bounding_box()
    swipe(box["x"] + 300, box["y"] + 300, 120)
    wait_for(lambda: scrolled() > before + 50)
    expect(canvas.locator(".points circle")).to_have_count(9)
    fingers.send("Emulation.setTouchEmulationEnabled", {"enabled": False})

    for view, first in (
        ("Activations", plot(page)),
        ("Under- and overfitting", plot(page)),
    ):
        choose(page, view)
        expect(first).to_be_visible()
        wait_until_drawn(page)
        check_names_and_words(page, n_charts=1)
        check_fits(page)
