"""The playground as people use it: it plays while it trains, says its numbers, and is changed in the picture."""

import itertools
import re

import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import compute_features
from core.topics.playground.model import build_network
from tests.browser.layout import check_fits, check_names_and_words
from tests.browser.run_panel import BUSY, choose, click, progress, stop, wait_until_drawn
from tests.waiting import wait_for

EVERYTHING = "x,y,x2,y2,xy,sin_x,sin_y"


def playground(page: Page) -> Locator:
    drawn = page.locator(".playground")
    expect(drawn).to_have_attribute("data-step", re.compile(r"\d"), timeout=BUSY)
    return drawn


def at_rest(page: Page) -> Locator:
    """The playground when all that came has been played."""
    drawn = playground(page)
    expect(progress(page)).to_contain_text(re.compile(r"update ([\d,]+) of \1"), timeout=BUSY)
    expect(drawn).to_have_attribute("data-playing", "false", timeout=BUSY)
    return drawn


def point(page: Page, x: float, y: float) -> tuple[float, float, float]:
    """Point at a place of the plane: its x and y, and what the output is there, in full."""
    picture = playground(page).locator(".stage canvas").last
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
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
    expect(playground(page).locator(".step")).to_have_text("new settings, untrained")
    config = PlaygroundConfig(**settings)
    for place in ((2.5, -1.5), (-4.5, 3.5), (1.5, 5.5)):
        x, y, value = point(page, *place)
        with torch.no_grad():
            output = build_network(config)(compute_features(torch.tensor([[x, y]]), config.features))
        expected = output if config.regression else output.sigmoid()
        assert value == pytest.approx(expected.item(), abs=2e-6)


@pytest.fixture(scope="module")
def page(open_shared_page) -> Page:
    """Return the playground with settings of a long run; before it starts, the recording plays."""
    return open_shared_page("foundations?epochs=5000")


def test_a_run_is_paused_and_scrubbed_in_the_picture(page):
    drawn = at_rest(page)
    assert drawn.get_attribute("data-step") == "2000"
    trained = point(page, 0.5, 0.5)
    expect(drawn.get_by_role("button", name="Replay")).to_be_visible()
    said = r"test: loss [\d.]+, \d+ % right\s+training: loss [\d.]+, \d+ % right"
    expect(drawn.locator(".numbers")).to_have_text(re.compile(said))
    drawn.get_by_role("slider", name="Update on the screen").fill("0")
    expect(drawn.locator(".step")).to_have_text("update 0 of 2,000")
    assert abs(point(page, 0.5, 0.5)[2] - trained[2]) > 0.2
    slider = drawn.get_by_role("slider", name="Update on the screen")
    assert slider.get_attribute("max") == "2000"
    slider.fill("1000")
    wait_for(lambda: abs(int(drawn.get_attribute("data-step")) - 1000) < 10)
    slider.focus()
    before = int(drawn.get_attribute("data-step"))
    page.keyboard.press("ArrowRight")
    expect(drawn).not_to_have_attribute("data-step", str(before))
    assert before < int(drawn.get_attribute("data-step")) < before + 20
    slider.fill("0")
    drawn.get_by_role("button", name="Play", exact=True).click()
    expect(drawn).to_have_attribute("data-playing", "true")
    drawn.get_by_role("button", name="Pause").click()
    expect(drawn).to_have_attribute("data-playing", "false")
    before = drawn.get_attribute("data-step")
    page.wait_for_timeout(500)
    assert drawn.get_attribute("data-step") == before != "2000"
    drawn.get_by_role("button", name="Play").click()
    expect(drawn.locator(".step")).to_have_text("update 2,000 of 2,000")
    assert point(page, 0.5, 0.5) == pytest.approx(trained, abs=1e-5)


def test_it_is_played_while_it_trains_at_ten_pictures_a_second(page):
    playground(page)
    click(page, "Start")
    expect(progress(page)).to_contain_text("Training")
    wait_for(lambda: int(playground(page).get_attribute("data-rate")) >= 10)
    expect(progress(page)).to_contain_text("Training")
    stop(page)


def test_steps_in_quick_succession_all_count(page):
    choose(page, "XOR: 3")
    expect(progress(page)).to_contain_text("Recording of “XOR: 3”")
    expect(page.get_by_text("Time to train")).to_be_visible()
    for _ in range(5):
        click(page, "Step")
        page.wait_for_timeout(150)  # of a person
    expect(progress(page)).to_contain_text("Paused · update 5 of")
    stop(page)


