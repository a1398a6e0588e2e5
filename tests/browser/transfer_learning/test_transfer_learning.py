"""The page “Transfer learning” in a browser: labels, predictions of four networks, drawing, and tabs."""

import re
from itertools import pairwise

from playwright.sync_api import Page, expect

from tests.browser.layout import check_a_point_shows_its_image, check_names_and_words, check_tabs_fit
from tests.browser.run_panel import BUSY, click, progress
from tests.waiting import wait_for


def correct(page: Page) -> list[int]:
    """How many of the 20 images each network classifies correctly, as the grid says."""
    counts = page.locator(".prediction-grid .count b")
    expect(counts).to_have_text([re.compile(r"\d+/20")] * 4)
    return [int(text.split("/")[0]) for text in counts.all_inner_texts()]


def test_labels_are_moved_all_networks_learn_live_and_the_tabs_fit_a_phone(open_page):
    page = open_page("transfer_learning?seeds=1&epochs=5", width=400)
    check_names_and_words(page)
    source = page.locator(".st-key-grid [data-testid=stMarkdownContainer]").first
    expect(source).to_contain_text("Predictions with other settings: Epochs 40, Seeds 3")
    click(page, "Train")
    expect(progress(page)).to_contain_text("Training")
    expect(progress(page)).to_contain_text("Done", timeout=BUSY)
    expect(source).to_contain_text("Your run, 10 labels per class")
    expect(page.locator(".prediction-grid .title")).to_contain_text("Final")
    wait_for(lambda: sum(correct(page)) > 4 * 20 / 5)  # better than guessing
    main, grid, pad = (page.locator(f".st-key-{name}").bounding_box() for name in ("main-view", "grid", "own"))
    assert grid["width"] == main["width"]
    assert pad["y"] + pad["height"] <= page.get_by_test_id("stBottom").bounding_box()["y"]
    check_tabs_fit(
        page,
        ("Positive and negative transfer", "All accuracies", 4),
        ("Transferred features", "From scratch, after training", 8),
    )
    expect(page.get_by_text("Transferred, then fine-tuned")).to_be_visible()
    plane = page.get_by_label("300 images as points in a plane, colored by class", exact=True).first
    check_a_point_shows_its_image(page, plane)


def test_more_labels_turn_wrong_right_and_four_networks_answer_a_drawing(open_page):
    page = open_page("transfer_learning")
    expect(page.locator(".prediction-grid .title")).to_contain_text("Final")  # the recording has been played
    ten = correct(page)
    names = page.locator(".line-chart").first.locator(".ends div")  # curves that coincide are named one below the other
    expect(names).to_have_text([re.compile(r"^(frozen|fine-tuned|random|from scratch)\d+\.\d%$")] * 4)

    def are_apart() -> bool:
        tops = names.evaluate_all("all => all.map(e => e.getBoundingClientRect().top)")
        return all(below - above >= 15 for above, below in pairwise(tops))

    wait_for(are_apart)  # the names move when the page gets its final width
    expect(page.locator(".line-chart .readout:visible")).to_have_count(0)
    slider = page.get_by_role("slider", name="Labels per class")
    slider.focus()
    for count in (7, 5, 3, 2, 1):
        page.keyboard.press("ArrowLeft")
        expect(slider).to_have_attribute("aria-valuetext", str(count))
    expect(page.get_by_text("Recording, 1 label per class")).to_be_visible()
    wait_for(lambda: all(few < many for few, many in zip(correct(page), ten, strict=True)))
    page.locator(".prediction-grid .cell").nth(3).hover()
    expect(page.locator(".prediction-grid .readout")).to_contain_text("Image 4: 8. Predictions: from scratch")
    pad = page.locator(".pad canvas")
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    for across, down in ((0.7, 0.2), (0.5, 0.85)):
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=5)
    page.mouse.up()
    expect(page.locator(".own-row b")).to_have_text([re.compile("[5-9]")] * 4)
    assert pad.bounding_box() == box
