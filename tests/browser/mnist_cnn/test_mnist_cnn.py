"""The page "MNIST CNN" in a browser: drawing digits, exploring pixels, training a network."""

import re
from itertools import pairwise

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core.data import datasets
from tests.browser.layout import check_fits, check_names_and_words
from tests.browser.run_panel import (
    BUSY,
    click,
    progress,
    start,
    stop,
    updates,
    wait_for_updates,
    wait_until_drawn,
)

ONE = ((0.5, 0.15), (0.5, 0.85))
ZERO = ((0.5, 0.15), (0.3, 0.3), (0.27, 0.6), (0.4, 0.82), (0.6, 0.82), (0.73, 0.6), (0.7, 0.3), (0.5, 0.15))
TRAIN, LONG = "mnist_cnn?samples=2000&epochs=3", "mnist_cnn?epochs=50"
TABS = {
    "Feature maps": "layer by layer, with the most active feature maps first",
    "Misclassified": "The most confident errors",
    "Robustness": "How much does the accuracy fall",
    "Data": "60,000 training digits",
    "Network": "The compact network is fixed",
    "Lesson": "What the tutorial gets wrong",
    "Code": "The complete training function",
    "Export": "Load a saved network",
}


def pad(page: Page) -> Locator:
    """Return the pad, scrolled to the middle of the screen."""
    canvas = page.locator(".pad canvas")
    canvas.evaluate("canvas => canvas.scrollIntoView({block: 'center'})")
    return canvas


def points(canvas: Locator, stroke: tuple) -> list[tuple[float, float]]:
    box = canvas.bounding_box()
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]


def draw(page: Page, stroke: tuple) -> None:
    (first, *others) = points(pad(page), stroke)
    page.mouse.move(*first)
    page.mouse.down()
    for point in others:
        page.mouse.move(*point, steps=8)
    page.mouse.up()


def answer(page: Page) -> Locator:
    return page.locator(".network-row .prediction")


def note(page: Page) -> Locator:
    """Return the note that describes the input of the network."""
    return page.locator(".network-row .input-note")


def settle(page: Page) -> None:
    """Wait until the recording has played and the page has been drawn for the last time."""
    expect(page.get_by_text("all 10,000 test digits").first).to_be_visible(timeout=BUSY)
    wait_until_drawn(page)


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()
    expect(page.get_by_text(TABS[name]).first).to_be_visible()
    wait_until_drawn(page)


@pytest.fixture(scope="module")
def shared_page(open_shared_page) -> Page:
    """Return the page with the settings of a long run, after its recording has played."""
    page = open_shared_page(LONG)
    settle(page)
    return page


@pytest.fixture
def page(shared_page) -> Page:
    """Return the page with an empty pad."""
    shared_page.get_by_role("tab", name="Feature maps", exact=True).click()
    if shared_page.locator(".pad").get_attribute("data-empty") == "false":
        click(shared_page, "Clear")
    expect(note(shared_page).filter(has_text="test digit, label")).to_be_visible()
    return shared_page


def test_a_drawn_digit_is_classified(page):
    for stroke, digit in ((ONE, 1), (ZERO, 0)):
        draw(page, stroke)
        expect(answer(page)).to_contain_text(f"Prediction {digit} ")
        expect(note(page).filter(has_text="your drawing")).to_be_visible()
        page.get_by_role("button", name="Clear").click()
        expect(note(page).filter(has_text="test digit, label")).to_be_visible()


def test_the_prediction_changes_during_drawing(page):
    expect(note(page).filter(has_text="test digit, label")).to_be_visible()
    (first, *others) = points(pad(page), ZERO)
    page.mouse.move(*first)
    page.mouse.down()
    for point in others[:4]:
        page.mouse.move(*point, steps=8)
    expect(note(page).filter(has_text="your drawing")).to_be_visible()
    unfinished = answer(page).inner_text()
    for point in others[4:]:
        page.mouse.move(*point, steps=8)
    expect(answer(page)).to_contain_text("Prediction 0 ")
    assert answer(page).inner_text() != unfinished
    page.mouse.up()
    page.get_by_role("button", name="Clear").click()
    expect(note(page).filter(has_text="test digit, label")).to_be_visible()


def test_a_drawing_comes_back_after_another_tab(page):
    draw(page, ONE)
    expect(answer(page)).to_contain_text("Prediction 1 ")
    page.get_by_role("tab", name="Misclassified").click()
    expect(page.get_by_text("test digits are misclassified")).to_be_visible()
    page.get_by_role("tab", name="Feature maps").click()
    expect(answer(page)).to_contain_text("Prediction 1 ")
    expect(page.locator(".pad")).to_have_attribute("data-empty", "false")


