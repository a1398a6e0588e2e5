"""The page "A network by hand" as people use it: it trains, pauses, and finds its run again."""

import re
import time

import psutil
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.waiting import wait_for

LONG = "manual_mlp?epochs=50"
BUSY = 120_000  # milliseconds in which also a machine that has other things to do has played or trained


def progress(page: Page) -> Locator:
    """The line above the run; a tab may have a bar of its own while it computes."""
    return page.get_by_test_id("stProgress").first


def updates(page: Page) -> int:
    """How many updates the page says are done."""
    text = progress(page).inner_text()
    if text.startswith("Starting"):  # the worker is
        return 0
    found = re.search(r"update ([\d,]+) of", text)
    assert found, text
    return int(found[1].replace(",", ""))


def click(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def wait_for_updates(page: Page, more_than: int) -> None:
    wait_for(lambda: updates(page) > more_than)


def at_rest(page: Page) -> int:
    """How many updates are done when no more come."""
    seen = []

    def same() -> bool:
        seen.append(updates(page))
        page.wait_for_timeout(600)
        return updates(page) == seen[-1]

    wait_for(same)
    return seen[-1]


def rest(page: Page) -> None:
    """Wait until all is drawn that was asked for."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def start_long_run(page: Page) -> str:
    """Start a run of a few minutes; returns its id."""
    click(page, "Start")
    expect(progress(page)).to_contain_text("Training")
    wait_for_updates(page, 5)
    expect(page).to_have_url(re.compile(r"run=\w+"))
    return re.search(r"run=(\w+)", page.url)[1]


def stop(page: Page) -> None:
    click(page, "Stop")
    expect(progress(page)).to_contain_text("Stopped")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()


def test_the_first_click_learns_digits(open_page):
    page = open_page()
    expect(progress(page)).to_contain_text("Recording of “Digits”")
    wait_for_updates(page, 100)  # the recording plays by itself
    click(page, "Start")
    expect(progress(page)).to_contain_text("Done · update 938 of 938", timeout=BUSY)
    told = page.get_by_text(re.compile(r"\d+% of new digits right")).inner_text()
    assert int(re.search(r"(\d+)%", told)[1]) > 90
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()


def test_pause_step_resume_and_stop(open_page):
    page = open_page(LONG)
    start_long_run(page)
    click(page, "Pause")
    expect(progress(page)).to_contain_text("Paused")
    before = at_rest(page)
    click(page, "Step")
    wait_for_updates(page, before)
    first = at_rest(page)
    click(page, "Step")
    wait_for_updates(page, first)
    second = at_rest(page)
    # One event each: of so long a run, every so many updates or a keyframe in between
    assert first - before <= 12
    assert second - first <= 12
    click(page, "Resume")
    expect(progress(page)).to_contain_text("Training")
    wait_for_updates(page, second + 20)
    stop(page)
    after = updates(page)
    page.wait_for_timeout(500)
    assert updates(page) == after


def test_reload_and_page_switch_find_the_run_again(open_page):
    page = open_page(LONG)
    run = start_long_run(page)
    before = updates(page)
    page.reload()
    expect(progress(page)).to_contain_text("Training")
    wait_for_updates(page, before)
    assert run in page.url

    before = updates(page)
    page.get_by_role("link", name="Welcome").first.click()
    expect(page.get_by_role("heading", name="Watch networks learn")).to_be_visible()
    assert "run=" not in page.url
    page.get_by_role("link", name="A network by hand").first.click()
    expect(progress(page)).to_contain_text("Training")
    wait_for_updates(page, before)
    assert run in page.url
    stop(page)


def test_a_closed_tab_disturbs_nothing_and_the_link_finds_the_run(open_page, server):
    page = open_page("manual_mlp?epochs=3")
    run = start_long_run(page)
    seen = updates(page)
    page.close()
    time.sleep(1)
    other = open_page(f"manual_mlp?run={run}")
    wait_for_updates(other, seen)
    expect(progress(other)).to_contain_text("Done · update 1,407 of 1,407", timeout=BUSY)
    assert (server.runs / run / "weights.safetensors").exists()


def test_a_second_start_stops_the_first_run(open_page, server):
    page = open_page(LONG)
    run = start_long_run(page)
    click(page, "Restart")
    expect(page).not_to_have_url(re.compile(f"run={run}"))
    expect(progress(page)).to_contain_text("Training")
    wait_for(lambda: (server.runs / run / "run.json").exists())
    assert '"state": "stopped"' in (server.runs / run / "run.json").read_text()
    stop(page)


def test_one_click_starts_one_run_however_busy_the_page(open_page, server):
    """A click that falls between two polls of the playing recording is neither lost nor taken twice."""
    for _ in range(3):
        before = {path.name for path in server.runs.iterdir()}
        page = open_page(LONG)
        run = start_long_run(page)
        stop(page)
        page.close()
        assert {path.name for path in server.runs.iterdir()} - before == {run}


def test_a_killed_worker_is_replaced_visibly(open_page, server):
    page = open_page(LONG)
    start_long_run(page)
    workers = [
        process
        for process in psutil.Process(server.process.pid).children(recursive=True)
        if "spawn_main" in " ".join(process.cmdline())
    ]
    before = {process: process.cpu_times().user for process in workers}
    time.sleep(1)
    busiest = max(workers, key=lambda process: process.cpu_times().user - before[process])
    busiest.kill()
    expect(page.get_by_text("Attempt 2")).to_be_visible()
    wait_for_updates(page, 5)
    stop(page)


def test_a_deep_link_opens_the_page_with_the_router(open_page):
    page = open_page("manual_mlp?preset=teacher")
    expect(progress(page)).to_contain_text("Recording of “Hidden teacher”")
    expect(page.get_by_role("link", name="Welcome").first).to_be_visible()
    expect(page.get_by_text("Page not found")).to_have_count(0)


def test_settings_are_in_the_address_and_come_back(open_page):
    page = open_page()
    expect(progress(page)).to_be_visible()
    page.get_by_text("The tutorial's gradient", exact=True).click()
    expect(page).to_have_url(re.compile("tutorials_gradient=True"))
    page.get_by_role("radio", name="Hidden teacher").click()
    expect(page).to_have_url(re.compile("preset=teacher"))
    expect(progress(page)).to_contain_text("Recording of “Hidden teacher”")
    page.reload()
    expect(progress(page)).to_contain_text("Recording of “Hidden teacher”")


def test_the_microscope_follows_a_running_run(open_page):
    page = open_page(LONG)
    start_long_run(page)
    page.get_by_role("tab", name="One step under the microscope").click()
    expect(page.get_by_text("relative error of the gradient")).to_be_visible()
    before = updates(page)
    slider = page.get_by_role("slider", name="Update")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.get_by_text("relative error of the gradient")).to_be_visible()
    wait_for_updates(page, before)
    stop(page)


PAGES = (
    *("foundations", "manual_mlp", "optimizers", "optimizers?view=optimizer_race", "optimizers?view=lr_schedules"),
    *("foundations?view=bias_variance", "foundations?view=activations", "foundations?view=losses"),
)


@pytest.mark.parametrize("address", ["", "manual_mlp?preset=tutorial", "optimizers?learning_rate=100", *PAGES])
def test_a_narrow_screen_needs_no_sideways_scrolling_and_all_has_words(open_page, address):
    page = open_page(address, width=400)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if address:
        expect(charts(page).nth(1)).to_be_visible()
    page.wait_for_timeout(500)
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 400
    if address in PAGES:
        check_names_and_words(page)


def charts(page: Page) -> Locator:
    """The charts that are not folded away."""
    return page.locator("[data-testid=stVegaLiteChart]:not(details:not([open]) *)")


def check_tabs_fit(page: Page, *tabs: tuple[str, str | re.Pattern, int]) -> None:
    """Every tab, by its name, what stands at its end, and the charts that are then drawn, fits a phone."""
    for tab, last, drawn in tabs:
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_text(last)).to_be_visible(timeout=BUSY)
        expect(charts(page).locator("svg.marks")).to_have_count(drawn)
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 400, tab
        expect(page.get_by_test_id("stException")).to_have_count(0)


def check_a_point_shows_its_picture(page: Page, plane: Locator) -> None:
    """Pointing at a point of a chart shows a picture; the chart may be drawn anew meanwhile."""

    def shown() -> bool:
        page.mouse.move(0, 0)
        plane.locator(".mark-symbol.role-mark path").first.hover(force=True)
        page.wait_for_timeout(200)
        return page.locator("#vg-tooltip-element img").is_visible()

    wait_for(shown)


def check_names_and_words(page: Page) -> None:
    """Controls have names, and pictures have words, for those who do not see them."""
    expect(charts(page).nth(2)).to_be_visible()
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('[data-testid=stMain] :is(button, input, [role=slider])')]
        .filter(e => e.offsetParent && !(e.ariaLabel || e.textContent || e.title || e.labels?.length
            || e.getAttribute('aria-labelledby'))).map(e => e.outerHTML.slice(0, 120))"""
    )
    assert unnamed == []
    wordless = page.evaluate(
        """() => [...document.querySelectorAll('[data-testid=stMain] :is(img, [role=img])')]
        .filter(e => !(e.alt || e.ariaLabel || e.ariaHidden)).map(e => e.outerHTML.slice(0, 120))"""
    )
    assert wordless == []
    described = page.get_by_role("button", name=re.compile(r"Show data: \w+( \S+){3,}"))
    wait_for(lambda: described.count() == charts(page).count())


def test_the_keyboard_alone_can_start_and_stop(open_page):
    page = open_page(LONG)
    expect(progress(page)).to_be_visible()
    page.get_by_role("button", name="Start", exact=True).focus()
    page.keyboard.press("Enter")
    expect(progress(page)).to_contain_text("Training")
    page.get_by_role("button", name="Stop", exact=True).focus()
    page.keyboard.press("Space")
    expect(progress(page)).to_contain_text("Stopped")
