"""The page "Network from scratch" as people use it: it trains, pauses, and finds its run again."""

import re
from collections.abc import Callable, Iterator

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.browser.layout import check_fits, check_names_and_words
from tests.browser.run_panel import (
    BUSY,
    choose,
    click,
    progress,
    run_in_address,
    start,
    stop,
    updates,
    updates_at_rest,
    wait_for_run_in_address,
    wait_for_updates,
    wait_until_drawn,
)
from tests.waiting import wait_for

LONG = "manual_mlp?epochs=50"


@pytest.fixture
def start_one(server) -> Iterator[Callable[[Page], str]]:
    """Start a run while the page is busy with a recording or a run. Each click starts one run: not none, not two."""

    def saved() -> set[str]:
        return {path.parent.name for path in server.runs.glob("*/run.json")}

    before, started = saved(), set()

    def start_and_remember(page: Page, start_run: Callable[[Page], str] = start) -> str:
        started.add(run := start_run(page))
        return run

    yield start_and_remember
    wait_for(lambda: saved() >= started)
    assert saved() - before == started


def test_a_person_finds_their_run_in_a_second_tab_and_nobody_else_does(open_page, server, browser):
    page = open_page(LONG)
    run = start(page)
    click(page, "Pause")
    tab = browser.new_page()  # of the same browser, with its cookie
    tab.goto(f"{server.url}/manual_mlp")
    expect(progress(tab)).to_contain_text("Paused")
    assert run_in_address(tab) == run
    (cookie,) = (one for one in browser.cookies() if one["name"] == "playground-owner")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    tab.close()
    other = open_page(LONG)  # another person
    expect(progress(other)).to_contain_text("Recording")
    assert run_in_address(other) is None

    before = updates_at_rest(page)
    page.get_by_role("slider", name="Learning rate").focus()
    page.keyboard.press("ArrowLeft")
    click(page, "Continue")  # goes on, with the other learning rate
    wait_for_updates(page, before)
    assert run_in_address(page) == run
    expect(page.get_by_text("The settings have changed")).to_have_count(0)
    stop(page)


def restart(page: Page) -> str:
    """Start again from the beginning while a run trains. Return the id of the new run."""
    before = run_in_address(page)
    click(page, "Reset")
    run = wait_for_run_in_address(page, before)
    click(page, "Train")
    expect(progress(page)).to_contain_text("Training")
    return run


def start_by_keyboard(page: Page) -> str:
    """Start a run without the mouse. Return its id."""
    page.get_by_role("button", name="Train", exact=True).focus()
    page.keyboard.press("Enter")
    expect(progress(page)).to_contain_text("Training")
    return wait_for_run_in_address(page)


def test_the_first_click_learns_digits_and_settings_come_back_by_their_address(open_page):
    page = open_page()
    expect(progress(page)).to_contain_text("Recording of “Digits”")
    click(page, "Train")
    expect(progress(page)).to_contain_text("Done · 938 updates", timeout=BUSY)
    caption = page.get_by_text(re.compile(r"Test digits and predictions · update 938 · [\d.]+% correct")).inner_text()
    assert float(re.search(r"([\d.]+)%", caption)[1]) > 90
    expect(page.get_by_role("button", name="Continue", exact=True)).to_be_enabled()

    page.get_by_test_id("stSidebar").get_by_text("The tutorial's gradient", exact=True).click()
    expect(page).to_have_url(re.compile("tutorials_gradient=True"))
    choose(page, "Teacher network")
    expect(page).to_have_url(re.compile(r"/manual_mlp\?preset=teacher$"))
    expect(progress(page)).to_contain_text("Recording of “Teacher network”")
    page.reload()  # the address alone opens the page, with its menu
    expect(progress(page)).to_contain_text("Recording of “Teacher network”")
    expect(page.get_by_role("link", name="Welcome").first).to_be_visible()
    expect(page.get_by_text("Page not found")).to_have_count(0)


def test_a_run_is_paused_done_in_steps_looked_into_and_started_again(open_page, server, start_one):
    page = open_page(LONG)
    run = start_one(page)
    click(page, "Pause")
    expect(progress(page)).to_contain_text("Paused")
    before = updates_at_rest(page)
    click(page, "Step")
    wait_for_updates(page, before)
    first = updates_at_rest(page)
    click(page, "Step")
    wait_for_updates(page, first)
    second = updates_at_rest(page)
    # One event each: of so long a run, every so many updates or a keyframe in between
    assert first - before <= 12
    assert second - first <= 12
    click(page, "Continue")
    expect(progress(page)).to_contain_text("Training")
    wait_for_updates(page, second + 20)

    start_one(page, restart)
    wait_for(lambda: (server.runs / run / "run.json").exists())
    assert '"state": "stopped"' in (server.runs / run / "run.json").read_text()
    wait_for_updates(page, 5)
    click(page, "Pause")
    after = updates_at_rest(page)
    click(page, "Step")
    wait_for_updates(page, after)
    stop(page)


