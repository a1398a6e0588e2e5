"""The page "Autoencoder" in a browser: dragging the noise level, training, exploring the latent space."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.layout import check_names_and_words, check_tabs_fit
from tests.browser.run_panel import BUSY, click, progress, wait_until_drawn
from tests.waiting import wait_for

TWO_NUMBERS = "autoencoder?network=linear&code=2&samples=2000&epochs=8"
PIXELS = "canvas => canvas.toDataURL()"


def row(page: Page, label: str) -> Locator:
    """The images of a row."""
    return page.locator(f".rows canvas[aria-label^='12 test images: {label}']")


def pixels(canvas: Locator) -> str:
    return canvas.evaluate(PIXELS)


def verdict(page: Page) -> Locator:
    return page.locator(".rows .headline")


def noise(page: Page) -> Locator:
    return page.get_by_role("slider", name="Noise level (σ)").first


def settle(page: Page) -> None:
    """Wait until the recording or the training has ended and the page is drawn completely."""
    expect(verdict(page)).to_contain_text("The PSNR of the reconstructions is", timeout=BUSY)
    wait_until_drawn(page)


def drag_noise(page: Page) -> None:
    """Drag the noise level down: the images follow before the slider is released, without a message to the server."""
    before = {label: pixels(row(page, label)) for label in ("Corrupted", "Reconstructed", "Clean")}
    box = noise(page).bounding_box()
    middle = box["y"] + box["height"] / 2
    value = float(noise(page).get_attribute("aria-valuetext"))
    address = page.url
    page.mouse.move(box["x"] + value * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.25 * box["width"], middle, steps=5)
    for label in ("Corrupted", "Reconstructed"):
        wait_for(lambda label=label: pixels(row(page, label)) != before[label])
    assert pixels(row(page, "Clean")) == before["Clean"]
    assert page.url == address
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"[?&]noise=0\.2"))


def test_a_drag_moves_the_images_and_training_draws_them_live(open_page):
    page = open_page(TWO_NUMBERS)
    settle(page)
    told = verdict(page).inner_text()
    drag_noise(page)
    expect(verdict(page)).not_to_have_text(told)
    level = noise(page).get_attribute("aria-valuetext")
    page.reload()
    settle(page)
    expect(noise(page)).to_have_attribute("aria-valuetext", level)

    page.evaluate(
        """() => {
        window.seen = new Set();
        const rows = document.querySelector("[data-testid=stBidiComponentRegular] .rows") ?? [...document
            .querySelectorAll("*")].map(e => e.shadowRoot?.querySelector(".rows")).find(Boolean);
        const look = () => window.seen.add(rows.querySelectorAll("canvas")[1].toDataURL());
        new MutationObserver(look).observe(rows.querySelector(".headline"), {childList: true});
    }"""
    )
    click(page, "Train")
    wait_for(lambda: page.evaluate("window.seen.size") >= 3)
    expect(verdict(page)).to_contain_text(re.compile("Update|By PSNR"))

    page.get_by_role("tab", name="Latent space").click()
    plane, decoded = page.locator(".image-plane .plane"), page.locator(".image-plane .from-grid")
    expect(page.locator(".image-plane")).to_have_attribute("data-position", re.compile(r"\d"), timeout=BUSY)
    plane.scroll_into_view_if_needed()
    wait_for(lambda: plane.bounding_box()["height"] > 100)
    before, box = pixels(decoded), plane.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.2 * box["height"], steps=5)
    wait_for(lambda: pixels(decoded) != before)
    page.mouse.up()
    told = plane.get_attribute("aria-valuetext")
    plane.press("ArrowLeft")
    expect(plane).not_to_have_attribute("aria-valuetext", told)

    slider = page.locator(".image-slider input")
    walk = page.locator(".image-slider canvas").first
    expect(walk).to_have_attribute("aria-label", re.compile("50% of the way"))
    before = pixels(walk)
    slider.press("ArrowRight")
    expect(walk).to_have_attribute("aria-label", re.compile("51% of the way"))
    wait_for(lambda: pixels(walk) != before)


def test_a_slow_phone_moves_the_noise_and_all_tabs_fit_it(open_page):
    page = open_page("_stcore/health", width=400)
    settle_elsewhere = open_page("autoencoder")
    settle(settle_elsewhere)  # warm up the server
    settle_elsewhere.close()
    developer = page.context.new_cdp_session(page)
    developer.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(page.url.replace("_stcore/health", "autoencoder"))
    expect(progress(page)).to_contain_text("938 updates", timeout=BUSY)
    settle(page)
    click(page, "Settings")
    noise(page).scroll_into_view_if_needed()
    drag_noise(page)
    click(page, "Settings")
    settle(page)

    developer.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    check_names_and_words(page)
    check_tabs_fit(
        page,
        ("Robustness", "output is worse than the input", 5),
        ("Latent space", "Reset to the image's own code", 3),
        ("Your own image", "Generate new random numbers", 3),
        ("Networks", "How the network is built from the settings", 3),
    )
