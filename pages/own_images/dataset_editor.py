"""The tab "Teach it your own": classes are named, filled and emptied."""

import streamlit as st

from core.data.image_uploads import EXTENSIONS, MAX_BYTES, MAX_UNZIPPED_BYTES
from core.errors import CoreError
from core.topics.own_images.examples import examples
from core.topics.own_images.labelled_images import (
    MAX_CLASSES,
    MAX_IMAGES,
    AddResult,
    ImageClass,
    LabelledImages,
    add_files,
    remove_images,
    rename_class,
)
from pages.components.errors import explain
from pages.components.inputs import thumbnails
from pages.components.text import _
from pages.own_images import session_dataset

_MESSAGES, _WIDGET_VERSION = "own_images.said", "own_images.round"
_MAX_PROBLEMS = 8  # that are listed

Message = tuple[str, str]  # "good", "note" or "bad", and the text


def draw() -> None:
    """Draw the tab."""
    st.caption(
        _(
            "Two to ten classes, some five to {most} pictures of each. They stay in the memory of this session, nobody "
            "else sees them, and they are gone when you close the page or load it anew. A picture may have {picture} "
            "MB, a zip of them {zip} MB; a zip with several folders fills a class for each of them."
        ).format(most=MAX_IMAGES, picture=MAX_BYTES // 2**20, zip=MAX_UNZIPPED_BYTES // 2**20)
    )
    for kind, text in st.session_state.pop(_MESSAGES, []):
        {"good": st.success, "note": st.info, "bad": st.warning}[kind](text)
    with st.container(horizontal=True):
        st.button(
            _("Remove the examples"), icon=":material/delete_sweep:", key="own_images.clear", on_click=_remove_examples
        )
        st.button(_("The examples again"), icon=":material/undo:", key="own_images.again", on_click=_restore_examples)
    dataset = session_dataset.current()
    for index, (image_class, title) in enumerate(zip(dataset, session_dataset.class_titles(dataset), strict=True)):
        with st.container(border=True):
            _draw_class(index, image_class, title)
    if len(dataset) < MAX_CLASSES:
        st.button(_("Another class"), icon=":material/add:", key="own_images.add", on_click=_add_class)


def _draw_class(index: int, image_class: ImageClass, title: str) -> None:
    key = f"own_images.{st.session_state.get(_WIDGET_VERSION, 0)}.{index}"
    st.markdown(_("**{name}** · {count} pictures").format(name=title, count=len(image_class.images)))
    if image_class.images:
        thumbnails.remove(
            [thumbnails.Thumbnail(image.key, image.name, image.pixels) for image in image_class.images],
            removed=lambda image: session_dataset.store(remove_images(session_dataset.current(), index, [image])),
            key=f"{key}.pictures",
            label=_("Pictures of “{name}”, to be removed one by one").format(name=title),
        )
    name, upload, camera = st.columns([1, 1.6, 1], gap="medium")
    with name:
        st.text_input(
            _("Name"), value=image_class.name, key=f"{key}.name", max_chars=30, on_change=_rename, args=(index, key)
        )
        with st.container(horizontal=True):
            st.button(_("Empty"), key=f"{key}.empty", icon=":material/ink_eraser:", on_click=_empty, args=(index,))
            st.button(_("Remove"), key=f"{key}.remove", icon=":material/delete:", on_click=_remove, args=(index,))
    with upload:
        st.file_uploader(
            _("Pictures of “{name}”, or a zip of them").format(name=title),
            type=[*EXTENSIONS, "zip"],
            accept_multiple_files=True,
            max_upload_size=MAX_UNZIPPED_BYTES // 2**20,
            key=f"{key}.files",
            on_change=_add_uploads,
            args=(index, f"{key}.files"),
        )
    with camera, st.popover(_("Webcam"), icon=":material/photo_camera:"):
        st.camera_input(
            _("A picture of “{name}”").format(name=title),
            key=f"{key}.camera",
            on_change=_add_uploads,
            args=(index, f"{key}.camera"),
        )


def _add_uploads(index: int, key: str) -> None:
    """Add uploaded files or a photo to a class, and report what was added and what was wrong."""
    uploads = st.session_state[key]
    files = [] if uploads is None else uploads if isinstance(uploads, list) else [uploads]
    if not files:
        return
    dataset = session_dataset.current()
    name, placeholders = dataset[index].name, {_class_name(number) for number in range(1, 2 * MAX_CLASSES)}
    result = add_files(dataset, name, [(file.name, file.getvalue()) for file in files], placeholders=placeholders)
    _store(result.dataset, [*_added_messages(result, name), *_problem_messages(result)])


def _added_messages(result: AddResult, name: str) -> list[Message]:
    """Report to which classes images for the class ``name`` were added, and how they were converted."""
    counts, messages = list(result.counts.items()), []
    if len(counts) == 1:
        ((target, count),) = counts
        messages = [("good", _("{count} pictures were added to “{name}”.").format(count=count, name=target))]
    elif counts:
        parts = ", ".join(_("{count} to “{name}”").format(count=count, name=target) for target, count in counts)
        text = _("{count} pictures were added: {parts}.").format(count=sum(result.counts.values()), parts=parts)
        messages = [("good", text)]
    if name in result.counts:
        text = _("The folder “{folder}” is the only one of its zip: what is in it went into “{name}”.")
        messages += [("note", text.format(folder=folder, name=name)) for folder in result.single_folders]
    text, notes = _("{count} of them: {note}"), session_dataset.conversion_notes()
    return messages + [("note", text.format(count=count, note=notes[note])) for note, count in result.notes.items()]


def _problem_messages(result: AddResult) -> list[Message]:
    """Report what was wrong with files, at most `_MAX_PROBLEMS` of them by name."""
    text = _("{file}: {problem}")
    messages = [("bad", text.format(file=file, problem=explain(error))) for file, error in result.problems]
    if len(messages) > _MAX_PROBLEMS:
        more = len(messages) - _MAX_PROBLEMS
        text = _("And {count} files more could not be used.")
        messages = [*messages[:_MAX_PROBLEMS], ("bad", text.format(count=more))]
    return messages


def _store(dataset: LabelledImages, messages: list[Message] | None = None) -> None:
    """Replace the dataset. New widget keys empty the uploaders."""
    session_dataset.store(dataset)
    st.session_state[_MESSAGES] = messages or []
    st.session_state[_WIDGET_VERSION] = st.session_state.get(_WIDGET_VERSION, 0) + 1


def _rename(index: int, key: str) -> None:
    dataset = session_dataset.current()
    try:
        _store(rename_class(dataset, index, st.session_state[f"{key}.name"]))
    except CoreError as error:
        _store(dataset, [("bad", explain(error))])


def _empty(index: int) -> None:
    classes = enumerate(session_dataset.current())
    _store(tuple(ImageClass(each.name) if number == index else each for number, each in classes))


def _remove(index: int) -> None:
    _store(tuple(each for number, each in enumerate(session_dataset.current()) if number != index))


def _remove_examples() -> None:
    """Remove the classes that are unchanged examples, and fill up to two empty classes."""
    dataset = tuple(each for each in session_dataset.current() if each not in examples())
    while len(dataset) < 2:
        dataset += (ImageClass(_unused_name(dataset)),)
    _store(dataset)


def _restore_examples() -> None:
    _store(examples())


def _add_class() -> None:
    dataset = session_dataset.current()
    _store((*dataset, ImageClass(_unused_name(dataset))))


def _unused_name(dataset: LabelledImages) -> str:
    names = {each.name for each in dataset}
    return next(name for number in range(1, 2 * MAX_CLASSES) if (name := _class_name(number)) not in names)


def _class_name(number: int) -> str:
    return _("class {number}").format(number=number)
