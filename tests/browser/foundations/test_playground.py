"""The playground in a browser: it follows the playhead, shows its values, and is edited in the main view."""

import itertools
import re

import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import compute_features
from core.topics.playground.model import build_network
from tests.browser.layout import check_fits
from tests.browser.run_panel import (
    BUSY,
    click,
    progress,
    run_in_address,
    stop,
    wait_for_run_in_address,
    wait_until_drawn,
)
from tests.waiting import wait_for

EVERYTHING = "x,y,x2,y2,xy,sin_x,sin_y"
WITHIN = 1  # pixels that the main view and the run bar may move


def playground(page: Page) -> Locator:
    drawn = page.locator(".playground")
    expect(drawn).to_have_attribute("data-step", re.compile(r"\d"), timeout=BUSY)
    return drawn


def trained(page: Page) -> Locator:
    """Train, and return the playground when it displays its newest update."""
    before = run_in_address(page)
    click(page, "Train")
    wait_for_run_in_address(page, before)
    expect(progress(page)).to_have_text(re.compile(r"^Done · [\d,]+ updates"), timeout=BUSY)
    expect(page.locator(".playground .heads > *").first).to_have_attribute("style", re.compile("left: "))
    drawn = playground(page)
    expect(drawn).to_have_attribute("data-playing", "false", timeout=BUSY)
    return drawn


def point(page: Page, x: float, y: float) -> tuple[float, float, float]:
    """Point at a position in the plane; return its x, y, and output with all digits."""
    plane = playground(page).locator(".stage canvas").last
    box = plane.bounding_box()
    left, top, width = box["x"] + 22, box["y"] + 2, box["width"] - 24
    page.mouse.move(left + (x + 6) / 12 * width, top + (6 - y) / 12 * width)
    readout = playground(page).locator(".readout")
    there = "([said, x, y]) => Math.hypot(said.dataset.x - x, said.dataset.y - y) < 0.1"
    page.wait_for_function(there, arg=[readout.element_handle(), x, y], polling=50)
    return tuple(float(readout.get_attribute(f"data-{name}")) for name in ("x", "y", "value"))


@pytest.mark.parametrize(
    "settings",
    [
        {"features": EVERYTHING, "layers": 2, "units_1": 5, "units_2": 3, "activation": "gelu"},
        {"data": "hills", "features": EVERYTHING, "layers": 3, "activation": "leaky_relu"},
        {"layers": 1, "units_1": 16, "activation": "sigmoid", "seed": 7},
    ],
)
def test_the_browser_computes_what_torch_computes(open_page, settings):
    page = open_page("foundations?" + "&".join(f"{name}={value}" for name, value in settings.items()))
    expect(playground(page).locator(".step")).to_have_text("untrained")
    config = PlaygroundConfig(**settings)
    for place in ((2.5, -1.5), (-4.5, 3.5), (1.5, 5.5)):
        x, y, value = point(page, *place)
        with torch.no_grad():
            output = build_network(config)(compute_features(torch.tensor([[x, y]]), config.features))
        expected = output if config.regression else output.sigmoid()
        assert value == pytest.approx(expected.item(), abs=2e-6)


def test_train_learns_the_circle_and_the_scrubber_moves_the_network_without_the_server(open_page):
    sent = []
    page = open_page("foundations?epochs=50&learning_rate=0.3")
    page.on("websocket", lambda socket: socket.on("framesent", lambda message: sent.append(message)))
    page.reload()
    expect(playground(page).locator(".step")).to_have_text("untrained")
    untrained = point(page, 0.5, 0.5)
    drawn = trained(page)
    expect(drawn.locator(".step")).to_have_text("update 500")
    expect(drawn.locator('[data-line="test"] .accuracy')).to_have_text(re.compile(r"^accuracy (9\d|100)%"))
    result = point(page, 0.5, 0.5)
    wait_until_drawn(page)
    before = len(sent)
    scrubber = page.get_by_role("slider", name="Displayed update")
    scrubber.focus()
    page.keyboard.press("Home")
    expect(drawn.locator(".step")).to_have_text("update 0")
    assert point(page, 0.5, 0.5) == pytest.approx(untrained, abs=1e-5)
    page.keyboard.press("End")
    expect(drawn.locator(".step")).to_have_text("update 500")
    assert point(page, 0.5, 0.5) == pytest.approx(result, abs=1e-5)
    page.get_by_role("button", name="Replay", exact=True).click()
    wait_for(lambda: 0 < int(drawn.get_attribute("data-step")) < 500)
    expect(drawn.locator(".step")).to_have_text("update 500", timeout=BUSY)
    assert len(sent) == before