def test_a_drawing_survives_a_reload(open_page):
    page = open_page("mnist_cnn?tab=feature_maps")
    draw(page, ONE)
    expect(answer(page)).to_contain_text("Prediction 1 ")
    page.reload()
    expect(answer(page)).to_contain_text("Prediction 1 ")
    expect(note(page).filter(has_text="your drawing")).to_be_visible()


def test_a_cell_of_the_confusion_matrix_shows_its_digits(page):
    page.get_by_role("tab", name="Misclassified").click()
    expect(page.get_by_text("The most confident errors")).to_be_visible()
    chart = page.get_by_test_id("stVegaLiteChart").last
    chart.scroll_into_view_if_needed()
    cells = chart.locator("svg.marks")
    expect(cells).to_be_visible()
    wait_until_drawn(page)
    box = cells.bounding_box()
    # The first cell of the diagonal, next to the axes: zeros classified as zeros
    cells.click(position={"x": 60 + (box["width"] - 60) / 20, "y": 25})
    expect(page.get_by_text(re.compile(r"images with label 0"))).to_be_visible()
    page.get_by_role("button", name="Back to the most confident errors").click()
    expect(page.get_by_text("The most confident errors", exact=True)).to_be_visible()


def test_a_pixel_is_explained(page):
    page.locator(".layer[data-layer=conv1] button").first.click()
    output = page.locator(".convolution .output canvas")
    expect(page.locator(".convolution .readout")).not_to_be_empty()
    box = output.bounding_box()

    def terms() -> list[float]:
        texts = (page.locator(f".convolution .{term} strong").inner_text() for term in ("sum", "bias", "pixel"))
        return [float(text.strip("()").replace("−", "-")) for text in texts]

    told = set()
    for row, column in ((3, 6), (7, 7), (10, 5)):
        place = {"x": (column + 0.5) * box["width"] / 14, "y": (row + 0.5) * box["height"] / 14}
        output.click(position=place)
        expect(page.locator(".convolution .readout")).to_contain_text(f"row {row + 1}, column {column + 1}")
        total, bias, before = terms()
        assert total + bias == pytest.approx(before, abs=0.02)
        told.add(page.locator(".convolution .readout").inner_text())
    assert len(told) == 3
    output.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".convolution .readout")).to_contain_text("row 11, column 7")
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-detail")).to_have_count(0)
    expect(page.locator(".layer[data-layer=conv1] button").first).to_be_focused()


def test_the_replay_shows_the_network_as_it_was(page):
    network, slider = page.locator(".network-row .network"), page.locator(".scrubber input")
    expect(network).to_contain_text("Prediction by the trained network (update 470)")
    slider.focus()
    page.keyboard.press("Home")
    expect(network).to_contain_text("Prediction by the untrained network")
    untrained = answer(page).inner_text()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(network).to_contain_text("the network at update")
    page.keyboard.press("End")
    expect(network).to_contain_text("Prediction by the trained network (update 470)")
    assert answer(page).inner_text() != untrained


def test_the_whole_network_fits_a_small_window(page):
    row = page.locator(".network-row")
    page.set_viewport_size({"width": 1024, "height": 768})
    expect(row).to_have_class(re.compile("compact"))
    expect(row).to_have_attribute("data-more", "false")  # no layer is out of sight
    expect(page.locator(".layer")).to_have_count(10)
    bars = [bar.bounding_box() for bar in page.locator(".network-row .bar").all()]
    assert len(bars) == 10
    assert all(left["x"] + left["width"] <= right["x"] and left["y"] == right["y"] for left, right in pairwise(bars))
    page.set_viewport_size({"width": 1440, "height": 1000})
    expect(row).not_to_have_class(re.compile("compact"))


def test_a_network_predicts_while_it_trains(page):
    start(page)
    wait_for_updates(page, 60)
    draw(page, ONE)
    expect(answer(page)).to_contain_text("Prediction 1 ")
    expect(page.locator(".network-row .network")).to_contain_text("the network at update")
    assert "Training" in progress(page).inner_text()
    before = updates(page)
    wait_for_updates(page, before)
    stop(page)


