"""The page "MNIST CNN" as people use it: a digit that is drawn, one that is uploaded, a training that grows."""

import io
import math
import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core import datasets
from tests.browser.test_live import click, progress, start_long_run, stop, updates, wait_for_updates

LONG = "mnist_cnn?epochs=50"
TABS = ("Mistakes", "What it withstands", "The data", "The network", "Lesson", "The code", "Take it away")

Way = Sequence[tuple[float, float]]

ONE: Way = [(0.5, 0.12 + 0.76 * step / 12) for step in range(13)]
ZERO: Way = [
    (0.5 + 0.22 * math.sin(angle), 0.5 - 0.36 * math.cos(angle))
    for angle in (2 * math.pi * step / 20 for step in range(21))
]


def pad(page: Page) -> Locator:
    """The paper, where all of it can be reached."""
    paper = page.locator(".pad canvas")
    expect(answer(page)).to_be_visible()
    paper.evaluate("paper => paper.scrollIntoView({block: 'center'})")
    return paper


def place(paper: Locator, point: tuple[float, float]) -> tuple[float, float]:
    box = paper.bounding_box()
    return box["x"] + point[0] * box["width"], box["y"] + point[1] * box["height"]


def answer(page: Page) -> Locator:
    return page.get_by_text(re.compile(r"^The network says \d, and is [\d.]+% sure of it$"))


def says(digit: int) -> re.Pattern:
    return re.compile(f"says {digit},")


def origin(page: Page) -> Locator:
    return page.get_by_text(re.compile("^28 × 28 pixels: "))


def draw(page: Page, way: Way, between: Callable[[], None] = lambda: None) -> None:
    """Draw a line with the mouse; ``between`` is called before it is let go."""
    paper = pad(page)
    page.mouse.move(*place(paper, way[0]))
    page.mouse.down()
    for point in way[1:]:
        page.mouse.move(*place(paper, point), steps=3)
    between()
    page.mouse.up()


def pad_button(page: Page, name: str) -> Locator:
    return page.locator(".pad").get_by_role("button", name=name)


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()
    expect(page.get_by_role("tab", name=name, exact=True)).to_have_attribute("aria-selected", "true")


def digits(page: Page) -> Locator:
    """The test digits with the answers of the network that trains."""
    return page.get_by_role("img", name=re.compile(r"60 digits of the test set with the network's answers"))


# ---- Drawing


def test_a_drawn_digit_is_read_while_it_is_drawn(open_page):
    page = open_page("mnist_cnn")
    expect(answer(page)).to_have_text(says(3))

    def read() -> None:
        expect(answer(page)).to_have_text(says(1))
        expect(origin(page)).to_contain_text("your drawing")

    draw(page, ONE, read)
    pad_button(page, "Clear").click()
    expect(origin(page)).to_contain_text("a digit of the test set")

    seen = []
    paper = pad(page)
    page.mouse.move(*place(paper, ZERO[0]))
    page.mouse.down()
    for point in ZERO[1:]:
        page.mouse.move(*place(paper, point), steps=3)
        page.wait_for_timeout(100)
        seen.append(answer(page).inner_text())
    expect(answer(page)).to_have_text(says(0))
    page.mouse.up()
    assert len(set(seen)) >= 3  # the probabilities follow the pen


def test_undo_takes_the_last_line_and_clear_all(open_page):
    page = open_page("mnist_cnn")
    draw(page, ONE)
    expect(answer(page)).to_have_text(says(1))
    alone = answer(page).inner_text()
    for way in ([(0.5, 0.12), (0.15, 0.12)], [(0.15, 0.88), (0.85, 0.88)]):
        draw(page, way)
    expect(answer(page)).not_to_have_text(alone)
    pad_button(page, "Undo").click()
    pad_button(page, "Undo").click()
    expect(answer(page)).to_have_text(alone)
    draw(page, [(0.15, 0.5), (0.85, 0.5)])
    expect(answer(page)).not_to_have_text(alone)
    pad_button(page, "Clear").click()
    expect(origin(page)).to_contain_text("a digit of the test set")
    expect(answer(page)).to_have_text(says(3))


