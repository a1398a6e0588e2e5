"""Interaction with the pages in Chromium: frame rate during drags, and response time of sliders."""

import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from benchmarks.machine import machine_speed
from benchmarks.report import Figure
from tests.browser.run_panel import click, wait_until_drawn
from tests.browser.server import Server, chromium

REST = 10.0  # seconds from the start of a server to the first page
SECONDS = 3.0  # duration of a drag
MOVES = 60  # pointer moves per second
TIMES = 8  # number of moves of each slider


@dataclass(frozen=True)
class Drag:
    """A drag of an element from one point to another and back.

    ``address`` is the path of the page, and ``element`` is a CSS selector. ``begin`` and ``end`` are points, as
    fractions of the element's width and height.
    """

    name: str
    address: str
    element: str
    begin: tuple[float, float] = (0.2, 0.5)
    end: tuple[float, float] = (0.8, 0.5)
    answer: str = ""
    """CSS selector of an element that the server changes during the drag, or "" if there is none."""
    within: float = 0.15
    """Goal for the seconds from the browser's message to the server to the change of that element."""
    follows: str = ""
    """CSS selector of an element whose data attributes the browser changes without the server, or ""."""


@dataclass(frozen=True)
class Slider:
    """A slider, and the element that the server draws again when the slider moves.

    ``address`` is the path of the page. ``slider`` and ``picture`` are CSS selectors.
    """

    name: str
    address: str
    slider: str
    picture: str


_START = ((0.5, 0.5), (14.0, -8.0))  # drag of the start marker, which is small
_LOSSES = ".landscape [aria-pressed=true] .loss"
DRAGS = (
    Drag("welcome: across the spiral", "", "canvas[aria-label*='spirals']"),
    Drag("playground: noise", "foundations", ".noise input"),
    Drag("activations: weight", "foundations?view=activations", ".sliders input >> nth=0"),
    Drag("losses: prediction", "foundations?view=losses", ".sliders input >> nth=0"),
    Drag("network from scratch: scrubber", "manual_mlp", ".scrubber input"),
    Drag("loss surface: start", "optimizers", ".landscape .start", *_START, answer=_LOSSES, within=0.1),
    Drag("race: scrubber", "optimizers?view=optimizer_race", ".scrubber input"),
    Drag("MNIST CNN: scrubber", "mnist_cnn", ".scrubber input"),
    Drag("MNIST CNN: drawing", "mnist_cnn", ".pad canvas", (0.3, 0.3), (0.7, 0.7), answer=".network-row .classes"),
    Drag("autoencoder: scrubber", "autoencoder", ".scrubber input"),
    Drag("autoencoder: test noise", "autoencoder", ".sliders input", follows=".rows"),
    Drag(
        "autoencoder: latent space",
        "autoencoder?tab=latent_space",
        ".image-plane .plane",
        (0.3, 0.3),
        (0.7, 0.7),
        follows=".image-plane",
    ),
    Drag("transfer learning: scrubber", "transfer_learning", ".scrubber input"),
)
SLIDERS = (
    Slider("loss surface: learning rate", "optimizers", "input[aria-label^='Learning-rate multiplier']", _LOSSES),
)

# Record the milliseconds between frames
_COUNT_FRAMES = """() => {
    window.frames_ = [];
    let before = null;
    const count = (now) => {
        if (before !== null) window.frames_.push(now - before);
        before = now;
        window.counting = requestAnimationFrame(count);
    };
    window.counting = requestAnimationFrame(count);
}"""
_FRAMES = "() => { cancelAnimationFrame(window.counting); return window.frames_; }"
# Record the milliseconds from the browser's message to a change in an element or its image
_WATCH = """(element) => {
    window.answers = [];
    let sent = null;
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (...data) {
        sent ??= performance.now();
        return send.apply(this, data);
    };
    const watched = { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["src"] };
    new MutationObserver(() => {
        if (sent !== null) window.answers.push(performance.now() - sent);
        sent = null;
    }).observe(element, watched);
}"""
# Record the milliseconds from an input event to the frame that shows the change in an element
_WATCH_INPUT = """([follower, element]) => {
    window.changes = [];
    let began = null;
    const kind = element.tagName === "INPUT" ? "input" : "pointermove";
    element.addEventListener(kind, () => (began ??= performance.now()), { capture: true });
    new MutationObserver(() => {
        const since = began;
        began = null;
        if (since !== null) requestAnimationFrame(() => window.changes.push(performance.now() - since));
    }).observe(follower, { attributes: true, attributeFilter: ["data-place", "data-position"] });
}"""


