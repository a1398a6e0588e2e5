"""The line chart in Chromium: alone in an empty page, without a server, and on a page of the app."""

import itertools
import math
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from pages.components import browser_component
from pages.components.charts import line_chart
from tests.browser.run_panel import progress
from tests.waiting import wait_for

RED, BLUE = [255, 0, 0], [0, 0, 255]
COLOURS = {"train": "#ff0000", "test": "#0000ff"}
RISING = {"train": [(step, float(step)) for step in range(101)], "test": [(step, 2.0 * step) for step in range(101)]}
THEME = "--st-text-color: #222; --st-border-color: #ddd; --st-background-color: #fff; --st-font: sans-serif"
MOUNT = """([data, html, css]) => {
    const host = document.querySelector('.host');
    if (!host.shadowRoot) host.attachShadow({ mode: 'open' }).innerHTML = html + `<style>${css}</style>`;
    window.newest = { data, parentElement: host.shadowRoot };
    window.destroy = window.mountChart(window.newest);
}"""

Draw = Callable[..., Locator]


@pytest.fixture
def blank(browser: BrowserContext) -> Iterator[Page]:
    """Return an empty page with the script of the component."""
    script = browser_component.join_scripts(line_chart._ASSETS, line_chart._SCRIPTS)
    page, errors = browser.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_content(f"<div class=host style='width: 500px; {THEME}'></div>")
    page.add_script_tag(content=script.replace("export default", "window.mountChart ="), type="module")
    page.wait_for_function("() => !!window.mountChart")
    yield page
    page.close()
    assert errors == []


@pytest.fixture
def draw(blank: Page, monkeypatch) -> Draw:
    """Draw a chart in the empty page, or draw it again with other data."""
    sent: list = []
    monkeypatch.setattr(browser_component, "register", lambda *_assets: lambda **sending: sent.append(sending["data"]))
    css = (line_chart._ASSETS / "style.css").read_text()

    def draw_it(series: dict, **options: object) -> Locator:
        line_chart.draw(series, **{"x": "update", "y": "loss", "key": "chart", "alt": "a line"} | options)
        blank.evaluate(MOUNT, [sent[-1], line_chart._HTML, css])
        chart = blank.locator(".line-chart")
        expect(chart.locator(".u-over canvas")).to_be_attached()
        blank.wait_for_timeout(50)
        return chart

    return draw_it


def pixels(chart: Locator, colour: list[int]) -> int:
    """Return how many pixels of the drawing have that colour."""
    return chart.locator(".u-wrap > canvas").evaluate(
        """(canvas, [red, green, blue]) => {
            const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            let count = 0;
            for (let at = 0; at < data.length; at += 4)
                count += data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] > 200;
            return count;
        }""",
        colour,
    )


def veil(chart: Locator, share: float) -> int:
    """Return how opaque the layer over the lines is at that share of the width."""
    return chart.locator(".u-over canvas").evaluate(
        "(canvas, share) => canvas.getContext('2d').getImageData(share * canvas.width, 2, 1, 1).data[3]", share
    )


def point_at(page: Page, chart: Locator, share: float) -> None:
    """Move the pointer to that share of the width between the axes."""
    box = chart.locator(".u-over").bounding_box()
    page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)


def move_playhead(page: Page, run: str | None, step: float | None) -> None:
    page.evaluate(
        """([run, step]) => {
            Object.assign(playgroundPlayhead, { run, step });
            playgroundPlayhead.dispatchEvent(new Event('move'));
        }""",
        [run, step],
    )


def readout(chart: Locator) -> list[str]:
    return chart.locator(".readout").inner_text().split()


def test_a_name_in_the_legend_isolates_its_line(draw):
    chart = draw(RISING, colours=COLOURS)
    train, test = chart.get_by_role("button", name="train"), chart.get_by_role("button", name="test")
    assert pixels(chart, RED) > 50 < pixels(chart, BLUE)
    train.focus()
    train.press("Enter")
    expect(train).to_have_attribute("aria-pressed", "true")
    expect(test).to_have_attribute("aria-pressed", "false")
    assert pixels(chart, RED) > 50 > 0 == pixels(chart, BLUE)
    draw({name: points[:90] for name, points in RISING.items()}, colours=COLOURS)  # and so it stays
    assert pixels(chart, RED) > 50 > 0 == pixels(chart, BLUE)
    train.click()
    expect(train).to_have_attribute("aria-pressed", "false")
    assert pixels(chart, BLUE) > 50


