"""Checks of what is drawn: it fits a phone, has names and words for those who do not see it, shows its images."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.run_panel import BUSY
from tests.waiting import wait_for

VEGA = "[data-testid=stVegaLiteChart]"


def charts(page: Page) -> Locator:
    """Return the charts that are not folded away."""
    return page.locator(f"{VEGA}:visible, .line-chart:visible")


def check_fits(page: Page) -> None:
    """Check that nobody has to scroll sideways, and that nothing has failed."""
    main = page.get_by_test_id("stMain")

    def fits() -> bool:
        wide, screen = main.evaluate("main => [main.scrollWidth, main.clientWidth]")
        return wide <= screen <= page.viewport_size["width"]

    wait_for(fits)  # a component takes its size when its script has come
    expect(page.get_by_test_id("stException")).to_have_count(0)


def check_tabs_fit(page: Page, *tabs: tuple[str, str | re.Pattern, int]) -> None:
    """Check every tab, by its name, what stands at its end, and how many charts are drawn with it."""
    for tab, last, drawn in tabs:
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_text(last)).to_be_visible(timeout=BUSY)
        expect(charts(page).locator("svg.marks, .u-wrap > canvas")).to_have_count(drawn)
        check_fits(page)


def check_names_and_words(page: Page, *, n_charts: int = 3) -> None:
    """Check that controls have names, and images and charts words, for those who do not see them.

    ``n_charts`` is how many charts the page has at least.
    """
    expect(charts(page).nth(n_charts - 1)).to_be_visible()
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
    described = page.get_by_role("button", name=re.compile(r"Show data: \S+( \S+){3,}"))
    wait_for(lambda: described.count() == page.locator(f"{VEGA}:visible").count())
    lines = page.locator(".line-chart .drawing")
    wait_for(lambda: lines.evaluate_all("all => all.every(e => e.ariaLabel.split(' ').length > 3)"))


def check_a_point_shows_its_image(page: Page, plane: Locator) -> None:
    """Check that pointing at a point of a chart shows an image; the chart may be drawn anew meanwhile."""

    def shown() -> bool:
        page.mouse.move(0, 0)
        plane.locator(".mark-symbol.role-mark path").first.hover(force=True)
        page.wait_for_timeout(200)
        return page.locator("#vg-tooltip-element img").is_visible()

    wait_for(shown)
