"""Takes the pictures of the README: ``python -m tests.browser.screenshots [NAME ...]``."""

import io
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from pages.registry import SECTIONS, specs
from tests.browser.run_panel import progress
from tests.browser.server import ROOT, Server, chromium

FOLDER = ROOT / "docs" / "screenshots"


def _train(page: Page) -> None:
    """Start a run with nothing changed, and wait for its end."""
    page.get_by_role("button", name="Train", exact=True).click()
    expect(progress(page)).to_contain_text("Done", timeout=120_000)


def _draw(page: Page) -> None:
    """Draw a three, and let the network classify it."""
    pad = page.locator(".pad canvas")
    _wait(page)
    box = pad.bounding_box()
    strokes = ((0.3, 0.25), (0.5, 0.15), (0.68, 0.3), (0.5, 0.48), (0.7, 0.65), (0.55, 0.85), (0.28, 0.75))
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in strokes]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=10)
    page.mouse.up()
    page.wait_for_timeout(3000)


def _wait(page: Page) -> None:
    """Wait until the recording has played."""
    page.wait_for_timeout(9000)


def _predict(page: Page) -> None:
    """Wait for the prediction of the first test image."""
    expect(page.locator(".image-tester .headline b")).to_be_visible(timeout=120_000)


def _wait_for_digits(page: Page) -> None:
    """Wait until the digits of the first batch are there."""
    expect(page.locator(".program .deal figure")).to_have_count(64, timeout=120_000)
    _wait(page)


def _wait_for_program(page: Page) -> None:
    """Wait until the program of the first case and its curves are there."""
    expect(page.locator(".clinic-program .line")).to_have_count(34, timeout=120_000)
    expect(page.locator(".line-chart .u-wrap > canvas")).to_have_count(3, timeout=120_000)
    _wait(page)


# How a page comes to its picture; the others show their recording
PREPARATIONS = {
    "foundations": _train,
    "mnist_cnn": _draw,
    "own_images": _predict,
    "workflow": _wait_for_digits,
    "clinic": _wait_for_program,
}


def save(screenshot: bytes, file: Path) -> None:
    """Save a screenshot with a palette of 256 colours, about half as large."""
    with Image.open(io.BytesIO(screenshot)) as picture:
        palette = picture.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette.save(file, optimize=True)


def main(names: Sequence[str] = ()) -> None:
    """Take a picture of every page but the welcome page, or of those that are named, light and dark."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as runs, Server(runs=Path(runs)) as server, chromium() as browser:
        for scheme in ("light", "dark"):
            for name in names or [spec.name for spec in specs() if spec.section != SECTIONS[0]]:
                page = browser.new_page()
                page.set_viewport_size({"width": 1440, "height": 900})
                page.emulate_media(color_scheme=scheme)
                page.goto(f"{server.url}/{name}")
                expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
                PREPARATIONS.get(name, _wait)(page)
                page.mouse.move(5, 5)
                page.wait_for_timeout(1000)
                save(page.screenshot(), FOLDER / f"{name}_{scheme}.png")
                page.close()


if __name__ == "__main__":
    main(sys.argv[1:])
