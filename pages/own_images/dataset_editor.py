"""The tab in which classes are named, filled and emptied."""

from collections.abc import Callable

import streamlit as st

from core.data.image_uploads import EXTENSIONS, MAX_BYTES, MAX_UNZIPPED_BYTES
from core.errors import CoreError
from core.topics.own_images.examples import examples
from core.topics.own_images.labelled_images import (
    MOST_CLASSES,
    MOST_PICTURES,
    Added,
    Album,
    Class,
    add,
    renamed,
    without,
)
from pages.components.errors import explain
from pages.components.inputs import thumbnails
from pages.components.text import _
from pages.own_images import session_dataset

_SAID, _ROUND = "own_images.said", "own_images.round"
_MOST_SAID = 8  # problems that are listed


def draw() -> None:
    """Draw the tab."""
    st.caption(
        _(
            "Two to ten classes, some five to {most} pictures of each. They stay in the memory of this session, nobody "
            "else sees them, and they are gone when you close the page or load it anew. A picture may have {picture} "
            "MB, a zip of them {zip} MB; a zip with several folders fills a class for each of them."
        ).format(most=MOST_PICTURES, picture=MAX_BYTES // 2**20, zip=MAX_UNZIPPED_BYTES // 2**20)
    )
    for kind, text in st.session_state.pop(_SAID, []):
        {"good": st.success, "note": st.info, "bad": st.warning}[kind](text)
    with st.container(horizontal=True):
        st.button(_("Remove the examples"), icon=":material/delete_sweep:", key="own_images.clear", on_click=_clear)
        st.button(_("The examples again"), icon=":material/undo:", key="own_images.again", on_click=_again)
    album = session_dataset.album()
    for at, (of, title) in enumerate(zip(album, session_dataset.titles(album), strict=True)):
        with st.container(border=True):
            _draw_class(at, of, title)
    if len(album) < MOST_CLASSES:
        st.button(_("Another class"), icon=":material/add:", key="own_images.add", on_click=_another_class)


def _draw_class(at: int, of: Class, title: str) -> None:
    key = f"own_images.{st.session_state.get(_ROUND, 0)}.{at}"
    st.markdown(_("**{name}** · {count} pictures").format(name=title, count=len(of.pictures)))
    if of.pictures:
        thumbnails.remove(
            [thumbnails.Thumbnail(picture.key, picture.name, picture.pixels) for picture in of.pictures],
            removed=lambda picture: session_dataset.put(without(session_dataset.album(), at, [picture])),
            key=f"{key}.pictures",
            label=_("Pictures of “{name}”, to be removed one by one").format(name=title),
        )
    name, upload, camera = st.columns([1, 1.6, 1], gap="medium")
    with name:
        st.text_input(_("Name"), value=of.name, key=f"{key}.name", max_chars=30, on_change=_rename, args=(at, key))
        with st.container(horizontal=True):
            st.button(_("Empty"), key=f"{key}.empty", icon=":material/ink_eraser:", on_click=_empty, args=(at,))
            st.button(_("Remove"), key=f"{key}.remove", icon=":material/delete:", on_click=_remove, args=(at,))
    with upload:
        st.file_uploader(
            _("Pictures of “{name}”, or a zip of them").format(name=title),
            type=[*EXTENSIONS, "zip"],
            accept_multiple_files=True,
            max_upload_size=MAX_UNZIPPED_BYTES // 2**20,
            key=f"{key}.files",
            on_change=_fill,
            args=(at, f"{key}.files"),
        )
    with camera, st.popover(_("Webcam"), icon=":material/photo_camera:"):
        st.camera_input(
            _("A picture of “{name}”").format(name=title),
            key=f"{key}.camera",
            on_change=_fill,
            args=(at, f"{key}.camera"),
        )


def _fill(at: int, key: str) -> None:
    """Add what was uploaded or photographed to a class, and say what could not be."""
    given = st.session_state[key]
    files = [] if given is None else given if isinstance(given, list) else [given]
    if not files:
        return
    album = session_dataset.album()
    name, placeholders = album[at].name, {_class_name(number) for number in range(1, 2 * MOST_CLASSES)}
    added = add(album, name, [(file.name, file.getvalue()) for file in files], placeholders=placeholders)
    _put(added.album, [*_told(added, name), *_problems(added)])


def _told(added: Added, name: str) -> list[tuple[str, str]]:
    """Where pictures for the class ``name`` went, and what was done to them."""
    counts, said = list(added.counts.items()), []
    if len(counts) == 1:
        ((to, count),) = counts
        said = [("good", _("{count} pictures were added to “{name}”.").format(count=count, name=to))]
    elif counts:
        parts = ", ".join(_("{count} to “{name}”").format(count=count, name=to) for to, count in counts)
        text = _("{count} pictures were added: {parts}.").format(count=sum(added.counts.values()), parts=parts)
        said = [("good", text)]
    lone = _("The folder “{folder}” is the only one of its zip: what is in it went into “{name}”.")
    said += [("note", lone.format(folder=folder, name=name)) for folder in added.lone if name in added.counts]
    some = _("{count} of them: {note}")
    return said + [
        ("note", some.format(count=count, note=session_dataset.notes()[note])) for note, count in added.notes.items()
    ]


def _problems(added: Added) -> list[tuple[str, str]]:
    """What is wrong with files, at most `_MOST_SAID` of them by name."""
    said = [("bad", _("{file}: {problem}").format(file=file, problem=explain(error))) for file, error in added.problems]
    if len(said) > _MOST_SAID:
        more = len(said) - _MOST_SAID
        said = [*said[:_MOST_SAID], ("bad", _("And {count} files more could not be used.").format(count=more))]
    return said


def _put(album: Album, said: list[tuple[str, str]] | None = None) -> None:
    """Have other classes, and new widgets for them: an uploader is emptied by one of another name."""
    session_dataset.put(album)
    st.session_state[_SAID] = said or []
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _tried(change: Callable[[Album], Album]) -> None:
    try:
        _put(change(session_dataset.album()))
    except CoreError as error:
        _put(session_dataset.album(), [("bad", explain(error))])


def _rename(at: int, key: str) -> None:
    _tried(lambda album: renamed(album, at, st.session_state[f"{key}.name"]))


def _empty(at: int) -> None:
    _put(tuple(Class(of.name) if place == at else of for place, of in enumerate(session_dataset.album())))


def _remove(at: int) -> None:
    _put(tuple(of for place, of in enumerate(session_dataset.album()) if place != at))


def _clear() -> None:
    """Two empty classes instead of the examples; what is one's own stays."""
    known = {of.name: of for of in examples()}
    own = tuple(of for of in session_dataset.album() if of != known.get(of.name))
    free = (name for number in range(1, MOST_CLASSES) if (name := _class_name(number)) not in [of.name for of in own])
    while len(own) < 2:
        own += (Class(next(free)),)
    _put(own)


def _again() -> None:
    _put(examples())


def _another_class() -> None:
    album = session_dataset.album()
    taken = {of.name for of in album}
    free = next(name for number in range(1, 2 * MOST_CLASSES) if (name := _class_name(number)) not in taken)
    _put((*album, Class(free)))


def _class_name(number: int) -> str:
    return _("class {number}").format(number=number)
