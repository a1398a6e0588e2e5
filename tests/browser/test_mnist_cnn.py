"""The page "MNIST CNN" as people use it: digits that are drawn, pixels that are pointed at, a network that trains."""

import re

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core import datasets
from tests.browser.test_live import click, progress, updates, wait_for_updates

ONE = ((0.5, 0.15), (0.5, 0.85))
ZERO = ((0.5, 0.15), (0.3, 0.3), (0.27, 0.6), (0.4, 0.82), (0.6, 0.82), (0.73, 0.6), (0.7, 0.3), (0.5, 0.15))
TRAIN = "mnist_cnn?samples=2000&epochs=3"


def pad(page: Page) -> Locator:
    canvas = page.locator(".pad canvas")
    canvas.scroll_into_view_if_needed(timeout=60_000)
    page.wait_for_timeout(300)
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
    return page.get_by_text(re.compile(r"The network says \d"))


def settle(page: Page) -> None:
    """Wait until the recording has played: then the page is drawn once more, and is at rest."""
    expect(page.get_by_text("of 10,000 new digits right")).to_be_visible(timeout=30_000)
    page.wait_for_timeout(500)


@pytest.mark.parametrize(("stroke", "digit"), [(ONE, 1), (ZERO, 0)])
def test_a_drawn_digit_is_read(open_page, stroke, digit):
    page = open_page("mnist_cnn")
    settle(page)
    draw(page, stroke)
    expect(page.get_by_text(f"The network says {digit}")).to_be_visible()
    expect(page.get_by_text("your drawing, centred and scaled as MNIST was")).to_be_visible()


def test_the_answer_changes_while_one_draws(open_page):
    page = open_page("mnist_cnn")
    settle(page)
    expect(page.get_by_text("28 × 28 pixels: a digit of the test set")).to_be_visible()
    (first, *others) = points(pad(page), ZERO)
    page.mouse.move(*first)
    page.mouse.down()
    for point in others[:4]:
        page.mouse.move(*point, steps=8)
    expect(page.get_by_text("your drawing, centred and scaled as MNIST was")).to_be_visible()
    unfinished = answer(page).inner_text()
    for point in others[4:]:
        page.mouse.move(*point, steps=8)
    expect(page.get_by_text("The network says 0")).to_be_visible()
    assert answer(page).inner_text() != unfinished
    page.mouse.up()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("28 × 28 pixels: a digit of the test set")).to_be_visible()


def test_a_drawing_comes_back_after_another_tab(open_page):
    page = open_page("mnist_cnn")
    settle(page)
    draw(page, ONE)
    expect(page.get_by_text("The network says 1")).to_be_visible()
    page.get_by_role("tab", name="Mistakes").click()
    expect(page.get_by_text("test digits are read wrong")).to_be_visible()
    page.get_by_role("tab", name="Draw a digit").click()
    expect(page.get_by_text("The network says 1")).to_be_visible()
    expect(page.locator(".pad")).to_have_attribute("data-empty", "false")


def test_an_uploaded_digit_is_read(open_page, tmp_path):
    data = datasets.load("mnist", "test")
    Image.fromarray(255 - data.images[0].numpy()).resize((280, 280)).save(tmp_path / "seven.png")
    page = open_page("mnist_cnn")
    settle(page)
    page.locator("input[type=file]").set_input_files(tmp_path / "seven.png")
    expect(page.get_by_text("The network says 7")).to_be_visible()
    expect(page.get_by_text("your picture, as the network gets it")).to_be_visible()
    (tmp_path / "text.png").write_text("This is no picture")
    page.locator("input[type=file]").set_input_files(tmp_path / "text.png")
    expect(page.get_by_text("This is no picture. PNG, JPEG")).to_be_visible()