def test_an_uploaded_digit_is_classified(page, tmp_path):
    data = datasets.load("mnist", "test")
    Image.fromarray(255 - data.images[0].numpy()).resize((280, 280)).save(tmp_path / "seven.png")
    click(page, "Photo")
    page.locator("input[type=file]").set_input_files(tmp_path / "seven.png")
    expect(answer(page)).to_contain_text("Prediction 7 ")
    expect(note(page).filter(has_text="your photo")).to_be_visible()
    (tmp_path / "text.png").write_text("This is not an image")
    page.locator("input[type=file]").set_input_files(tmp_path / "text.png")
    expect(page.get_by_test_id("stAlert").get_by_text("This is not an image. Supported formats")).to_be_visible()
    expect(note(page)).to_contain_text("No prediction. This is not an image.")
    page.get_by_test_id("stFileChipDeleteBtn").get_by_role("button").click()
    page.keyboard.press("Escape")
    expect(note(page).filter(has_text="test digit, label")).to_be_visible()


def test_batch_norm_is_explained_and_a_network_is_exported_and_loaded_again(open_page, page, tmp_path):
    source = open_page("mnist_cnn?preset=best")
    settle(source)
    check_the_equation_of_a_batch_norm(source)
    open_tab(source, "Feature maps")
    source.get_by_role("combobox", name="Preset").click()
    source.get_by_role("option", name="Overfits (500 digits)").click()
    expect(
        source.get_by_text(re.compile(r"Predictions by the network of the recording: accuracy 90\.\d\d%"))
    ).to_be_visible()
    wait_until_drawn(source)
    said = answer(source).inner_text()
    open_tab(source, "Export")
    with source.expect_download() as download:
        click(source, "Network with model card (safetensors)")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.suffix == ".safetensors"
    expect(answer(page)).not_to_have_text(said)
    open_tab(page, "Export")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("The other tabs now use the network from your file")).to_be_visible()
    open_tab(page, "Feature maps")
    expect(page.get_by_text(re.compile("Predictions by the network from your file: accuracy 90"))).to_be_visible()
    expect(answer(page)).to_have_text(said)


def check_the_equation_of_a_batch_norm(page: Page) -> None:
    """Check the numbers of a pixel that a batch norm has scaled and shifted."""
    page.locator(".layer[data-layer=norm1] button").first.click()
    number = r"(−?[\d.]+)"
    equation = re.compile(rf"{number} × {number} ([+−] [\d.]+) ≈ {number}")
    shown = page.locator(".window-value").get_by_text(equation).first
    factor, before, shift, after = (
        float(value.replace("−", "-").replace(" ", "")) for value in equation.search(shown.inner_text()).groups()
    )
    assert after == pytest.approx(factor * before + shift, abs=0.01 * (1 + abs(factor * before)))
    page.keyboard.press("Escape")


@pytest.fixture(scope="module")
def phone(open_shared_page) -> Page:
    """Return the page on a narrow screen with the settings of a short run, after its recording has played."""
    page = open_shared_page(TRAIN, width=400)
    settle(page)
    return page


def test_a_finger_draws_and_the_page_stays_where_it_is(phone):
    fingers = phone.context.new_cdp_session(phone)
    fingers.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    canvas = pad(phone)
    expect(phone.locator(".pad")).to_have_attribute("data-empty", "true")
    place = canvas.bounding_box()

    def touch(kind: str, *touched: tuple[float, float]) -> None:
        places = [dict(zip("xy", point, strict=True)) for point in points(canvas, touched)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", ONE[0])
    for step in range(1, 11):
        touch("touchMove", (0.5, 0.15 + 0.07 * step))
    expect(answer(phone)).to_contain_text("1 ")
    assert canvas.bounding_box() == place
    touch("touchEnd")
    expect(note(phone).filter(has_text="your drawing")).to_be_visible()
    assert canvas.bounding_box() == place
    fingers.send("Emulation.setTouchEmulationEnabled", {"enabled": False})


def test_every_tab_fits_a_phone(phone):
    check_names_and_words(phone, n_charts=2)
    for tab in TABS:
        open_tab(phone, tab)
        expect(phone.get_by_test_id("stSpinner")).to_have_count(0)
        phone.wait_for_function(
            """[...document.querySelectorAll('[data-testid=stVegaLiteChart]')].every(
            chart => !chart.offsetParent || chart.querySelector('canvas, svg'))""",
            polling=250,
        )
        check_fits(phone)


def test_a_network_trains_and_is_evaluated(phone):
    open_tab(phone, "Feature maps")
    click(phone, "Train")
    expect(progress(phone)).to_contain_text("Done · 24 updates", timeout=BUSY)
    expect(phone.get_by_text("Predictions by the trained network")).to_be_visible()
    expect(phone.get_by_role("table").first.get_by_role("row")).to_have_count(4)
    assert "run=" in phone.url
    phone.reload()
    expect(progress(phone)).to_contain_text("Done · 24 updates")
