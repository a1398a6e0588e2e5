"""The page "Optimizers compared" as people use it: trajectories, a clicked start, a race."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.layout import charts, check_fits, check_names_and_words
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
RACE = "optimizers?view=optimizer_race&rates=3&seeds=1&epochs=4&extend=False"
SCHEDULES = "optimizers?view=lr_schedules&samples=2000&epochs=1&seeds=1"

RUN_SHOWN = re.compile("Training|Done")  # a fast machine may be done by then


def landscape(page: Page) -> Locator:
    played = page.locator(".landscape")
    expect(played.locator(".step")).to_contain_text("of")
    return played


def step(page: Page) -> int:
    """The step that the trajectories have been played to."""
    return int(re.search(r"step (\d+) of", landscape(page).locator(".step").inner_text())[1])


def wait_for_step(page: Page, more_than: int) -> None:
    wait_for(lambda: step(page) > more_than)


def losses(page: Page) -> list[str]:
    """The losses of the trajectories at the step on the screen, as the legend tells them."""
    return landscape(page).locator(".loss").all_inner_texts()


def scrub(page: Page, to: int) -> None:
    landscape(page).get_by_role("slider", name="Step on the screen").fill(str(to))
    expect(landscape(page).locator(".step")).to_contain_text(f"step {to} of")


def scrub_new_trajectories_to_their_start(page: Page) -> None:
    """Wait for new trajectories, which alone play by themselves, and go back to their start."""
    wait_for_step(page, 0)
    scrub(page, 0)


@pytest.fixture(scope="module")
def shared_page(open_shared_page) -> Page:
    """Return the view of the surface."""
    return open_shared_page("optimizers")


@pytest.fixture
def page(shared_page) -> Page:
    """Return the view of the surface, with the settings that it begins with; new trajectories have begun to play."""
    choose_surface(shared_page, "Beale", "beale")
    choose_surface(shared_page, "Ravine", "ravine")
    return shared_page


def choose_surface(page: Page, name: str, preset: str) -> None:
    """Choose another surface, and wait for its trajectories to play."""
    choose(page, name)
    expect(page).to_have_url(re.compile(f"preset={preset}" if preset != "ravine" else r"/optimizers$"))
    wait_until_drawn(page)
    wait_for_step(page, 0)


def test_both_pictures_are_drawn_and_the_keyboard_plays_and_turns_them(page):
    wait_for_step(page, 2)
    colours = page.evaluate(
        """() => {
            const within = (root) => [...root.querySelectorAll('*')].flatMap(
                (e) => [...(e.matches('canvas') ? [e] : []), ...(e.shadowRoot ? within(e.shadowRoot) : [])]);
            return within(document).filter((e) => e.closest('.landscape')).map((canvas) => new Set(new Uint32Array(
                canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size);
        }"""
    )
    assert len(colours) == 4
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


def test_the_trajectories_play_by_themselves_and_are_paused_and_scrubbed(page):
    played = landscape(page)
    wait_for_step(page, 5)
    wait_for_step(page, step(page))
    played.get_by_role("button", name="Pause").click()
    expect(played.get_by_role("button", name="Play")).to_be_visible()
    before = step(page)
    page.wait_for_timeout(500)
    assert step(page) == before
    scrub(page, 40)
    later = losses(page)
    scrub(page, 0)
    assert losses(page) == ["loss 2.81"] * 3 != later
    page.wait_for_timeout(300)
    assert step(page) == 0
    played.get_by_role("combobox", name="Speed").select_option("3")
    played.get_by_role("button", name="Play").click()
    wait_for_step(page, 3)
    expect(played.locator(".step")).to_contain_text("step 100 of 100")
    expect(played.get_by_role("button", name="Play")).to_be_visible()
    assert played.locator(".name").all_inner_texts() == ["SGD", "Momentum", "Adam"]


def test_the_learning_rate_redraws_at_once(page):
    slider = page.get_by_role("slider", name=re.compile("^Learning rate.*×"))
    table = page.get_by_role("table").first
    expect(table).to_contain_text("0.32")
    slider.focus()
    slider.press("ArrowRight")
    expect(table).to_contain_text("0.64")
    wait_for_step(page, 2)
    slider.press("End")
    expect(landscape(page).locator(".end").first).to_have_text("diverged at step 2")
    slider.press("ArrowLeft")
    expect(table).to_contain_text("112")
    expect(page.get_by_text("cannot be used")).to_have_count(0)


def test_a_click_on_the_map_moves_the_start_of_all(page):
    scrub(page, 0)
    page.evaluate("window.sameDocument = true")
    picture = landscape(page).locator(".map canvas").last
    box = picture.bounding_box()
    picture.click(position={"x": 40 + (box["width"] - 46) / 2, "y": 6 + (box["height"] - 40) / 4})
    expect(page).to_have_url(re.compile(r"x=-[23]"))  # the middle of -10 to 4
    x, y = (float(re.search(rf"[?&]{name}=([-.\d]+)", page.url)[1]) for name in "xy")
    assert x == pytest.approx(-3, abs=0.1)
    assert y == pytest.approx(1.5, abs=0.1)
    assert page.evaluate("window.sameDocument") is True
    scrub_new_trajectories_to_their_start(page)
    expect(landscape(page).locator(".loss").first).not_to_have_text("loss 2.81")
    expected = (x**2 / 50 + y**2) / 2
    for loss in losses(page):
        assert float(loss.removeprefix("loss ")) == pytest.approx(expected, rel=0.01)
    page.get_by_text("More: other optimizers").click()
    expect(page.get_by_role("slider", name="Start x")).to_have_value(f"{x:g}")
    page.reload()
    scrub(page, 0)
    assert float(losses(page)[0].removeprefix("loss ")) == pytest.approx(expected, rel=0.01)


def test_a_bad_formula_is_told_and_the_map_stays(page):
    choose_surface(page, "Your formula", "formula")
    field = page.get_by_role("textbox", name="Formula in x and y")

    def enter(formula: str) -> None:
        field.fill(formula)
        field.press("Enter")

    def losses_at_the_start(formula: str) -> list[str]:
        scrub(page, 0)
        enter(formula)
        scrub_new_trajectories_to_their_start(page)
        return losses(page)

    assert losses_at_the_start("x^2 + 3*y^2") == ["loss 57"] * 3  # from (3, 4)
    expect(page).to_have_url(re.compile("formula="))
    for bad, told in (("x^2 + 3*y^", "This is not a formula"), ("__import__('os')", "is not mathematics")):
        enter(bad)
        expect(page.get_by_text(told)).to_be_visible()
        expect(field).to_have_value(bad)
        assert (step(page), losses(page)) == (0, ["loss 57"] * 3)
    assert losses_at_the_start("x^2 + y^2") == ["loss 25"] * 3
    expect(page.get_by_text("The last good surface stays")).to_have_count(0)


def test_the_race_runs_is_found_again_and_ranked(open_page):
    page = open_page(RACE)
    expect(progress(page)).to_contain_text("Recording of “Digits”")
    wait_for_updates(page, 100)  # the recording plays by itself
    run = start(page)
    wait_for_updates(page, 50)
    table = page.get_by_role("table").first
    losses = page.locator(".line-chart").first
    expect(losses.locator("canvas").first).to_be_visible()
    first = table.text_content()
    wait_for_updates(page, updates(page) + 100)
    expect(table).not_to_have_text(first)
    expect(losses.get_by_role("button")).to_have_count(6)

    before = updates(page)
    choose(page, "On a surface")
    expect(landscape(page)).to_be_visible()
    expect(page).not_to_have_url(re.compile("run=|view=|rates="))
    choose(page, "On a real network: the race")
    expect(progress(page)).to_contain_text(RUN_SHOWN)
    wait_for_updates(page, before)
    assert run_in_address(page) == run
    before = updates(page)
    page.reload()
    expect(progress(page)).to_contain_text(RUN_SHOWN)
    wait_for_updates(page, before)
    assert run_in_address(page) == run

    expect(progress(page)).to_contain_text("Done · update", timeout=BUSY)
    expect(table.get_by_role("row")).to_have_count(7)
    accuracies = [float(accuracy) for accuracy in re.findall(r"([\d.]+)%", table.inner_text())]
    assert len(accuracies) == 6
    assert min(accuracies) > 90
    expect(page.get_by_text(re.compile(r"[›≈] .*, each at its own best rate"))).to_be_visible()
    before = table.inner_text()
    choose(page, "all at one rate")
    expect(page.get_by_text(re.compile("[›≈] .*, all at "))).to_be_visible()
    expect(table.get_by_role("cell", name="0.03", exact=True)).to_have_count(6)
    assert table.inner_text() != before


def test_the_schedules_train_and_show_the_noise_and_all_views_fit_a_phone(open_page):
    page = open_page(SCHEDULES, width=400)
    check_names_and_words(page)
    check_fits(page)
    click(page, "Start")
    expect(progress(page)).to_contain_text("Done · update 125 of 125")
    expect(page.get_by_role("table").first.get_by_role("row")).to_have_count(6)
    expect(page.get_by_text("Noise of the gradient", exact=True)).to_have_count(1)  # two for a moment, while it moves
    check_fits(page)

    choose(page, "On a real network: the race")
    expect(page).to_have_url(re.compile("view=optimizer_race"))
    wait_until_drawn(page)
    check_names_and_words(page)
    check_fits(page)

    choose(page, "On a surface")
    expect(landscape(page)).to_be_visible()
    wait_until_drawn(page)
    check_names_and_words(page)
    check_fits(page)
    page.get_by_role("slider", name=re.compile("^Learning rate.*×")).press("End")
    expect(landscape(page).locator(".end").first).to_contain_text("diverged")
    expect(charts(page).nth(1)).to_be_visible()
    check_fits(page)
