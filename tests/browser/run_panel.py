"""What people do with the run of a page: they start it, watch its updates, stop it."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.waiting import wait_for

BUSY = 120_000  # milliseconds in which also a machine that has other things to do has played or trained


def progress(page: Page) -> Locator:
    """Return what the run bar says of the run."""
    return page.locator(".st-key-run-state")


def updates(page: Page) -> int:
    """Return how many updates the page says are done."""
    text = progress(page).inner_text()
    update = re.search(r"update ([\d,]+) of", text) or re.search(r"([\d,]+) updates?\b", text)
    if not update and (not text or text.startswith(("Starting", "Waiting"))):  # empty: not drawn yet
        return 0
    assert update, text
    return int(update[1].replace(",", ""))


def click(page: Page, name: str) -> None:
    """Click the button of that name."""
    page.get_by_role("button", name=name, exact=True).click()


def choose(page: Page, name: str) -> None:
    """Choose a view or a preset."""
    page.get_by_test_id("stButtonGroup").get_by_role("radio", name=name, exact=True).click()


def wait_for_updates(page: Page, more_than: int) -> None:
    """Wait until more updates are done."""
    wait_for(lambda: updates(page) > more_than)


def updates_at_rest(page: Page) -> int:
    """Wait until no more updates come. Return how many are done."""
    seen = []

    def unchanged() -> bool:
        seen.append(updates(page))
        page.wait_for_timeout(1000)
        return updates(page) == seen[-1]

    wait_for(unchanged)
    return seen[-1]


def wait_until_drawn(page: Page) -> None:
    """Wait until all is drawn that was asked for."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def start(page: Page) -> str:
    """Start a run and see it train. Return its id."""
    before = run_in_address(page)
    click(page, "Train")
    expect(progress(page)).to_contain_text("Training")
    wait_for_updates(page, 5)
    return wait_for_run_in_address(page, before)


def run_in_address(page: Page) -> str | None:
    """Return the id of the run in the address."""
    run = re.search(r"run=(\w+)", page.url)
    return run and run[1]


def wait_for_run_in_address(page: Page, before: str | None = None) -> str:
    """Wait for another run in the address. Return its id."""
    expect(page).to_have_url(re.compile(rf"run=(?!{before}\b)\w+"))
    return run_in_address(page)


def stop(page: Page) -> None:
    """Stop the run: show the recording."""
    page.get_by_role("button", name="Menu").click()
    click(page, "Show the recording")
    expect(progress(page)).to_contain_text("Recording")
    page.keyboard.press("Escape")
