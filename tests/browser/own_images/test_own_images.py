"""The page "Your own images" in a browser: classes from files and the camera, live predictions, a reload."""

import re
from zipfile import ZipFile

import pytest
from playwright.sync_api import Locator, Page, expect

from core.topics.own_images.examples import FOLDER
from tests.browser.layout import check_fits
from tests.browser.run_panel import BUSY, click
from tests.waiting import wait_for

PROBLEM = "() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', '%s'); }; }"


def card(page: Page, number: int) -> Locator:
    """Return the card of a class, counted from 0."""
    return page.locator(".image-classes .card").nth(number)


def give(page: Page, number: int, *files: str) -> None:
    """Add example photos to a class."""
    card(page, number).locator("input.files").set_input_files([FOLDER / file for file in files])


def headline(page: Page) -> Locator:
    return page.locator(".image-tester .headline")


def test_from_the_files_to_the_answer_and_a_reload_keeps_them(open_page):
    page = open_page("own_images")
    expect(headline(page)).to_have_text(re.compile("Prediction: flowers"), timeout=BUSY)
    page.locator(".image-classes summary").click()
    click(page, "Remove the examples")
    expect(headline(page)).to_have_text(re.compile("Add images to two classes"))
    give(page, 0, "birds/crow.jpg", "birds/blackbird.jpg")
    expect(card(page, 0).locator(".tiles li")).to_have_count(2)
    name = card(page, 0).locator("input.name")
    name.fill("birds 🐦")
    name.press("Enter")
    give(page, 1, "fruit/apple_red.jpg", "fruit/banana.jpg")
    expect(card(page, 1).locator(".tiles li")).to_have_count(2)
    page.locator(".image-tester input.files").set_input_files(FOLDER / "birds/rooster.jpg")
    expect(headline(page)).to_have_text(re.compile("Prediction: birds 🐦"), timeout=BUSY)
    click(page, "Remove the class “class 2”")
    expect(headline(page)).to_have_text("Add a second class. A classifier needs at least two classes.")
    click(page, "Undo")
    expect(card(page, 1).locator(".tiles li")).to_have_count(2)
    page.reload()
    expect(name).to_have_value("birds 🐦")
    expect(card(page, 1).locator(".tiles li")).to_have_count(2)


def test_a_click_chooses_the_folders_of_a_zip_that_become_classes(open_page, tmp_path):
    photos = ("birds/crow", "birds/blackbird", "fruit/banana", "fruit/apple_red")
    with ZipFile(tmp_path / "photos.zip", "w") as archive:
        for number, photo in enumerate(photos):
            folder, name = photo.split("/")
            archive.write(FOLDER / f"{photo}.jpg", f"{folder}/day {number % 2}/{name}.jpg")
    page = open_page("own_images")
    expect(headline(page)).to_have_text(re.compile("Prediction"), timeout=BUSY)
    page.locator(".image-classes summary").click()
    click(page, "Remove the examples")
    card(page, 0).locator("input.files").set_input_files(tmp_path / "photos.zip")
    for first, second, other in (("birds", "fruit", "“day 0”, “day 1”"), ("day 0", "day 1", "“birds”, “fruit”")):
        choice = page.get_by_role("button", name=f"Use these folders as classes: {other}")
        expect(choice).to_be_visible(timeout=BUSY)
        for number, name in enumerate((first, second)):
            expect(card(page, number).locator("input.name")).to_have_value(name)
            expect(card(page, number).locator(".tiles li")).to_have_count(2)
        choice.click()


def test_a_phone_shows_one_part_and_the_answer_and_no_click_is_lost(open_page):
    page = open_page("own_images", width=400)  # another user: without the images of others
    expect(headline(page)).to_have_text(re.compile("Prediction"), timeout=BUSY)
    expect(headline(page)).to_be_in_viewport()
    expect(card(page, 4).locator("input.name")).to_have_value("vegetables")
    check_fits(page)
    click(page, "Test")
    expect(card(page, 4)).to_be_hidden()
    for _ in range(6):
        click(page, "Next image")
    expect(page.locator(".image-tester .strip li").nth(6).locator("button")).to_have_attribute("aria-pressed", "true")
    expect(headline(page)).to_have_text(re.compile("Prediction: birds"), timeout=BUSY)