def test_a_pixel_has_its_origin(open_page):
    page = open_page("mnist_cnn")
    settle(page)
    page.get_by_role("tab", name="The network").click()
    output = page.locator(".convolution .output canvas")
    expect(page.locator(".convolution .told")).not_to_be_empty()
    box = output.bounding_box()

    def terms() -> list[float]:
        texts = (page.locator(f".convolution .{term} strong").inner_text() for term in ("sum", "bias", "before"))
        return [float(text.replace("−", "-")) for text in texts]

    told = set()
    for row, column in ((3, 6), (7, 7), (10, 5)):
        place = {"x": (column + 0.5) * box["width"] / 14, "y": (row + 0.5) * box["height"] / 14}
        output.click(position=place)
        expect(page.locator(".convolution .told")).to_contain_text(f"row {row + 1}, column {column + 1}")
        total, bias, before = terms()
        assert total + bias == pytest.approx(before, abs=0.02)
        told.add(page.locator(".convolution .told").inner_text())
    assert len(told) == 3
    output.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".convolution .told")).to_contain_text("row 11, column 7")


def test_a_pixel_behind_batch_norm_has_its_equation(open_page):
    page = open_page("mnist_cnn?preset=best")
    settle(page)
    page.get_by_role("tab", name="The network").click()
    told = page.locator(".convolution .told")
    number = r"(−?[\d.]+)"
    equation = re.compile(rf"row \d+, column \d+: {number} = ReLU\({number} × {number} \+ {number}\)")
    expect(told).to_have_text(equation)
    after, factor, before, shift = (
        float(value.replace("−", "-")) for value in equation.match(told.inner_text()).groups()
    )
    assert after == pytest.approx(max(0, factor * before + shift), abs=0.01 * (1 + abs(factor * before)))
    assert after > 0
    shown = {name: page.locator(f".convolution .{name} strong").inner_text() for name in ("before", "normed", "after")}
    assert [float(value.replace("−", "-")) for value in shown.values()] == [before, after, after]
    expect(page.locator(".convolution .normed small")).to_contain_text("after batch norm")


def test_a_cell_of_the_confusion_matrix_shows_its_digits(open_page):
    page = open_page("mnist_cnn")
    settle(page)
    page.get_by_role("tab", name="Mistakes").click()
    expect(page.get_by_text("The worst mistakes")).to_be_visible()
    chart = page.get_by_test_id("stVegaLiteChart").last
    chart.scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    cells = chart.locator("canvas, svg").first
    box = cells.bounding_box()
    # The first cell of the diagonal is below and beside the axis: a zero read as a zero
    cells.click(position={"x": 60 + (box["width"] - 60) / 20, "y": 25})
    expect(page.get_by_text(re.compile(r"times a 0 was read"))).to_be_visible()
    page.get_by_role("button", name="Back to the worst mistakes").click()
    expect(page.get_by_text("The worst mistakes")).to_be_visible()


def test_a_network_trains_and_is_asked(open_page):
    page = open_page(TRAIN)
    settle(page)
    click(page, "Start")
    expect(progress(page)).to_contain_text(re.compile("Training|Done"))
    wait_for_updates(page, 2)
    before = updates(page)
    draw(page, ONE)  # while it trains, the network that ships answers
    expect(page.get_by_text("The network says 1")).to_be_visible()
    assert before > 0
    expect(progress(page)).to_contain_text("Done · update 48 of 48", timeout=60_000)
    expect(page.get_by_text("Asked is the network trained above")).to_be_visible()
    expect(page.get_by_role("table").first.get_by_role("row")).to_have_count(4)
    assert "run=" in page.url
    page.reload()
    expect(progress(page)).to_contain_text("Done · update 48 of 48")


def test_what_is_changed_in_a_tab_is_known_to_the_whole_page(open_page):
    page = open_page("mnist_cnn?preset=fast")
    settle(page)
    page.get_by_role("tab", name="The network").click()
    padding = page.get_by_role("slider", name="Padding")
    padding.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_disabled()
    expect(page).to_have_url(re.compile("padding=0"))
    padding.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
