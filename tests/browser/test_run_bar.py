"""The run bar of every page: its scrubber moves charts and images in the browser, and nothing else moves."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.run_panel import (
    click,
    progress,
    start,
    stop,
    updates,
    wait_for_updates,
    wait_until_drawn,
)

MOST = 1  # pixels that the run bar and the main view may move
# Notes in every frame where the buttons Step and Reset are, from left
WATCH_BUTTONS = """() => {
    cancelAnimationFrame(window.watching);
    window.places = { Step: new Set(), Reset: new Set() };
    const watch = () => {
        for (const button of document.querySelectorAll(".st-key-run-buttons button")) {
            const name = Object.keys(window.places).find((name) => button.innerText.endsWith(name));
            const { x, width } = button.getBoundingClientRect();
            if (name && width) window.places[name].add(Math.round(x)); // one with a tooltip has a hidden twin
        }
        window.watching = requestAnimationFrame(watch);
    };
    watch();
}"""


def scrubber(page: Page) -> Locator:
    return page.get_by_role("slider", name="Displayed update")


def shown_frames(page: Page) -> list[str]:
    """Return of every group of keyframes the one that is to be seen."""
    return page.evaluate(
        """() => [...document.querySelectorAll('[class*="st-key-frame_"]')]
        .filter(frame => getComputedStyle(frame).visibility === "visible")
        .map(frame => frame.className.match(/st-key-frame_\\S+/)[0])"""
    )


def playhead(page: Page) -> int | None:
    return page.evaluate("window.playgroundPlayhead.step")


def test_a_recording_is_scrubbed_and_replayed_without_a_message_to_the_server(open_page):
    sent = []
    page = open_page("manual_mlp")
    page.on("websocket", lambda socket: socket.on("framesent", lambda message: sent.append(message)))
    page.reload()
    expect(progress(page)).to_contain_text("Recording of")
    wait_until_drawn(page)
    page.wait_for_function("window.playgroundPlayed?.size")  # it plays by itself
    page.wait_for_timeout(1000)
    page.wait_for_function("window.playgroundPlayhead.step === null")
    assert playhead(page) is None
    assert all(frame.endswith("_newest") for frame in shown_frames(page))

    before = len(sent)
    scrubber(page).focus()
    page.keyboard.press("Home")
    assert playhead(page) == 0
    assert all(frame.endswith("_0") for frame in shown_frames(page))
    page.keyboard.press("ArrowRight")
    assert playhead(page) > 0
    page.get_by_role("button", name="Replay", exact=True).click()
    page.wait_for_function("window.playgroundPlayhead.step > 500")
    expect(page.get_by_role("button", name="Replay", exact=True)).to_be_visible()
    assert playhead(page) is None
    assert len(sent) == before


def test_a_run_that_trains_is_scrubbed_while_it_goes_on(open_page):
    page = open_page("manual_mlp?epochs=50")
    start(page)
    wait_for_updates(page, 30)
    page.wait_for_timeout(1000)
    seen = updates(page)
    scrubber(page).fill(str(seen // 2))
    assert 0 < playhead(page) <= seen // 2
    assert not any(frame.endswith("_newest") for frame in shown_frames(page))
    wait_for_updates(page, seen + 10)  # nothing was paused
    assert playhead(page) <= seen // 2  # and the marker stays
    page.get_by_role("button", name="Latest").click()
    assert playhead(page) is None
    scrubber(page).fill("1")
    click(page, "Pause")  # a click acts on the newest update, and shows it
    expect(progress(page)).to_contain_text("Paused")
    page.wait_for_function("window.playgroundPlayhead.step === null")
    stop(page)


def test_nothing_moves_under_the_pointer(open_page):
    page = open_page("manual_mlp?epochs=50")
    expect(progress(page)).to_contain_text("Recording of")
    wait_until_drawn(page)
    page.wait_for_timeout(2000)  # fonts and scripts are there
    before = positions(page)

    def check_after(act: Callable[[], object], text: str | re.Pattern) -> None:
        page.evaluate(WATCH_BUTTONS)
        act()
        expect(progress(page)).to_contain_text(text)
        wait_until_drawn(page)
        moved = {
            name: [round(now - then, 1) for now, then in zip(positions(page)[name], box, strict=True)]
            for name, box in before.items()
        }
        assert all(abs(pixels) <= MOST for box in moved.values() for pixels in box), moved
        places = page.evaluate("[...Object.values(window.places)].map((places) => [...places])")
        assert [len(part) for part in places] == [1, 1], places

    check_after(lambda: click(page, "Train"), "Training")
    check_after(lambda: click(page, "Pause"), "Paused")
    check_after(lambda: click(page, "Step"), "Paused")
    check_after(lambda: click(page, "Continue"), "Training")
    check_after(lambda: click(page, "Reset"), "update 0 of")
    stop(page)


def positions(page: Page) -> dict[str, list[float]]:
    """Return left, top and width of what must not move."""
    places = {"bar": ".st-key-run-bar", "main": ".st-key-main-view", "train": "[data-testid=stBaseButton-primary]"}
    boxes = {name: page.locator(selector).first.bounding_box() for name, selector in places.items()}
    return {name: [box["x"], box["y"], box["width"]] for name, box in boxes.items()}
