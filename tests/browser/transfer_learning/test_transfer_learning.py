"""The page "Transfer learning" as people use it: the labels are moved, all ways learn, and one looks inside."""

import re

from playwright.sync_api import expect

from tests.browser.layout import check_a_point_shows_its_image, check_names_and_words, check_tabs_fit
from tests.browser.run_panel import BUSY, click, progress


def test_labels_are_moved_all_ways_learn_live_and_the_tabs_fit_a_phone(open_page):
    page = open_page("transfer_learning?seeds=1&epochs=5", width=400)
    check_names_and_words(page)
    told = page.get_by_text(re.compile("labels per class: .* from scratch"))
    expect(told).to_contain_text("With 10 labels")
    gain = page.get_by_text(re.compile("points\\. With"))
    before = gain.inner_text()
    click(page, "Settings")
    page.get_by_role("slider", name="Labels per class").focus()
    page.keyboard.press("ArrowLeft")
    expect(told).to_contain_text("With 7 labels")
    expect(gain).not_to_have_text(before)
    click(page, "Settings")
    click(page, "Train")
    expect(progress(page)).to_contain_text("Training")
    expect(progress(page)).to_contain_text("Done", timeout=BUSY)
    expect(page.get_by_text(re.compile("Accuracy on all test images: from scratch"))).to_be_visible()
    check_tabs_fit(
        page,
        ("Positive and negative transfer", "All accuracies", 4),
        ("Transferred features", "From scratch, when it has learnt", 8),
    )
    expect(page.get_by_text("Transferred, then fine-tuned")).to_be_visible()
    plane = page.get_by_label("300 pictures as points in a plane, coloured by class", exact=True).first
    check_a_point_shows_its_image(page, plane)
