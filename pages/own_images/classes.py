"""The class cards: the user's edits, and the notices about their results."""

import math
from collections.abc import Sequence
from dataclasses import replace

from core.data.image_uploads import is_zip
from core.errors import CoreError
from core.topics.own_images.examples import examples
from core.topics.own_images.labelled_images import (
    MAX_CLASSES,
    MAX_IMAGES,
    MAX_TOTAL_BYTES,
    ImageClass,
    LabelledImages,
    add_files,
    move_images,
    remove_images,
    rename_class,
)
from core.topics.own_images.project import is_project, open_project
from core.topics.own_images.store import KEEP_DAYS
from pages.components.inputs import image_classes
from pages.components.inputs.image_classes import ClassCard, Edit, File, Notice
from pages.components.text import _, ngettext
from pages.own_images import session
from pages.own_images.labels import class_name, class_titles
from pages.own_images.upload_notice import upload_notice


def draw() -> None:
    """Draw the cards of the user's classes."""
    state = session.current()
    dataset = state.workspace.dataset
    titles = class_titles(dataset)
    image_classes.draw(
        [
            ClassCard(each.name, title, [(image.key, image.name) for image in each.images])
            for each, title in zip(dataset, titles, strict=True)
        ],
        exchange=state.exchange,
        on_edits=apply,
        applied=state.applied["classes"],
        thumbnails=f"thumbnail/{state.config.crop}",
        limits=(MAX_CLASSES, MAX_IMAGES),
        undo=state.workspace.undo_title,
        notice=state.notices.get("classes"),
        actions={"clear": _("Remove the examples"), "examples": _("Restore the examples")},
        start=("clear", _("Use your own images")) if dataset == examples() else None,
        download=(
            _("Save as a project file"),
            f"project/{state.workspace.n_changes}.{state.version}",
            "own_images.zip",
        ),
        note=_note(dataset),
        key="own_images.classes",
    )


def _note(dataset: LabelledImages) -> str:
    if dataset == examples():
        text = ngettext(
            "Examples: Tux Paint stamps by Bill Kendrick and contributors, GPL 2 or later. Images that you add stay on "
            "this server. They are deleted after {days:g} day without a visit.",
            "Examples: Tux Paint stamps by Bill Kendrick and contributors, GPL 2 or later. Images that you add stay on "
            "this server. They are deleted after {days:g} days without a visit.",
            math.ceil(KEEP_DAYS),
        )
    else:
        text = ngettext(
            "Your images stay on this server. They are deleted when you remove them, or after {days:g} day without a "
            "visit. Limits: {classes} classes, {images} images per class, and {megabytes} MB in total.",
            "Your images stay on this server. They are deleted when you remove them, or after {days:g} days without a "
            "visit. Limits: {classes} classes, {images} images per class, and {megabytes} MB in total.",
            math.ceil(KEEP_DAYS),
        )
    megabytes = MAX_TOTAL_BYTES // 2**20
    return text.format(days=KEEP_DAYS, classes=MAX_CLASSES, images=MAX_IMAGES, megabytes=megabytes)


def apply(edits: Sequence[Edit]) -> None:
    """Apply the user's edits to the classes. Edits that have already been applied are ignored."""
    session.current().apply("classes", edits, _apply)