def test_a_finger_draws(open_page):
    page = open_page("mnist_cnn", width=400)
    fingers = page.context.new_cdp_session(page)
    fingers.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    paper = pad(page)
    scrolled = paper.bounding_box()

    def touch(kind: str, *points: tuple[float, float]) -> None:
        places = [dict(zip("xy", place(paper, point), strict=True)) for point in points]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", ONE[0])
    for point in ONE[1:]:
        touch("touchMove", point)
    expect(answer(page)).to_have_text(says(1))
    touch("touchEnd")
    expect(origin(page)).to_contain_text("your drawing")
    assert paper.bounding_box() == scrolled  # the page has not moved below the finger


def test_an_uploaded_picture_is_read(open_page, tmp_path):
    images = datasets.load("mnist", "test").images
    photo = Image.new("L", (300, 400), 225)
    photo.paste(Image.fromarray(225 - (images[0].numpy() * 0.8).astype(np.uint8)).resize((160, 160)), (70, 120))
    files = {"mnist.png": Image.fromarray(images[1].numpy()), "photo.jpg": photo}
    page = open_page("mnist_cnn")
    draw(page, ONE)
    expect(answer(page)).to_have_text(says(1))
    for (name, image), digit, note in zip(files.items(), (2, 7), ("taken as they are", "inverted"), strict=True):
        image.save(tmp_path / name)
        page.locator("input[type=file]").first.set_input_files(tmp_path / name)
        expect(answer(page)).to_have_text(says(digit))
        expect(page.get_by_text(note)).to_be_visible()
        expect(origin(page)).to_contain_text("your picture")
    (tmp_path / "broken.png").write_bytes(io.BytesIO((tmp_path / "mnist.png").read_bytes()).read(90))
    page.locator("input[type=file]").first.set_input_files(tmp_path / "broken.png")
    expect(page.get_by_text("This file is incomplete or damaged")).to_be_visible()
    expect(answer(page)).to_have_text(says(1))
    draw(page, [(0.2, 0.2), (0.8, 0.2)])
    expect(page.get_by_text("This file is incomplete or damaged")).to_have_count(0)
    expect(page.get_by_text("broken.png")).to_have_count(0)


# ---- Looking inside


def test_a_pixel_is_the_sum_of_what_it_comes_from(open_page):
    page = open_page("mnist_cnn")
    open_tab(page, "The network")
    section = page.locator(".convolution")
    expect(section.locator(".told")).to_contain_text("row")
    output = section.locator(".output canvas")
    output.evaluate("output => output.scrollIntoView({block: 'center'})")

    def terms() -> dict[str, float]:
        """The numbers of the pixel on the screen, as they are written."""
        written = {name: section.locator(f".{name} strong").inner_text() for name in ("sum", "bias", "before", "after")}
        return {name: float(value.replace("−", "-")) for name, value in written.items()}

    def point_at_pixels() -> list[dict[str, float]]:
        seen = []
        for row, column in ((4.5, 7.5), (7.5, 9.5), (9.5, 5.5)):
            box = output.bounding_box()
            page.mouse.move(box["x"] + box["width"] * column / 14, box["y"] + box["height"] * row / 14)
            expect(section.locator(".told")).to_contain_text(f"row {row + 0.5:.0f}, column {column + 0.5:.0f}:")
            seen.append(terms())
            assert seen[-1]["sum"] + seen[-1]["bias"] == pytest.approx(seen[-1]["before"], abs=0.0021)
            assert seen[-1]["after"] == max(0, seen[-1]["before"])
        return seen

    first = point_at_pixels()
    assert len({pixel["sum"] for pixel in first}) == 3
    assert len({pixel["bias"] for pixel in first}) == 1
    page.get_by_role("combobox", name=re.compile("Layer")).click()
    page.get_by_role("option", name="conv2").click()
    expect(section.locator(".output .name")).to_have_text("conv2, filter 1")
    output.evaluate("output => output.scrollIntoView({block: 'center'})")
    assert point_at_pixels() != first