def measure() -> Iterator[Figure]:
    """Yield the speed of the machine, then all results of `figures`."""
    yield machine_speed()
    yield from figures()


def figures() -> Iterator[Figure]:
    """Run all measurements in Chromium, and yield the result of each as a `Figure`. All pages share one server."""
    with tempfile.TemporaryDirectory() as runs, Server(runs=Path(runs)) as server, chromium() as browser:
        time.sleep(REST)
        for drag in DRAGS:
            page = _open(browser.new_page(), f"{server.url}/{drag.address}")
            yield from _drag(page, drag)
            page.close()
        for slider in SLIDERS:
            page = _open(browser.new_page(), f"{server.url}/{slider.address}")
            yield from _slide(page, slider)
            page.close()
        page = _open(browser.new_page(), f"{server.url}/foundations")
        yield Figure("playground: from Train to 95% accuracy on the circle", [_solve_circle(page)], "s", at_most=3)


def _open(page: Page, address: str) -> Page:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(address)
    wait_until_drawn(page)
    page.wait_for_timeout(2500)  # recordings start to play automatically
    return page


def _drag(page: Page, drag: Drag) -> Iterator[Figure]:
    element = page.locator(drag.element)
    element.wait_for()
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (drag.begin, drag.end)]
    if drag.answer:
        page.locator(drag.answer).first.evaluate(_WATCH)
    if drag.follows:
        handles = [page.locator(selector).first.element_handle() for selector in (drag.follows, drag.element)]
        page.evaluate(_WATCH_INPUT, handles)
    page.mouse.move(*places[0])
    page.mouse.down()
    page.evaluate(_COUNT_FRAMES)
    began, n_moves = time.monotonic(), 0
    while (seconds := time.monotonic() - began) < SECONDS:
        share = 1 - abs(1 - (2 * seconds / SECONDS) % 2)  # there and back
        page.mouse.move(*(start + share * (end - start) for start, end in zip(*places, strict=True)))
        n_moves += 1
        time.sleep(max(0, n_moves / MOVES - (time.monotonic() - began)))
    frames = [milliseconds / 1000 for milliseconds in page.evaluate(_FRAMES) if milliseconds]
    page.mouse.up()
    yield Figure(f"{drag.name}: frames per second", [1 / seconds for seconds in frames], at_least=30)
    yield Figure(f"{drag.name}: time of a frame, 95%", frames, "s", quantile=0.95, at_most=0.05)
    if drag.answer:
        answers = [milliseconds / 1000 for milliseconds in page.evaluate("window.answers")]
        yield Figure(f"{drag.name}: response of the server", answers, "s", at_most=drag.within)
    if drag.follows:
        changes = [milliseconds / 1000 for milliseconds in page.evaluate("window.changes")]
        yield Figure(f"{drag.name}: from input to changed image, 95%", changes, "s", quantile=0.95, at_most=0.1)


def _slide(page: Page, slider: Slider) -> Iterator[Figure]:
    page.locator(slider.picture).first.evaluate(_WATCH)
    page.locator(slider.slider).first.focus()
    for number in range(TIMES):
        page.keyboard.press("ArrowLeft" if number % 2 else "ArrowRight")
        page.wait_for_function("number => window.answers.length > number", arg=number)
        page.wait_for_timeout(500)
    answers = [milliseconds / 1000 for milliseconds in page.evaluate("window.answers")]
    yield Figure(f"{slider.name}: response of the server", answers, "s", at_most=0.15)


def _solve_circle(page: Page) -> float:
    """Return the seconds from Train to a displayed test accuracy of 95%."""
    began = time.monotonic()
    click(page, "Train")
    expect(page.locator('[data-line="test"] .accuracy')).to_have_text(re.compile(r"^accuracy (9[5-9]|100)%"))
    return time.monotonic() - began
