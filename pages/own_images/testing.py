"""The "Test" column: test images with their predictions, and the camera with live predictions."""

from collections.abc import Sequence
from itertools import islice

from core.errors import CoreError
from core.topics.own_images.examples import examples, held_out
from core.topics.own_images.labelled_images import MAX_IMAGES, ImageClass, all_images
from core.topics.own_images.prepared_image import PreparedImage, read_image
from core.topics.own_images.uploads import Upload
from pages.components.inputs import image_tester
from pages.components.inputs.image_classes import Notice
from pages.components.inputs.image_tester import TestEdit, TestImage
from pages.components.text import _
from pages.own_images import session
from pages.own_images.classes import take_files
from pages.own_images.labels import class_titles, guidance
from pages.own_images.upload_notice import problem_lines, skipped_lines

MAX_TEST_IMAGES = 100


def draw() -> None:
    """Draw the "Test" column."""
    state = session.current()
    dataset = state.workspace.dataset
    image_tester.draw(
        _images(state),
        exchange=state.exchange,
        classes=[(each.name, title) for each, title in zip(dataset, class_titles(dataset), strict=True)],
        titles=class_titles(state.trained.dataset) if state.trained else class_titles(dataset),
        version=state.version,
        guidance=_("Training…") if state.is_training else guidance(dataset),
        sources=f"test/{state.config.noise}/{state.config.crop}",
        thumbnails=f"thumbnail/{state.config.crop}",
        on_edits=apply,
        applied=state.applied["test"],
        notice=state.notices.get("test"),
        key="own_images.test",
    )


def _images(state: session.PageSession) -> list[TestImage]:
    """Return the user's own test images, then the held-out example images if there are example classes."""
    own = [TestImage(image.key, image.name, None, own=True) for image in state.workspace.test_images.values()]
    dataset = state.workspace.dataset
    if not any(each in examples() for each in dataset):
        return own
    titles = dict(zip([each.name for each in examples()], class_titles(examples()), strict=True))
    names = {each.name for each in dataset}
    return own + [
        TestImage(image.key, image.name, titles[name] if name in names else None, own=False)
        for name, image in held_out()
        if image.key not in state.workspace.test_images
    ]


def apply(edits: Sequence[TestEdit]) -> None:
    """Apply the user's edits to the test images. Edits that have already been applied are ignored."""
    session.current().apply("test", edits, _apply)


def _apply(state: session.PageSession, edit: TestEdit) -> None:
    if edit.kind == "remove":
        for key in edit.keys:
            state.workspace.test_images.pop(key, None)
    elif edit.kind == "files":
        _add(state, take_files(state, edit.files))
    else:
        _add_to_class(state, edit.keys, edit.name)


def _add(state: session.PageSession, files: Sequence[tuple[str, bytes]]) -> None:
    problems: list[tuple[str, CoreError]] = []
    added: dict[str, PreparedImage] = {}
    upload = Upload(files)
    for name, _folder, content in islice(upload, MAX_TEST_IMAGES):
        try:
            if isinstance(content, CoreError):
                raise content
            image, _notes = read_image(name, content)
        except CoreError as error:
            problems.append((name, error))
        else:
            added[image.key] = image
    state.workspace.test_images = dict(list((added | state.workspace.test_images).items())[:MAX_TEST_IMAGES])
    if lines := problem_lines(problems) + skipped_lines(upload.skipped):
        state.say("test", Notice(0, "warning" if problems else "good", lines[0], lines[1:]))


def _add_to_class(state: session.PageSession, keys: Sequence[str], name: str) -> None:
    """Add test images to the class called ``name``."""
    dataset = state.workspace.dataset
    known = {image.key for image in all_images(dataset)}
    candidates = state.workspace.test_images | {image.key: image for _name, image in held_out()}
    images = [candidates[key] for key in keys if key in candidates and key not in known]
    if not images:
        state.say("test", Notice(0, "warning", _("This image is already a training image.")))
        return
    if any(each.name == name and len(each.images) + len(images) > MAX_IMAGES for each in dataset):
        raise CoreError("class_full", name=name, limit=MAX_IMAGES)
    changed = tuple(ImageClass(each.name, (*each.images, *images)) if each.name == name else each for each in dataset)
    state.workspace.change(changed, _("Add a test image to “{name}”").format(name=name))
    state.say("test", Notice(0, "good", _("The image was added to the training images of “{name}”.").format(name=name)))
