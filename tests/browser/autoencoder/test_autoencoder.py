"""The page "Autoencoder" as people use it: the noise is moved, a network trains, the latent space is clicked."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.layout import check_a_point_shows_its_image, check_names_and_words, check_tabs_fit
from tests.browser.run_panel import BUSY, click, progress, wait_until_drawn

TWO_NUMBERS = "autoencoder?network=linear&code=2&samples=2000&epochs=8"

RECONSTRUCTED = "[class*='_newest'] img[alt^='12 test images: Reconstructed']"
REMEMBER = f"""() => {{
    window.seen = new Set()
    const look = () => document.querySelectorAll("{RECONSTRUCTED}").forEach(picture => window.seen.add(picture.src))
    new MutationObserver(look).observe(document.body, {{subtree: true, childList: true, attributeFilter: ["src"]}})
}}"""


def row(page: Page, label: str) -> Locator:
    """The pictures of a row."""
    return page.locator(f"[class*='_newest'] img[alt^='12 test images: {label}']")


def verdict(page: Page) -> Locator:
    return page.get_by_text("than the best classical filter")


def settle(page: Page) -> None:
    """Wait until the recording has played, or the training has ended, and nothing is drawn any more."""
    expect(verdict(page)).to_be_visible(timeout=BUSY)
    wait_until_drawn(page)


def move_noise(page: Page) -> None:
    """Move the noise of the test one step down from that of the training, and wait for the pictures."""
    slider = page.get_by_role("slider", name="Noise level (σ), test")
    before = {label: row(page, label).get_attribute("src") for label in ("Reconstructed", "Corrupted")}
    slider.focus()
    page.keyboard.press("ArrowLeft")
    for label, picture in before.items():
        expect(row(page, label)).not_to_have_attribute("src", picture)
    expect(slider).to_have_attribute("aria-valuetext", "0.45")


def test_the_slider_and_training_change_the_reconstruction_and_the_latent_space_is_decoded(open_page):
    page = open_page(TWO_NUMBERS)
    settle(page)
    told = verdict(page).inner_text()
    move_noise(page)
    expect(verdict(page)).not_to_have_text(told)

    recorded = row(page, "Reconstructed").get_attribute("src")
    page.evaluate(REMEMBER)
    click(page, "Train")
    expect(progress(page)).to_contain_text("Training")
    expect(progress(page)).to_contain_text("Done", timeout=BUSY)
    settle(page)
    expect(row(page, "Reconstructed")).to_have_count(1)
    live = set(page.evaluate("[...window.seen]")) - {recorded, row(page, "Reconstructed").get_attribute("src")}
    assert len(live) >= 3
    move_noise(page)

    page.get_by_role("tab", name="Latent space").click()
    drawn = page.locator("img[alt^='What the decoder draws']")
    before = drawn.get_attribute("src")
    plane = page.get_by_label("The codes of 1,000 test pictures as points in a plane, coloured by class", exact=True)
    check_a_point_shows_its_image(page, plane)
    box = plane.bounding_box()
    plane.click(position={"x": 0.8 * box["width"], "y": 0.2 * box["height"]})
    expect(drawn).not_to_have_attribute("src", before)


def test_a_slow_phone_keeps_what_is_done_to_the_pictures_and_all_tabs_fit_it(open_page):
    page = open_page("_stcore/health", width=400)
    settle_elsewhere = open_page("autoencoder")
    settle(settle_elsewhere)  # the server has loaded what it needs, and is quick
    settle_elsewhere.close()
    developer = page.context.new_cdp_session(page)
    developer.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(page.url.replace("_stcore/health", "autoencoder"))
    expect(progress(page)).to_contain_text("update 938 of 938", timeout=BUSY)
    settle(page)
    click(page, "Settings")
    move_noise(page)  # what a browser has lost reaches the server now
    click(page, "Settings")
    settle(page)
    expect(page.get_by_text("The test images are not corrupted")).to_have_count(0)

    developer.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    check_names_and_words(page)
    check_tabs_fit(
        page,
        ("Robustness", "the network does harm", 5),
        ("Latent space", "Back to the picture's own code", 4),
        ("Your own image", "Draw new random numbers", 3),
        ("Networks", "What runs: the network", 3),
    )