def test_a_run_in_training_is_drawn_at_ten_frames_per_second(open_page):
    page = open_page("foundations?epochs=10000&batch_size=20")
    playground(page)
    click(page, "Train")
    expect(progress(page)).to_contain_text("Training", timeout=BUSY)
    wait_for(lambda: int(playground(page).get_attribute("data-rate")) >= 10)
    stop(page)


def test_steps_in_quick_succession_all_count(open_page):
    page = open_page("foundations?preset=xor_three")
    expect(progress(page)).to_contain_text("Not trained yet")
    wait_until_drawn(page)
    for _ in range(5):
        click(page, "Step")
        page.wait_for_timeout(150)  # of a person
    expect(progress(page)).to_contain_text("Paused · update 5 of", timeout=BUSY)
    stop(page)


def test_dragging_the_noise_moves_the_points_before_the_server_answers(open_page):
    sent = []
    page = open_page("foundations")
    page.on("websocket", lambda socket: socket.on("framesent", lambda message: sent.append(message)))
    page.reload()
    drawn = playground(page)
    wait_until_drawn(page)
    box = page.locator(".noise input").bounding_box()
    before, frames = drawn.locator(".legend").inner_text(), len(sent)
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2, steps=5)
    page.wait_for_timeout(100)
    moved = drawn.locator(".legend").inner_text()
    assert moved != before
    assert len(sent) == frames
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"noise=0\.8"))
    wait_until_drawn(page)
    assert drawn.locator(".legend").inner_text() == moved  # PyTorch evaluates what the browser has evaluated


def test_nothing_moves_while_the_main_view_is_used(open_page):
    page = open_page("foundations?epochs=2000")
    drawn = playground(page)
    wait_until_drawn(page)
    boxes = [drawn.locator(".stage"), page.locator(".st-key-main-view"), page.locator(".st-key-run-bar")]

    def places() -> list[tuple[float, float]]:
        return [(box["x"], box["y"]) for box in (each.bounding_box() for each in boxes)]

    before = places()
    for act in (
        lambda: click(page, "Train"),
        lambda: stop(page),
        lambda: drawn.get_by_role("button", name="Add a unit to layer 1").click(),
        lambda: drawn.get_by_role("button", name="Feature x²").click(),
        lambda: drawn.locator(".choices label").last.click(),
        lambda: drawn.get_by_role("button", name="Remove all points").click(),
        lambda: drawn.get_by_role("button", name="Undo").click(),
    ):
        act()
        page.wait_for_timeout(1000)
        wait_until_drawn(page)
        after = places()
        moved = [abs(now - then) for now, then in zip(sum(after, ()), sum(before, ()), strict=True)]
        assert max(moved) <= WITHIN, (before, after)