def test_the_network_is_changed_in_the_picture(page):
    choose(page, "Circle")
    drawn = at_rest(page)
    drawn.get_by_role("button", name="One unit more in layer 1").click()
    expect(page).to_have_url(re.compile("units_1=5"))
    expect(drawn.locator(".unit:not(.feature)")).to_have_count(5)
    drawn.get_by_role("button", name="Feature x²").click()
    expect(page).to_have_url(re.compile(r"features=x(,|%2C)y(,|%2C)x2"))
    expect(drawn.get_by_role("button", name="Feature x²")).to_have_attribute("aria-pressed", "true")
    drawn.get_by_role("radio", name="Moons").focus()
    page.keyboard.press("ArrowUp")
    expect(page).to_have_url(re.compile("data=spiral"))
    expect(page.get_by_role("slider", name="Units of the hidden layer")).to_have_value("5")


def middle_of_edge(drawn: Locator, start: str, end: str) -> tuple[float, float]:
    """Where on the page the edge between two units has its middle."""
    left, right = (drawn.get_by_role("button", name=name, exact=True).bounding_box() for name in (start, end))
    x = (left["x"] + left["width"] + right["x"]) / 2
    return x, (left["y"] + left["height"] / 2 + right["y"] + right["height"] / 2) / 2


def test_units_and_edges_say_their_numbers_and_are_turned_by_hand(open_page):
    page = open_page("foundations?seed=5")
    drawn, tip = playground(page), page.locator(".playground .tip")
    expect(drawn.locator(".step")).to_have_text("new settings, untrained")
    expect(drawn.locator(".numbers")).to_contain_text("untrained, test: loss")
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
    told = drawn.locator(".numbers").inner_text()
    tip.get_by_role("slider").fill("6")
    expect(drawn.locator(".numbers")).not_to_have_text(told)
    weights[0][0, 0] = 6
    x, y, value = point(page, 2.5, 2.5)
    hidden = torch.tanh(weights[0] @ torch.tensor([x, y]) + weights[1])
    assert value == pytest.approx(torch.sigmoid(weights[2] @ hidden + weights[3]).item(), abs=2e-6) != before[2]
    drawn.get_by_role("button", name="Weights as they were").click()
    expect(drawn.locator(".numbers")).to_have_text(told)
    assert point(page, 2.5, 2.5) == pytest.approx(before, abs=1e-5)

    for close in (lambda: page.keyboard.press("Escape"), lambda: page.get_by_role("heading").first.click()):
        drawn.scroll_into_view_if_needed()
        page.mouse.click(*middle_of_edge(drawn, "Feature x", "Unit 1 of layer 1"))
        expect(tip).to_contain_text("Escape or a click elsewhere closes this.")
        close()
        expect(tip).to_be_hidden()


# The same places in two looks, one after the other
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


def test_a_drawn_point_changes_the_surface(open_page):
    page = open_page("foundations?epochs=60")
    at_rest(page)
    playground(page).get_by_role("radio", name="Your own").focus()
    page.keyboard.press("Space")
    plane = page.locator(".canvas svg.plane")
    expect(plane).to_be_visible(timeout=BUSY)
    expect(playground(page).get_by_role("checkbox", name="Test points")).to_be_checked()
    click(page, "Start")
    expect(progress(page)).to_contain_text("Done · update", timeout=BUSY)
    at_rest(page)
    before = point(page, 5.5, 5.5)
    address = page.url
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    for share in (0.95, 0.92, 0.89):
        page.mouse.click(box["x"] + share * box["width"], box["y"] + (1 - share) * box["height"])
    expect(page).not_to_have_url(address)
    expect(page.get_by_text("The settings have changed")).to_be_visible()
    click(page, "Start")
    expect(page.get_by_text("The settings have changed")).to_have_count(0)
    expect(progress(page)).to_contain_text("Done · update", timeout=BUSY)
    at_rest(page)
    assert abs(point(page, 5.5, 5.5)[2] - before[2]) > 0.05


def check_every_button_of_the_layers_can_be_hit(page: Page, layers: int) -> None:
    """Check on screens of five widths that the buttons' middles are theirs, and that no head covers another one."""
    drawn = playground(page)
    heads = drawn.locator(".heads")
    expect(heads.locator("button")).to_have_count(2 * layers)
    for width in (400, 1024, 1280, 1366, 1440):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_function(AT_REST, arg=heads.element_handle(), polling=150)
        hit = drawn.locator(".counter button").evaluate_all(HIT)
        assert all(hit), (width, hit)
        boxes = [head.bounding_box() for head in heads.locator(".counter").all()]
        for left, right in itertools.pairwise(boxes):
            beside = left["x"] + left["width"] <= right["x"] + 0.5
            assert beside or left["y"] + left["height"] <= right["y"], width


def test_it_fits_a_phone_and_says_its_numbers_there_and_every_button_can_be_hit_in_its_middle(open_page):
    page = open_page("foundations?preset=vanishing&units_1=15", width=400)
    drawn = playground(page)
    check_names_and_words(page)
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
    drawn.get_by_role("button", name="One hidden layer less").dblclick()  # the second click does not wait for Python
    check_every_button_of_the_layers_can_be_hit(page, 4)