def test_a_click_on_a_cell_shows_its_digits(open_page):
    page = open_page("mnist_cnn")
    open_tab(page, "Mistakes")
    expect(page.get_by_text("The worst mistakes")).to_be_visible()
    matrix = page.get_by_test_id("stVegaLiteChart").last.locator("canvas")
    matrix.evaluate("matrix => matrix.scrollIntoView({block: 'center'})")
    box = matrix.bounding_box()
    # Some cell of the diagonal; the hint beside the pointer says which
    page.mouse.move(box["x"] + 0.51 * box["width"], box["y"] + 0.42 * box["height"], steps=4)
    hint = page.locator("#vg-tooltip-element.visible")
    expect(hint).to_contain_text("digits")
    label, count = (re.search(rf"{name}\W+([\d,]+)", hint.inner_text())[1] for name in ("label", "digits"))
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_text(f"{count} times a {label} was read as what it is")).to_be_visible()
    shown = page.get_by_role("img", name=re.compile(f"^Test digits with .*: a {label} read as {label},"))
    expect(shown).to_be_visible()
    click(page, "Back to the worst mistakes")
    expect(page.get_by_text("The worst mistakes")).to_be_visible()
    expect(shown).to_have_count(0)


def test_a_network_is_taken_home_and_asked_again(open_page, tmp_path):
    page = open_page("mnist_cnn?preset=overfit")
    open_tab(page, "Take it away")
    expect(progress(page)).to_contain_text("update 600 of 600")
    with page.expect_download() as download:
        click(page, "Network with its card (safetensors)")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.suffix == ".safetensors"
    other = open_page("mnist_cnn")
    open_tab(other, "Take it away")
    expect(other.get_by_text("Load a network again")).to_be_visible()
    other.locator("input[type=file]").set_input_files(file)
    expect(other.get_by_text("The network of your file is asked in the other tabs")).to_be_visible()
    open_tab(other, "Draw a digit")
    expect(other.get_by_text("Asked is the network of your file: it reads 90.33%")).to_be_visible()


# ---- Training


def test_a_training_grows_on_the_screen(open_page):
    page = open_page("mnist_cnn?samples=10000&epochs=1&batch_size=32")
    expect(digits(page)).to_be_visible()
    click(page, "Start")
    expect(progress(page)).to_contain_text("Training")
    pictures, steps = set(), []
    while "Done" not in progress(page).inner_text():
        steps.append(updates(page))
        pictures.add(digits(page).get_attribute("src"))
        page.wait_for_timeout(100)
    assert steps == sorted(steps)
    assert len(set(steps)) >= 4
    assert len(pictures) >= 3
    expect(progress(page)).to_contain_text("Done · update 313 of 313")
    expect(page.get_by_text(re.compile(r"[\d.]+% of 10,000 new digits right"))).to_be_visible()
    right = int(re.search(r"(\d+) of them right", digits(page).get_attribute("alt"))[1])
    assert right > 50
    expect(page.get_by_role("table").first.get_by_role("row")).to_have_count(2)
    expect(page.get_by_text("Asked is the network trained above")).to_be_visible()


def test_the_pad_answers_while_a_training_runs_and_a_reload_keeps_it(open_page):
    page = open_page(LONG)
    run = start_long_run(page)
    draw(page, ONE)
    expect(answer(page)).to_have_text(says(1))
    click(page, "A test digit")
    expect(origin(page)).to_contain_text("a digit of the test set")
    expect(answer(page)).to_have_text(says(4))
    draw(page, ZERO)
    expect(answer(page)).to_have_text(says(0))
    wait_for_updates(page, updates(page))
    before = updates(page)
    page.reload()
    expect(progress(page)).to_contain_text("Training")
    wait_for_updates(page, before)
    assert run in page.url
    stop(page)


# ---- Every tab


@pytest.mark.parametrize("width", [400, 1440])
def test_every_tab_fits_and_has_words(open_page, width):
    page = open_page("mnist_cnn", width=width)
    expect(answer(page)).to_be_visible()
    for tab in TABS:
        open_tab(page, tab)
        expect(page.get_by_test_id("stSpinner")).to_have_count(0)
        page.wait_for_timeout(700)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        main = page.get_by_test_id("stMain")
        assert main.evaluate("main => main.scrollWidth <= main.clientWidth"), tab
        wordless = main.evaluate(
            """main => [...main.querySelectorAll('button, input, [role=slider], img, [role=img]')]
            .filter(e => e.offsetParent && !(e.alt || e.ariaLabel || e.ariaHidden || e.textContent || e.title
                || e.labels?.length || e.getAttribute('aria-labelledby'))).map(e => e.outerHTML.slice(0, 120))"""
        )
        assert wordless == [], tab