def test_the_network_is_changed_in_the_main_view(open_page):
    page = open_page("foundations")
    drawn = playground(page)
    wait_until_drawn(page)
    drawn.get_by_role("button", name="Add a unit to layer 1").click()
    expect(page).to_have_url(re.compile("units_1=5"))
    expect(drawn.locator(".unit:not(.feature)")).to_have_count(5)
    drawn.get_by_role("button", name="Feature x²").click()
    expect(page).to_have_url(re.compile(r"features=x(,|%2C)y(,|%2C)x2"))
    expect(drawn.get_by_role("button", name="Feature x²")).to_have_attribute("aria-pressed", "true")
    drawn.get_by_role("radio", name="Moons").focus()
    page.keyboard.press("ArrowUp")
    expect(page).to_have_url(re.compile("data=spiral"))
    for feature in ("x", "y"):
        drawn.get_by_role("button", name=f"Feature {feature}", exact=True).click()
        expect(drawn.get_by_role("button", name=f"Feature {feature}", exact=True)).to_have_attribute(
            "aria-pressed", "false"
        )
    wait_until_drawn(page)
    last = drawn.get_by_role("button", name="Feature x²")
    last.click()  # the network needs one feature
    page.wait_for_timeout(500)
    expect(last).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def middle_of_edge(drawn: Locator, start: str, end: str) -> tuple[float, float]:
    """Return the position of the middle of the edge between two units."""
    left, right = (drawn.get_by_role("button", name=name, exact=True).bounding_box() for name in (start, end))
    x = (left["x"] + left["width"] + right["x"]) / 2
    return x, (left["y"] + left["height"] / 2 + right["y"] + right["height"] / 2) / 2


def test_units_and_edges_show_their_values_and_are_changed_by_hand(open_page):
    page = open_page("foundations?seed=5")
    drawn, tip = playground(page), page.locator(".playground .tip")
    expect(drawn.locator(".step")).to_have_text("untrained")
    expect(drawn.locator(".legend")).to_contain_text("loss")
    weights = [weight.detach() for weight in build_network(PlaygroundConfig(seed=5)).parameters()]
    unit = drawn.get_by_role("button", name="Unit 2 of layer 1")
    unit.hover()
    expect(tip).to_contain_text("Unit 2 of layer 1")
    assert float(tip.get_attribute("data-value")) == pytest.approx(weights[1][1].item(), abs=1e-6)
    expect(drawn.locator(".output .title")).to_have_text("Unit 2 of layer 1")
    edge = middle_of_edge(drawn, "Feature x", "Unit 1 of layer 1")
    page.mouse.move(*edge)
    expect(tip).to_contain_text("Feature x → Unit 1 of layer 1")
    assert float(tip.get_attribute("data-value")) == pytest.approx(weights[0][0, 0].item(), abs=1e-6)
    before = point(page, 2.5, 2.5)
    page.mouse.click(*middle_of_edge(drawn, "Feature x", "Unit 1 of layer 1"))
    expect(tip).to_contain_text("Feature x → Unit 1 of layer 1")
    told = drawn.locator(".legend").inner_text()
    tip.get_by_role("slider").fill("6")
    expect(drawn.locator(".legend")).not_to_have_text(told, use_inner_text=True)
    weights[0][0, 0] = 6
    x, y, value = point(page, 2.5, 2.5)
    hidden = torch.tanh(weights[0] @ torch.tensor([x, y]) + weights[1])
    assert value == pytest.approx(torch.sigmoid(weights[2] @ hidden + weights[3]).item(), abs=2e-6) != before[2]
    drawn.get_by_role("button", name="Restore weights").click()
    expect(drawn.locator(".legend")).to_have_text(told, use_inner_text=True)
    assert point(page, 2.5, 2.5) == pytest.approx(before, abs=1e-5)

    for close in (lambda: page.keyboard.press("Escape"), lambda: page.get_by_role("heading").first.click()):
        page.mouse.click(*middle_of_edge(drawn, "Feature x", "Unit 1 of layer 1"))
        expect(tip).to_contain_text("Press Escape or click elsewhere to close.")
        close()
        expect(tip).to_be_hidden()


# Whether the positions are the same in two consecutive checks
AT_REST = """(heads) => {
  const places = [...heads.querySelectorAll("*")].map((one) => one.getBoundingClientRect());
  const before = window.placesBefore;
  window.placesBefore = JSON.stringify(places);
  return before === window.placesBefore;
}"""
HIT = """(buttons) => buttons.map((button) => {
  button.scrollIntoView({ block: "center" });
  const box = button.getBoundingClientRect(), root = button.getRootNode();
  return root.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2) === button;
})"""