def test_a_line_stays_isolated_when_its_title_changes(draw):
    chart = draw(RISING, titles={"train": "Training"}, colours=COLOURS)
    chart.get_by_role("button", name="Training").click()
    draw(RISING, titles={"train": "test", "test": "train"}, colours=COLOURS)
    expect(chart.get_by_role("button", name="test")).to_have_attribute("aria-pressed", "true")
    assert pixels(chart, RED) > 50 > 0 == pixels(chart, BLUE)
    chart.get_by_role("img").press("End")
    assert readout(chart) == ["update", "100", "test", "100"]


def test_a_single_line_has_no_legend(draw):
    expect(draw({"loss": RISING["train"]}).get_by_role("button")).to_have_count(0)


def test_the_pointer_shows_the_values_of_all_lines(draw, blank):
    chart = draw(RISING)
    expect(chart.locator(".readout")).to_be_hidden()
    point_at(blank, chart, 0.401)
    assert readout(chart) == ["update", "40", "test", "80", "train", "40"]  # as they lie one above the other
    point_at(blank, chart, 0.999)
    assert readout(chart)[:2] == ["update", "100"]
    inner, outer = chart.locator(".readout").bounding_box(), chart.locator(".plot").bounding_box()
    assert inner["x"] >= outer["x"]
    assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]
    blank.mouse.move(0, 600)
    expect(chart.locator(".readout")).to_be_hidden()


def test_arrow_keys_move_the_point(draw):
    drawing = (chart := draw(RISING)).get_by_role("img", name="a line")
    drawing.press("ArrowRight")
    assert readout(chart)[:2] == ["update", "0"]
    for key, step in (("Shift+ArrowRight", "10"), ("ArrowLeft", "9"), ("End", "100"), ("ArrowRight", "100")):
        drawing.press(key)
        assert readout(chart)[:2] == ["update", step]
    drawing.press("Escape")
    expect(chart.locator(".readout")).to_be_hidden()


def test_a_gap_has_no_value_and_lines_may_have_points_of_their_own(draw, blank):
    chart = draw({"train": [(0, 1.0), (50, None), (100, 3.0)], "test": [(0, 0.5), (100, 0.7)]})
    point_at(blank, chart, 0.5)
    assert readout(chart) == ["update", "50", "test", "0.6", "train", "–"]


def test_the_axis_reaches_to_the_end_of_the_run_from_the_beginning(draw, blank):
    chart = draw(RISING, x_end=1000)
    point_at(blank, chart, 0.05)
    assert readout(chart)[:2] == ["update", "50"]
    blank.mouse.move(0, 600)
    chart = draw({"train": [(step, step) for step in range(0, 501, 5)]}, x_end=1000)
    point_at(blank, chart, 0.05)
    assert readout(chart)[:2] == ["update", "50"]


@pytest.mark.parametrize(("log", "between"), [(False, "5.5"), (True, "3.162")])  # arithmetic, geometric mean
def test_between_its_points_a_line_has_the_values_that_are_drawn(draw, blank, log, between):
    chart = draw({"train": [(0, 10.0), (10, 1.0)], "test": [(step, 1.0 + step) for step in range(11)]}, log=log)
    point_at(blank, chart, 0.5)
    assert readout(chart) == ["update", "5", "test", "6", "train", between]


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("last", [0.3, 0.003])
def test_the_vertical_axis_of_a_run_changes_at_most_three_times(draw, log, last):
    losses = [(step, 2.3 * (last / 2.3) ** (step / 400) * (1 + 0.3 * math.sin(step))) for step in range(401)]
    axes = []
    for end in range(10, 401, 10):
        chart = draw({"loss": losses[:end]}, log=log, x_end=400, run="one")
        axes.append(
            chart.locator(".u-wrap > canvas").evaluate(
                "canvas => canvas.getContext('2d').getImageData(0, 0, 30, canvas.height - 40).data.join()"
            )
        )
    assert sum(before != after for before, after in itertools.pairwise(axes)) <= 3