def test_the_keyboard_starts_a_run_that_survives_reload_page_switch_and_the_death_of_its_worker(
    open_page, server, start_one
):
    page = open_page(LONG)
    run = start_one(page, start_by_keyboard)
    wait_for_updates(page, 5)
    before = updates(page)
    page.reload()
    expect(progress(page)).to_contain_text("Training")
    wait_for_updates(page, before)
    assert run_in_address(page) == run

    before = updates(page)
    page.get_by_role("link", name="Welcome").first.click()
    expect(page.get_by_role("heading", name="Watch networks learn")).to_be_visible()
    assert run_in_address(page) is None
    page.get_by_role("link", name="Network from scratch").first.click()
    expect(progress(page)).to_contain_text("Training")
    wait_for_updates(page, before)
    assert run_in_address(page) == run

    busiest_worker(server.process.pid).kill()
    expect(page.get_by_text("Attempt 2")).to_be_visible()
    wait_for_updates(page, 5)
    page.get_by_role("button", name="Pause", exact=True).focus()
    page.keyboard.press("Space")
    expect(progress(page)).to_contain_text("Paused")
    stop(page)


def busiest_worker(server_pid: int) -> psutil.Process:
    """Return the worker process that trains: the first one that uses the processor for half a second."""
    processes = psutil.Process(server_pid).children(recursive=True)
    workers = [process for process in processes if "forkserver" in " ".join(process.cmdline())]
    before = {process: process.cpu_times().user for process in workers}
    busy = []

    def some_work() -> bool:
        busy[:] = [process for process in workers if process.cpu_times().user - before[process] > 0.5]
        return bool(busy)

    wait_for(some_work)
    return max(busy, key=lambda process: process.cpu_times().user - before[process])


def test_a_closed_tab_disturbs_nothing_and_the_link_finds_the_run(open_page, server, start_one):
    page = open_page("manual_mlp?epochs=3&implementation=autograd")
    run = start_one(page)
    seen = updates(page)
    page.close()
    other = open_page(f"manual_mlp?run={run}")
    wait_for_updates(other, seen)
    expect(progress(other)).to_contain_text("Done · 1,407 updates", timeout=BUSY)
    assert (server.runs / run / "weights.safetensors").exists()


def line(page: Page) -> int:
    """Return the line of the trace that is on the screen."""
    return int(re.search(r"Line (\d+) of 12", page.locator(".position").inner_text())[1])


def test_the_trace_moves_through_the_lines_and_follows_the_playhead_without_the_server(open_page):
    sent = []
    page = open_page()
    page.on("websocket", lambda socket: socket.on("framesent", lambda message: sent.append(message)))
    page.reload()
    trace = page.locator(".step-trace")
    expect(trace).to_contain_text(re.compile("Line ([2-9]|1[0-2]) of 12"))  # it plays by itself
    trace.get_by_role("button", name="Back").click()
    page.keyboard.press("Home")
    expect(trace).to_contain_text("Line 1 of 12")
    expect(progress(page)).to_contain_text("Recording")
    wait_until_drawn(page)
    page.wait_for_timeout(3000)  # longer than a line
    assert line(page) == 1  # it was touched
    before, box = len(sent), trace.bounding_box()

    expect(trace.locator("[aria-selected=true]")).to_have_text("for x, y in batches:")
    trace.get_by_role("button", name="Next line").click()
    expect(trace.locator("[aria-selected=true]")).to_have_text("z = x @ W1")
    for tensor in ("x, 128 × 784", "W1, 784 × 64", "z, 128 × 64"):
        expect(trace.get_by_role("img", name=tensor)).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(trace).to_contain_text("h = max(0, z)")
    trace.get_by_text("grad_W2 = h.T @ grad_y_pred").click()
    expect(trace.get_by_role("img", name="h.T, 64 × 128")).to_be_visible()
    page.keyboard.press("End")
    expect(trace.get_by_role("img", name="W2, updated, 64 × 10")).to_be_visible()
    expect(trace.get_by_role("button", name="Next line")).to_be_disabled()

    expect(trace).to_contain_text("update 938")
    correct = trace.locator("[data-correct=true]")
    assert correct.count() > 12
    scrubber = page.get_by_role("slider", name="Displayed update")
    scrubber.fill("500")
    expect(trace).to_contain_text("Line 12 of 12 · update 469")
    scrubber.fill("0")
    expect(trace).to_contain_text("Line 12 of 12 · update 0")
    assert correct.count() < 8
    assert trace.bounding_box() == box
    assert len(sent) == before


def test_the_table_is_in_the_main_view_where_there_is_room_and_below_it_elsewhere(open_page):
    page = open_page()
    table, view, bar = (page.locator(f".st-key-{key}") for key in ("mlp-table", "main-view", "run-bar"))
    for width, height, inside in ((1440, 900, True), (1024, 768, True), (1366, 650, False), (400, 850, False)):
        page.set_viewport_size({"width": width, "height": height})
        expect(table.get_by_text("5 · torch.optim").last).to_be_attached()

        def is_in_place(inside: bool = inside) -> bool:
            boxes = [place.bounding_box() for place in (table, view, bar)]
            (table_top, view_top, bar_top), heights = ([box[name] for box in boxes] for name in ("y", "height"))
            view_end = view_top + heights[1]
            return view_end <= bar_top and (table_top + heights[0] <= view_end if inside else table_top >= view_end)

        wait_for(is_in_place)
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth"), width


def test_it_fits_a_phone_and_all_has_words(open_page):
    page = open_page(width=400)
    check_names_and_words(page)
    wait_until_drawn(page)
    check_fits(page)
    page.goto(page.url.split("/manual_mlp")[0] + "/manual_mlp?preset=tutorial")
    expect(progress(page)).to_contain_text("Recording of “As in the tutorial”")
    wait_until_drawn(page)
    check_fits(page)
    page.goto(page.url.split("/manual_mlp")[0])
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    wait_until_drawn(page)
    check_fits(page)