def test_points_are_drawn_and_erased_on_the_plane(open_page):
    page = open_page("foundations?epochs=60")
    drawn = playground(page)
    wait_until_drawn(page)
    drawn.get_by_role("radio", name="Your own").focus()
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile("train_share=0.8"), timeout=BUSY)
    expect(page.get_by_text("Your points: 43 for training, 11 for testing")).to_be_visible(timeout=BUSY)
    trained(page)
    before = point(page, 5, 5)
    stage = drawn.locator(".stage canvas").last.bounding_box()

    def stroke(start: tuple[float, float], end: tuple[float, float]) -> None:
        places = [(stage["x"] + x * stage["width"], stage["y"] + y * stage["height"]) for x, y in (start, end)]
        page.mouse.move(*places[0])
        page.mouse.down()
        page.mouse.move(*places[1])  # all that a busy browser tells
        page.mouse.up()

    drawn.get_by_role("button", name="Draw blue points").click()
    stroke((0.8, 0.1), (0.95, 0.2))
    expect(page.get_by_text(re.compile(r"Your points: 4[4-9] for training"))).to_be_visible(timeout=BUSY)
    trained(page)
    assert abs(point(page, 5, 5)[2] - before[2]) > 0.05

    drawn.get_by_role("button", name="Erase points").click()
    stroke((0.8, 0.1), (0.95, 0.2))
    expect(page.get_by_text("Your points: 43 for training")).to_be_visible(timeout=BUSY)
    drawn.get_by_role("button", name="Remove all points").click()
    expect(drawn.locator(".notice")).to_contain_text("Too few points")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_disabled(timeout=BUSY)
    drawn.get_by_role("button", name="Undo").click()
    expect(drawn.locator(".notice")).to_be_hidden()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled(timeout=BUSY)


def check_every_button_of_the_layers_can_be_hit(page: Page, layers: int) -> None:
    """Check at five screen widths that every button can be clicked, and that no heading covers another one."""
    drawn = playground(page)
    heads = drawn.locator(".heads")
    expect(heads.locator("button")).to_have_count(2 * layers)
    for width in (400, 1024, 1280, 1366, 1440):
        page.set_viewport_size({"width": width, "height": 850})
        page.wait_for_function(AT_REST, arg=heads.element_handle(), polling=150)
        hit = drawn.locator(".counter button").evaluate_all(HIT)
        assert all(hit), (width, hit)
        boxes = [head.bounding_box() for head in heads.locator(".counter").all()]
        for left, right in itertools.pairwise(boxes):
            beside = left["x"] + left["width"] <= right["x"] + 0.5
            assert beside or left["y"] + left["height"] <= right["y"], width


def test_it_fits_a_phone_shows_its_values_and_every_button_can_be_clicked(open_page):
    page = open_page("foundations?preset=vanishing&units_1=15", width=400)
    drawn = playground(page)
    expect(drawn.locator(".network")).to_be_hidden()
    drawn.get_by_role("button", name="Network", exact=True).click()
    expect(drawn.locator(".network")).to_be_visible()
    wait_until_drawn(page)
    check_fits(page)
    boxes = [unit.bounding_box() for unit in drawn.locator(".unit").all()]
    assert len(boxes) == 7 + 15 + 5 * 4
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 400 for box in boxes)
    unit = drawn.get_by_role("button", name="Unit 1 of layer 3")
    unit.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(drawn.locator(".tip")).to_contain_text("bias")
    page.keyboard.press("Enter")
    expect(drawn.locator(".tip").get_by_role("slider")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawn.locator(".tip")).to_be_hidden()

    check_every_button_of_the_layers_can_be_hit(page, 6)
    drawn.get_by_role("button", name="Remove a hidden layer").dblclick()  # the second click does not wait for Python
    check_every_button_of_the_layers_can_be_hit(page, 4)
