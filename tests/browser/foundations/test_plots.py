"""The plots of the foundations as people use them: what is dragged moves in the browser, without a message."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.run_panel import click, progress, wait_until_drawn
from tests.waiting import wait_for


def opened(open_page: Callable[..., Page], address: str, **options: object) -> tuple[Page, list]:
    """Open a view whose plots are drawn, and return the messages that the page sends from now on."""
    sent: list = []
    page = open_page(address, **options)
    page.on("websocket", lambda socket: socket.on("framesent", lambda message: sent.append(message)))
    page.reload()
    expect(plot(page, 1).locator("svg text").first).to_be_visible()
    wait_until_drawn(page)
    page.wait_for_timeout(500)
    sent.clear()
    return page, sent


def plot(page: Page, number: int) -> Locator:
    return page.locator(".plots .plot").nth(number)


def title(page: Page, number: int) -> Locator:
    return plot(page, number).locator(".title")


def value(page: Page, number: int, name: str) -> Locator:
    """Return the value of a curve in the legend of a plot."""
    entry = plot(page, number).locator(".legend button").filter(has_text=re.compile(rf"^{re.escape(name)}"))
    return entry.locator("b")


def drag(page: Page, number: int, start: float, end: float) -> None:
    """Hold the plot at one share of its width and drag to another; the button stays down."""
    box = plot(page, number).locator(".stage").bounding_box()
    left, width = box["x"] + 46, box["width"] - 60
    page.mouse.move(left + start * width, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(left + end * width, box["y"] + box["height"] / 2, steps=20)


def test_a_drag_over_the_errors_changes_the_fit_at_once_and_moves_nothing(open_page):
    page, sent = opened(open_page, "foundations?view=bias_variance")
    expect(title(page, 0)).to_have_text("Degree 5: lowest validation error")
    boxes = [page.locator(selector).bounding_box() for selector in (".plots", ".sliders", ".verdict")]
    drag(page, 1, 0.4, 0.99)
    expect(title(page, 0)).to_have_text("Degree 15 overfits")
    expect(page.locator(".sliders output").first).to_have_text("15")
    assert value(page, 1, "test").inner_text() == "0.85"
    assert not sent
    page.mouse.up()
    expect(page.get_by_text("degree 15:")).to_be_visible()  # below, by the server
    page.keyboard.press("Tab")
    slider = page.get_by_role("slider", name="Degree", exact=True)
    slider.focus()
    for _press in range(14):
        page.keyboard.press("ArrowLeft")
    expect(title(page, 0)).to_have_text("Degree 1 underfits")
    expect(page.get_by_text("degree 1:")).to_be_visible()
    assert [page.locator(selector).bounding_box() for selector in (".plots", ".sliders", ".verdict")] == boxes
    plot(page, 1).locator("svg").first.focus()
    page.keyboard.press("ArrowRight")
    expect(title(page, 0)).to_have_text("Degree 2 underfits")


def test_another_data_set_has_another_fit_and_the_legend_isolates_a_curve(open_page):
    page, _sent = opened(open_page, "foundations?view=bias_variance")
    thick = plot(page, 0).locator("path[stroke-width='3.5']")
    before = thick.get_attribute("d")
    page.get_by_role("slider", name="Dataset shown").focus()
    page.keyboard.press("ArrowRight")
    expect(thick).not_to_have_attribute("d", before)
    entry = plot(page, 1).get_by_role("button", name="training")
    entry.click()
    expect(entry).to_have_attribute("aria-pressed", "true")
    expect(plot(page, 1).locator("path[opacity='0.12']")).to_have_count(2)
    entry.click()
    expect(plot(page, 1).locator("path[opacity='0.12']")).to_have_count(0)


def test_a_setting_solves_the_polynomials_and_keeps_the_degree(open_page):
    page, _sent = opened(open_page, "foundations?view=bias_variance")
    drag(page, 1, 0.4, 0.99)
    page.mouse.up()
    noise = page.get_by_test_id("stSlider").filter(has_text="Noise level").get_by_role("slider")
    noise.focus()
    page.keyboard.press("Home")
    expect(page.locator(".verdict")).to_contain_text("(noise variance: 0)")
    expect(page.locator(".sliders output").first).to_have_text("15")
    expect(page).to_have_url(re.compile("noise=0"))
    expect(page.get_by_role("button", name="Train", exact=True)).to_have_count(0)


def test_the_fits_of_networks_follow_the_playhead_without_a_message(open_page):
    page, sent = opened(open_page, "foundations?view=bias_variance&preset=networks")
    expect(progress(page)).to_contain_text("Recording of")
    page.wait_for_timeout(1500)
    sent.clear()
    page.get_by_role("slider", name="Displayed update").focus()
    page.keyboard.press("Home")
    expect(title(page, 0)).to_contain_text("at update 0")
    expect(page.locator(".verdict")).to_contain_text("Not trained yet")
    page.keyboard.press("End")
    expect(title(page, 0)).to_have_text("Width 8: lowest validation error")
    assert not sent


def test_the_input_of_an_activation_is_dragged_and_goes_through_the_chain(open_page):
    page, sent = opened(open_page, "foundations?view=activations")
    expect(value(page, 0, "Sigmoid")).to_have_text("0.731")
    expect(value(page, 1, "gradient at the input")).to_have_text("2.8e-7")
    drag(page, 0, 0.6, 0.999)
    expect(title(page, 0)).to_have_text("Sigmoid at x = 6")
    expect(value(page, 0, "Sigmoid")).to_have_text("0.998")
    expect(plot(page, 0).locator(".note")).to_contain_text("Small derivative")
    expect(value(page, 1, "gradient at the input")).not_to_have_text("2.8e-7")
    assert not sent
    page.mouse.up()
    page.get_by_test_id("stButtonGroup").get_by_text("ReLU", exact=True).click()
    expect(title(page, 0)).to_have_text("ReLU at x = 6")
    page.get_by_role("slider", name="Weight w of all ten layers").focus()
    for _press in range(10):
        page.keyboard.press("ArrowRight")
    expect(value(page, 1, "gradient at the input")).to_have_text("1,024")
    expect(plot(page, 1).locator(".note")).to_contain_text("Exploding")
    plot(page, 0).locator("svg").first.focus()
    page.keyboard.press("ArrowLeft")
    expect(title(page, 0)).to_have_text("ReLU at x = 5.95")
    expect(value(page, 1, "gradient at the input")).to_have_text("1,024")


def test_a_prediction_is_dragged_and_its_losses_are_read(open_page):
    page, sent = opened(open_page, "foundations?view=losses")
    assert [value(page, 0, name).inner_text() for name in ("MSE", "Huber", "MAE", "RMSE")] == ["4", "1.5", "2", "2"]
    drag(page, 1, 0.6, 0.75)
    expect(value(page, 0, "MSE")).to_have_text("9")
    expect(value(page, 1, "MSE")).to_have_text("6")
    expect(value(page, 1, "Huber")).to_have_text("1")
    assert not sent
    page.mouse.up()
    page.get_by_role("slider", name="δ of the Huber loss").focus()
    page.keyboard.press("End")
    expect(value(page, 1, "Huber")).to_have_text("3")
    page.get_by_test_id("stButtonGroup").get_by_text("Classification", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("Confidently wrong")
    page.get_by_role("slider", name="Probability of the correct class").first.focus()
    page.keyboard.press("End")
    expect(page.locator(".verdict")).to_contain_text("Confidently correct")


def test_on_a_phone_the_plots_stand_above_the_sheet_with_their_sliders(open_page):
    page, _sent = opened(open_page, "foundations?view=activations", width=400)
    page.set_viewport_size({"width": 400, "height": 850})
    click(page, "Settings")
    sheet = page.get_by_test_id("stSidebar")
    wait_for(lambda: sheet.bounding_box()["height"] > 200)
    for number in (0, 1):
        box = plot(page, number).bounding_box()
        assert box["y"] + box["height"] <= sheet.bounding_box()["y"]
    page.get_by_role("slider", name="Input x").focus()
    page.keyboard.press("Home")
    expect(title(page, 0)).to_have_text("Sigmoid at x = −6")
