"""Takes the pictures of the README: ``python -m tests.browser.screenshots``."""

import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.server import ROOT, Server, chromium

FOLDER = ROOT / "docs" / "screenshots"


def _train(page: Page) -> None:
    """Start a run with nothing changed, and wait for its end."""
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_test_id("stProgress")).to_contain_text("Done", timeout=120_000)


PICTURES = {
    "home": ("", lambda page: page.wait_for_timeout(6000)),
    "manual_mlp": ("manual_mlp", _train),
    "optimizers": ("optimizers", lambda page: page.wait_for_timeout(6000)),
    "race": ("optimizers?view=race", _train),
    "mnist_cnn": ("mnist_cnn", _train),
}


def main() -> None:
    """Take a picture of every page, light and dark."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as runs, Server(runs=Path(runs)) as server, chromium() as browser:
        for scheme in ("light", "dark"):
            for name, (address, prepare) in PICTURES.items():
                page = browser.new_page(viewport={"width": 1440, "height": 1000}, color_scheme=scheme)
                page.goto(f"{server.url}/{address}")
                expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
                prepare(page)
                page.mouse.move(5, 5)
                page.wait_for_timeout(1000)
                page.screenshot(path=FOLDER / f"{name}_{scheme}.png")
                page.close()


if __name__ == "__main__":
    main()