def _apply(state: session.PageSession, edit: Edit) -> None:
    dataset, change = state.workspace.dataset, state.workspace.change
    edit = replace(edit, name=_current_name(state, edit.name))
    index = next((index for index, each in enumerate(dataset) if each.name == edit.name), None)
    if edit.kind == "undo":
        state.workspace.undo()
    elif edit.kind == "add":
        if len(dataset) >= MAX_CLASSES:
            raise CoreError("too_many_classes", limit=MAX_CLASSES)
        change((*dataset, ImageClass(unused_name(dataset))), _("Add class"))
    elif edit.kind == "action":
        if edit.value == "clear":
            change(_without_examples(dataset), _("Remove the examples"))
        else:
            change(_with_examples(dataset), _("Restore the examples"))
    elif edit.kind == "files":
        if edit.value and dataset is state.filled:
            state.workspace.undo()
        _add(state, edit.name, take_files(state, edit.files), level=int(edit.value) if edit.value.isdecimal() else 0)
    elif index is None:
        return  # another tab has removed the class
    elif edit.kind == "rename":
        renamed = rename_class(dataset, index, edit.value)
        change(renamed, _("Rename “{name}”").format(name=edit.name))
        state.new_names[edit.name] = renamed[index].name
    elif edit.kind == "empty":
        emptied = tuple(ImageClass(each.name) if number == index else each for number, each in enumerate(dataset))
        change(emptied, _("Empty “{name}”").format(name=edit.name))
    elif edit.kind == "remove":
        change((*dataset[:index], *dataset[index + 1 :]), _("Remove “{name}”").format(name=edit.name))
    elif edit.kind == "remove_images":
        change(remove_images(dataset, index, edit.keys), _("Remove images from “{name}”").format(name=edit.name))
    elif edit.kind == "move_images":
        move(state, edit.keys, edit.value)


def _current_name(state: session.PageSession, name: str) -> str:
    """Return the current name of the class that an edit calls ``name``, which may be a former name of the class."""
    names, tried = {each.name for each in state.workspace.dataset}, set[str]()
    while name not in names and name in state.new_names and name not in tried:
        tried.add(name)
        name = state.new_names[name]
    return name


def move(state: session.PageSession, keys: Sequence[str], name: str) -> None:
    """Move images to the class called ``name``. ``keys`` contains the keys of the images.

    When the class is full, the remaining images stay in their classes. If no class has this name, do nothing.

    Raises the same errors as `Workspace.change`.
    """
    dataset = state.workspace.dataset
    target = next((index for index, each in enumerate(dataset) if each.name == name), None)
    if target is not None:
        state.workspace.change(move_images(dataset, keys, target), _("Move images to “{name}”").format(name=name))


def take_files(state: session.PageSession, files: Sequence[File]) -> list[tuple[str, bytes]]:
    """Remove uploaded files from the exchange between the browser and the server. Return (path, content) pairs.

    Files that the exchange does not contain are left out.
    """
    taken = [(file.path, state.exchange.take(file.id)) for file in files]
    return [(path, data) for path, data in taken if data is not None]


def _add(state: session.PageSession, name: str, files: Sequence[tuple[str, bytes]], *, level: int) -> None:
    dataset = state.workspace.dataset
    projects = [data for _path, data in files if is_zip(data) and is_project(data)]
    if projects:
        opened = open_project(projects[0])
        state.workspace.change(opened, _("Open a project file"))
        text = _("Project opened. Classes: {classes}, images: {images}.")
        n_images = sum(len(each.images) for each in opened)
        state.say("classes", Notice(0, "good", text.format(classes=len(opened), images=n_images)))
        return
    name = name or (dataset[0].name if dataset else class_name(1))
    placeholders = {class_name(number) for number in range(1, 2 * MAX_CLASSES)}
    result = add_files(dataset, name, files, level=level, placeholders=placeholders)
    state.workspace.change(result.dataset, _("Add images"))
    state.filled = result.dataset
    state.say("classes", upload_notice(result, name, level))


def unused_name(dataset: LabelledImages) -> str:
    """Return the first placeholder name, such as "class 3", that no class in the dataset has."""
    names = {each.name for each in dataset}
    return next(name for number in range(1, 2 * MAX_CLASSES + 1) if (name := class_name(number)) not in names)


def _without_examples(dataset: LabelledImages) -> LabelledImages:
    """Remove the unchanged example classes, and add empty classes until there are at least two classes."""
    dataset = tuple(each for each in dataset if each not in examples())
    while len(dataset) < 2:
        dataset += (ImageClass(unused_name(dataset)),)
    return dataset


def _with_examples(dataset: LabelledImages) -> LabelledImages:
    """Put the examples before the user's own classes, and remove empty classes with placeholder names."""
    names = {each.name for each in examples()}
    placeholders = {class_name(number) for number in range(1, 2 * MAX_CLASSES)}
    own = [each for each in dataset if each.name not in names and (each.images or each.name not in placeholders)]
    return (*examples(), *own)[:MAX_CLASSES]
