"""The page "Autoencoder" as people use it: the noise is moved, a network trains, the latent space is clicked."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.test_live import click, progress, wait_for_updates

TRAIN = "autoencoder?data=fashion_mnist&epochs=3"


def row(page: Page, label: str) -> Locator:
    """The pictures of a row."""
    return page.locator(f"img[alt^='12 test pictures: {label}']")


def settle(page: Page) -> None:
    """Wait until the recording has played."""
    expect(page.get_by_text("than the best classical filter")).to_be_visible(timeout=60_000)
    page.wait_for_timeout(500)


def test_the_slider_changes_the_reconstruction(open_page):
    page = open_page("autoencoder")
    settle(page)
    restored, noisy = (row(page, label).get_attribute("src") for label in ("Restored", "Noisy"))
    told = page.get_by_text("than the best classical filter").inner_text()
    slider = page.get_by_role("slider", name="Noise level (σ), test")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    for label, before in (("Restored", restored), ("Noisy", noisy)):
        expect(row(page, label)).not_to_have_attribute("src", before)
    expect(page.get_by_text("than the best classical filter")).not_to_have_text(told)
    assert slider.get_attribute("aria-valuetext") == "0.45"


def test_a_slow_browser_keeps_what_is_done_to_the_pictures(open_page):
    settle(open_page("autoencoder"))  # the server has loaded what it needs, and is quick
    page = open_page("_stcore/health", width=400)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 8})
    page.goto(page.url.replace("_stcore/health", "autoencoder"))
    expect(progress(page)).to_contain_text("update 938 of 938", timeout=60_000)
    settle(page)
    page.wait_for_timeout(5000)  # what a browser has lost would reach the server now
    expect(page.get_by_text("than the best classical filter")).to_be_visible()
    expect(page.get_by_text("Nothing is done to the pictures")).to_have_count(0)
    expect(page.get_by_text("What it would be trained on: Gaussian noise 0.5")).to_be_visible()


def test_training_changes_the_reconstructions_live(open_page):
    page = open_page(TRAIN)
    settle(page)
    click(page, "Start")
    expect(progress(page)).to_contain_text(re.compile("Training"))
    wait_for_updates(page, 5)
    seen = set()
    for _ in range(40):
        if "Done" in progress(page).inner_text():
            break
        if row(page, "Restored").count():
            seen.add(row(page, "Restored").first.get_attribute("src"))
        page.wait_for_timeout(300)
    assert len(seen) >= 3
    expect(progress(page)).to_contain_text("Done", timeout=60_000)
    expect(page.get_by_text("than the best classical filter")).to_be_visible()
    page.wait_for_timeout(1000)
    expect(row(page, "Restored")).to_have_count(1)
    slider = page.get_by_role("slider", name="Noise level (σ), test")
    before = row(page, "Restored").get_attribute("src")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(row(page, "Restored")).not_to_have_attribute("src", before)


def test_the_tabs_fit_a_phone(open_page):
    page = open_page("autoencoder", width=400)
    settle(page)
    for tab in ("Where it fails", "The latent space", "Your own picture", "The networks"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(1500)
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 400, tab
        expect(page.get_by_test_id("stException")).to_have_count(0)