def test_a_burst_fills_a_class_and_the_camera_is_predicted_live(open_page):
    page = open_page("own_images")
    expect(headline(page)).to_have_text(re.compile("Prediction"), timeout=BUSY)
    before = card(page, 0).bounding_box()
    click(page, "Add class")
    expect(card(page, 5).locator("input.name")).to_be_focused()
    assert card(page, 0).bounding_box()["x"] == before["x"]
    click(page, "Add images to “class 1” with the camera")
    hold = page.get_by_role("button", name="Hold to record")
    expect(hold).to_be_enabled()
    hold.hover()
    page.mouse.down()
    wait_for(lambda: int(card(page, 5).locator(".told").inner_text()[:1] or 0) >= 4)
    page.mouse.up()
    expect(card(page, 5).locator(".count")).to_have_text(re.compile(r"^[4-9] images|^\d\d images"), timeout=BUSY)
    expect(page.locator(".st-key-training-state")).to_have_text(re.compile("from 6 classes"), timeout=BUSY)
    page.locator(".image-tester .eye").click()
    expect(headline(page)).to_have_text(re.compile("Live: class 1"), timeout=BUSY)
    page.locator(".image-tester .take").click()
    expect(headline(page)).to_have_text(re.compile("Prediction: class 1"), timeout=BUSY)
    expect(page.locator(".image-tester video")).to_be_hidden()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("NotAllowedError", "blocks the camera on this page"),
        ("NotFoundError", "No camera was found"),
        ("NotReadableError", "Another program may be using it"),
    ],
)
def test_it_says_why_there_is_no_camera_and_what_to_do(open_shared_page, error, message, shared):
    page = shared(open_shared_page)
    page.evaluate(f"({PROBLEM % error})()")
    page.locator(".image-tester .eye").click()
    expect(page.locator(".image-tester .message")).to_contain_text(message)
    expect(page.locator(".image-tester .retry")).to_be_visible()
    page.locator(".image-tester .eye").click()


@pytest.fixture(scope="module")
def shared():
    """Open the page once for the tests of the camera's problems."""
    pages: list[Page] = []

    def open_once(open_shared_page) -> Page:
        if not pages:
            pages.append(open_shared_page("own_images"))
            expect(headline(pages[0])).to_have_text(re.compile("Prediction"), timeout=BUSY)
        return pages[0]

    return open_once


def test_a_camera_that_is_lost_or_left_and_an_address_without_https(open_shared_page, shared):
    page = shared(open_shared_page)
    page.reload()
    message = page.locator(".image-tester .message")
    page.locator(".image-tester .eye").click()
    expect(headline(page)).to_have_text(re.compile("Live"), timeout=BUSY)
    page.evaluate(
        """() => { Object.defineProperty(document, 'hidden', { value: true, configurable: true });
        document.dispatchEvent(new Event('visibilitychange')); }"""
    )
    expect(page.locator(".image-tester video")).to_be_hidden()
    page.evaluate("() => { delete document.hidden; document.dispatchEvent(new Event('visibilitychange')); }")
    expect(headline(page)).to_have_text(re.compile("Live"), timeout=BUSY)
    page.locator(".image-tester video").evaluate("v => v.srcObject.getTracks()[0].dispatchEvent(new Event('ended'))")
    expect(message).to_contain_text("The camera was disconnected.")
    page.evaluate(
        """() => { Object.defineProperty(navigator, 'mediaDevices', { value: undefined });
        Object.defineProperty(window, 'isSecureContext', { value: false }); }"""
    )
    page.locator(".image-tester .retry").click()
    expect(message).to_contain_text("only on https pages")
    expect(page.locator(".image-tester .photo")).to_be_visible()