def test_the_vertical_axis_stays_while_the_values_fit(draw):
    chart = draw({"loss": [(0, 0.0)]}, run="zeroth")
    options = {"colours": {"loss": "#0072b2"}, "x_end": 10}

    def end(*values: float, run: str = "first") -> float:
        draw({"loss": list(enumerate(values))}, run=run, **options)
        chart.get_by_role("img").press("End")
        return chart.locator(".u-over canvas").evaluate(
            """canvas => {
                const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                const rows = [];
                for (let at = 0; at < data.length; at += 4)
                    if (data[at + 1] === 0x72 && data[at + 2] === 0xb2) rows.push(Math.floor(at / 4 / width));
                return rows.reduce((sum, row) => sum + row, 0) / rows.length;
            }"""
        )

    before = end(10.0, 0.0, 5.0)
    assert end(10.0, 0.0, 9.0, 5.0) == before  # inside of it
    above = end(10.0, 0.0, 9.0, 14.0, 5.0)
    assert above > before + 3  # beyond it
    assert end(10.0, 0.0, 9.0, 14.2, 5.0) == above  # there is room for a little more
    assert end(10.0, 0.0, 9.0, 5.0, run="second") == before


def test_the_playhead_of_the_run_shows_its_values_and_veils_what_came_after(draw, blank):
    chart = draw(RISING, run="mine")
    move_playhead(blank, "mine", 60)
    assert readout(chart) == ["update", "60", "test", "120", "train", "60"]
    assert (veil(chart, 0.3), veil(chart, 0.9)) == (0, 191)
    move_playhead(blank, "another", 60)
    expect(chart.locator(".readout")).to_be_hidden()
    assert veil(chart, 0.9) == 0
    move_playhead(blank, "mine", 20)
    point_at(blank, chart, 0.5)
    assert readout(chart)[:2] == ["update", "50"]  # the pointer comes first
    blank.mouse.move(0, 600)
    assert readout(chart)[:2] == ["update", "20"]
    move_playhead(blank, "mine", None)
    expect(chart.locator(".readout")).to_be_hidden()


def test_a_call_that_was_overtaken_leaves_the_chart_to_the_other(draw, blank):
    chart = draw(RISING, run="mine")
    blank.evaluate(
        """() => {
            const parentElement = document.querySelector('.host').shadowRoot, { data } = window.newest;
            window.mountChart({ data: [{ ...data[0], lines: [], id: 'older' }], parentElement })();
        }"""
    )
    blank.wait_for_timeout(50)
    move_playhead(blank, "mine", 60)
    assert readout(chart)[:2] == ["update", "60"]


def test_a_chart_that_is_gone_does_not_listen_any_more(draw, blank):
    chart = draw(RISING, run="mine")
    blank.evaluate("window.destroy()")
    move_playhead(blank, "mine", 60)
    expect(chart.locator(".readout")).to_be_hidden()


def test_labels_of_marks_do_not_touch_and_stand_where_there_is_room(blank):
    script = (line_chart._ASSETS / "annotations.js").read_text()
    places = blank.evaluate(f"{script}; placeLabels([10, 12, 480, 200], [60, 60, 60, 60], 500, 4)")
    assert [place["from"] for place in places] == [14, 16, 416, 204]
    assert [place["row"] for place in places] == [0, 1, 0, 0]


def test_a_long_or_strange_run_is_drawn(draw):
    strange = [(step, math.exp(step)) for step in range(700)] + [(700, math.inf)]
    chart = draw({"loss": strange}, log=True)
    chart.get_by_role("img").press("Home")
    assert readout(chart)[-1] == "1"


def test_on_a_page_of_the_app(open_page):
    page = open_page("mnist_cnn")
    expect(progress(page)).to_contain_text("470 updates")
    training = page.get_by_role("button", name="training digits", exact=True)
    chart = page.locator(".line-chart").filter(has=training)
    chart.scroll_into_view_if_needed()
    training.click()
    expect(training).to_have_attribute("aria-pressed", "true")
    point_at(page, chart, 0.5)
    expect(chart.locator(".readout")).to_contain_text("training digits")
    expect(chart.locator(".readout")).not_to_contain_text("test digits")
    page.mouse.move(0, 0)
    page.emulate_media(color_scheme="dark")
    wait_for(lambda: pixels(chart, [0x56, 0xB4, 0xE9]) > 50)  # the first colour on dark ground
    move_playhead(page, "mnist_cnn-digits", 100)
    expect(chart.locator(".readout")).to_contain_text("update 100")
