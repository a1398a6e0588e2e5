"""The page "Optimizers" as people use it: trajectories, a dragged start, a race."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.layout import check_fits
from tests.browser.run_panel import (
    BUSY,
    choose,
    click,
    progress,
    run_in_address,
    start,
    updates,
    wait_for_updates,
    wait_until_drawn,
)
from tests.waiting import wait_for

# 18 networks, for some seconds
RACE = "optimizers?view=optimizer_race&rates=3&seeds=1&epochs=2&extend=False"
SCHEDULES = "optimizers?view=lr_schedules&samples=2000&epochs=1&seeds=1"

RUN_SHOWN = re.compile("Training|Done")  # a fast machine may be done by then


def landscape(page: Page) -> Locator:
    played = page.locator(".landscape")
    expect(played.locator("output")).to_contain_text("/")
    return played


def step(page: Page) -> int:
    """Return the step on the screen."""
    return int(landscape(page).locator("output").inner_text().split("/")[0].replace(",", ""))


def wait_for_step(page: Page, more_than: int) -> None:
    wait_for(lambda: step(page) > more_than)


def losses(page: Page) -> list[str]:
    """Return the losses of the trajectories at the step on the screen, as in the chips."""
    return landscape(page).locator("[aria-pressed=true] .loss").all_inner_texts()


def scrub(page: Page, to: int) -> None:
    landscape(page).get_by_role("slider", name="Displayed step").fill(str(to))
    wait_for(lambda: step(page) == to)


@pytest.fixture(scope="module")
def shared_page(open_shared_page) -> Page:
    """Return the view of the surface."""
    return open_shared_page("optimizers")


@pytest.fixture
def page(shared_page) -> Page:
    """Return the view of the surface with its initial settings and new trajectories that have started to play."""
    choose_surface(shared_page, "Beale", "beale")
    choose_surface(shared_page, "Ravine", "ravine")
    return shared_page


def choose_surface(page: Page, name: str, preset: str) -> None:
    """Choose another surface, and wait for its trajectories to play."""
    page.get_by_role("combobox", name=re.compile("Surface")).click()
    page.get_by_role("option", name=name, exact=True).click()
    expect(page).to_have_url(re.compile(f"preset={preset}" if preset != "ravine" else r"/optimizers$"))
    wait_until_drawn(page)
    wait_for_step(page, 0)


def place(locator: Locator) -> list[int]:
    """Return position and size of an element in whole pixels."""
    box = locator.bounding_box()
    return [round(box[side]) for side in ("x", "y", "width", "height")]


def drag_start(page: Page, dx: float, dy: float, *, let_go: bool = True) -> None:
    """Drag the start of all optimizers by pixels."""
    box = landscape(page).locator(".start").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for part in (0.3, 0.6, 1):
        page.mouse.move(x + part * dx, y + part * dy)
    if let_go:
        page.mouse.up()


def test_all_views_are_drawn_and_the_keyboard_plays_and_turns_them(page):
    wait_for_step(page, 2)
    colours = page.evaluate(
        """() => {
            const within = (root) => [...root.querySelectorAll('*')].flatMap(
                (e) => [...(e.matches('canvas') ? [e] : []), ...(e.shadowRoot ? within(e.shadowRoot) : [])]);
            return within(document).filter((e) => e.closest('.landscape')).map((canvas) => new Set(new Uint32Array(
                canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size);
        }"""
    )
    assert len(colours) == 6
    assert min(colours) > 20
    button = landscape(page).locator("button.play")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_text("Play")
    surface = landscape(page).locator(".surface canvas")
    before = surface.first.screenshot()
    surface.last.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    wait_for(lambda: surface.first.screenshot() != before)


def test_the_trajectories_play_by_themselves_and_are_paused_stepped_and_scrubbed(page):
    played = landscape(page)
    wait_for_step(page, 5)
    played.get_by_role("button", name="Pause").click()
    expect(played.get_by_role("button", name="Play")).to_be_visible()
    before = step(page)
    page.wait_for_timeout(500)
    assert step(page) == before
    scrub(page, 40)
    later = losses(page)
    scrub(page, 0)
    assert losses(page) == ["2.81"] * 3 != later
    played.get_by_role("button", name="Step", exact=True).click()
    wait_for(lambda: step(page) == 1)
    played.get_by_role("combobox", name="Speed").select_option("3")
    played.get_by_role("button", name="Play").click()
    wait_for(lambda: step(page) == 100)
    expect(played.get_by_role("button", name="Play")).to_be_visible()
    assert played.locator("[aria-pressed=true] .name").all_inner_texts() == ["SGD", "Momentum", "Adam"]


def test_the_learning_rate_redraws_at_once(page):
    slider = page.get_by_role("slider", name=re.compile("^Learning-rate multiplier"))
    table = page.get_by_role("table").first
    expect(table).to_contain_text("0.32")
    slider.focus()
    slider.press("ArrowRight")
    expect(table).to_contain_text("0.64")
    slider.press("End")
    expect(landscape(page).locator("button[value=sgd]")).to_have_attribute("title", "diverged at step 2")
    slider.press("ArrowLeft")
    expect(table).to_contain_text("112")
    expect(page.get_by_text("cannot be used")).to_have_count(0)


def test_a_drag_moves_the_start_of_all_and_nothing_else(page):
    scrub(page, 0)
    page.evaluate("window.sameDocument = true")
    before, map_width = place(landscape(page)), place(landscape(page).locator(".map canvas").last)[2] - 46
    drag_start(page, 0.5 * map_width, 0, let_go=False)
    wait_for(lambda: losses(page) != ["2.81"] * 3)
    assert place(landscape(page)) == before
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"x=-[12]"))  # half of -10 to 4, from -9
    x = float(re.search(r"[?&]x=([-.\d]+)", page.url)[1])
    assert x == pytest.approx(-2, abs=0.1)
    wait_until_drawn(page)
    assert page.evaluate("window.sameDocument") is True
    assert place(landscape(page)) == before
    scrub(page, 0)
    expected = (x**2 / 50 + 4) / 2
    for loss in losses(page):
        assert float(loss) == pytest.approx(expected, rel=0.01)
    expect(landscape(page).locator(".hint")).to_be_hidden()
    landscape(page).locator(".start").focus()
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile(r"y=1\.[89]"))


def test_a_switch_shows_another_optimizer_and_the_last_one_stays(page):
    chips = landscape(page).locator(".chips")
    chips.get_by_role("button", name="Nesterov").click()
    expect(page).to_have_url(re.compile("optimizers=sgd%2Cmomentum%2Cnesterov%2Cadam"))
    wait_until_drawn(page)
    for number, name in enumerate(("SGD", "Momentum", "Nesterov"), 1):
        chips.get_by_role("button", name=name).click()
        expect(chips.locator("[aria-pressed=true]")).to_have_count(4 - number)
        wait_until_drawn(page)
    chips.get_by_role("button", name="Adam", exact=False).first.click()
    page.wait_for_timeout(500)
    expect(chips.locator("[aria-pressed=true]")).to_have_count(1)


def test_the_pointer_reads_loss_and_gradient_and_the_wheel_zooms(page):
    map_ = landscape(page).locator(".map canvas").last
    box = map_.bounding_box()
    page.mouse.move(box["x"] + 40 + 0.5 * (box["width"] - 46), box["y"] + 6 + 0.25 * (box["height"] - 40))
    readout = landscape(page).locator(".map .readout")
    expect(readout).to_contain_text("gradient")
    x, y, loss, dx, dy = (
        float(number.replace("−", "-")) for number in re.findall(r"−?\d[\d.]*(?:e-?\d+)?", readout.inner_text())
    )
    assert loss == pytest.approx((x**2 / 50 + y**2) / 2, rel=0.02)
    assert (dx, dy) == (pytest.approx(x / 50, rel=0.05), pytest.approx(y, rel=0.05))
    before = landscape(page).locator(".map canvas").first.screenshot()
    page.mouse.wheel(0, -200)
    wait_for(lambda: landscape(page).locator(".map canvas").first.screenshot() != before)
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollTop") == 0


def test_a_bad_formula_is_told_and_the_map_stays(page):
    choose_surface(page, "Your formula", "formula")
    field = page.get_by_role("textbox", name="Formula in x and y")

    def enter(formula: str) -> None:
        field.fill(formula)
        field.press("Enter")

    def losses_at_the_start(formula: str) -> list[str]:
        scrub(page, 0)
        before = losses(page)
        enter(formula)
        wait_for(lambda: losses(page) != before or step(page) > 0)
        wait_until_drawn(page)
        scrub(page, 0)
        return losses(page)

    assert losses_at_the_start("x^2 + 3*y^2") == ["57"] * 3  # from (3, 4)
    expect(page).to_have_url(re.compile("formula="))
    for bad, told in (("x^2 + 3*y^", "Syntax error at character"), ("__import__('os')", "is not allowed in a formula")):
        enter(bad)
        expect(page.get_by_text(told)).to_be_visible()
        expect(field).to_have_value(bad)
        assert (step(page), losses(page)) == (0, ["57"] * 3)
    assert losses_at_the_start("x^2 + y^2") == ["25"] * 3
    expect(page.get_by_text("The map still shows the last valid formula")).to_have_count(0)


def test_the_race_asks_for_a_guess_then_plays_without_asking_the_server(open_page):
    page = open_page("optimizers?view=optimizer_race")
    grid = page.locator(".rate-grid")
    expect(grid.get_by_text("Which row will have the lowest validation loss?")).to_be_visible(timeout=BUSY)
    wait_until_drawn(page)
    page.wait_for_timeout(1000)
    expect(page.locator(".scrubber output")).to_have_text("0 / 3,125")
    before, cell = place(grid), grid.get_by_role("button", name=re.compile("^SGD, learning rate 0.3:"))
    expect(cell).to_be_hidden()
    expect(page.get_by_text("Guess first")).to_be_visible()
    for hidden in (".st-key-upper .line-chart", ".st-key-headline", ".st-key-details table"):  # they tell the winner
        expect(page.locator(hidden).first).to_be_hidden()
    page.evaluate(
        """() => {
            window.sent = 0;
            const send = WebSocket.prototype.send;
            WebSocket.prototype.send = function (...parts) { window.sent += 1; return send.apply(this, parts); };
        }"""
    )
    grid.get_by_role("button", name="Guess that Adam wins").click()
    expect(grid.get_by_text("Your guess: Adam")).to_be_visible()
    expect(grid.get_by_text("Your guess: Adam. Nesterov wins, but not clearly")).to_be_visible()
    expect(cell).to_have_text("0.21")
    expect(page.get_by_text("Guess first")).to_be_hidden()
    assert place(grid) == before
    assert page.evaluate("window.sent") == 0
    expect(
        page.locator("[class*=st-key-frame_race_headline_own_newest]").get_by_text("Nesterov ≈ Adam")
    ).to_be_visible()

    row, line = (
        part.get_by_role("button", name=name, exact=True)
        for part, name in ((grid, "Show only Adam"), (page.locator(".line-chart"), "Adam"))
    )
    for pressed in ("true", "false"):  # the charts below show the same line
        row.click()
        expect(row).to_have_attribute("aria-pressed", pressed)
        expect(line).to_have_attribute("aria-pressed", pressed)

    cell.click()
    expect(cell).to_have_attribute("aria-pressed", "true")
    grid.get_by_role("button", name="Compare all rows at learning rate 0.001").click()
    expect(page.get_by_text("all at learning rate 0.001").first).to_be_attached()
    assert place(grid) == before


def test_the_race_runs_is_found_again_and_ranked(open_page):
    page = open_page(RACE)
    expect(page.locator(".rate-grid")).to_be_visible(timeout=BUSY)
    wait_until_drawn(page)
    run = start(page)
    wait_for_updates(page, 50)
    table = page.get_by_role("table").first
    first = table.text_content()
    wait_for_updates(page, updates(page) + 100)
    expect(table).not_to_have_text(first)

    before = updates(page)
    choose(page, "Loss surface")
    expect(landscape(page)).to_be_visible()
    expect(page).not_to_have_url(re.compile("run=|view=|rates="))
    choose(page, "Race")
    expect(progress(page)).to_contain_text(RUN_SHOWN)
    wait_for_updates(page, before)
    assert run_in_address(page) == run
    page.reload()
    expect(progress(page)).to_contain_text(RUN_SHOWN)
    wait_for_updates(page, before)
    assert run_in_address(page) == run

    expect(progress(page)).to_have_text(re.compile(r"^Done · [\d,]+ updates"), timeout=BUSY)
    expect(table.get_by_role("row")).to_have_count(7)
    wait_for(lambda: len(re.findall(r"[\d.]+%", table.inner_text())) == 6)  # the state is drawn before the table
    assert min(float(accuracy) for accuracy in re.findall(r"([\d.]+)%", table.inner_text())) > 90
    before = table.inner_text()
    page.locator(".rate-grid").get_by_role("button", name="Compare all rows at learning rate 0.03").click()
    expect(table.get_by_role("cell", name="0.03", exact=True)).to_have_count(6)
    assert table.inner_text() != before


def test_the_schedules_train_and_all_views_fit_a_phone(open_page):
    page = open_page(SCHEDULES, width=400)
    expect(page.locator(".rate-grid")).to_be_visible(timeout=BUSY)
    wait_until_drawn(page)
    check_fits(page)
    click(page, "Train")
    expect(progress(page)).to_contain_text("Done · 125 updates", timeout=BUSY)
    expect(page.get_by_role("table").first.get_by_role("row")).to_have_count(6)
    heading = page.locator("strong").get_by_text("Gradient noise", exact=True)
    expect(heading).to_have_count(1)  # two for a moment, while it moves
    check_fits(page)
    for view, shown in (("Race", ".rate-grid"), ("Loss surface", ".landscape")):
        choose(page, view)
        expect(page.locator(shown)).to_be_visible()
        wait_until_drawn(page)
        check_fits(page)
