"""The classes and their pictures, as this session has them. They are nowhere else, and are gone with it."""

import numpy as np
import streamlit as st

from core.topics.own_images.examples import examples
from core.topics.own_images.labelled_images import Album, Class
from pages.components.charts import images
from pages.components.inputs import upload_notes
from pages.components.text import _

_ALBUM = "own_images.album"
_SIDE = 56  # pixels of a thumbnail
_MOST = 10  # thumbnails of a class


def album() -> Album:
    """The classes of this session; at first the examples."""
    return st.session_state.get(_ALBUM, examples())


def put(new: Album) -> None:
    """Have other classes in this session."""
    st.session_state[_ALBUM] = new


def titles(of: Album) -> list[str]:
    """The names of classes; those of the examples in the reader's language."""
    known = {
        "birds": _("birds"),
        "flowers": _("flowers"),
        "fruit": _("fruit"),
        "mammals": _("mammals"),
        "vegetables": _("vegetables"),
    }
    return [known.get(name, name) for name in (each.name for each in of)]


def notes() -> dict[str, str]:
    """What the notes of `core.topics.own_images.labelled_images.read_picture` say."""
    return upload_notes.notes() | {"cropped": _("Only the middle of a long picture is taken: its ends were cut off.")}


def draw() -> None:
    """Draw what the network is shown, and where the examples come from."""
    classes = album()
    st.markdown(
        _("**It is shown** {pictures} pictures of {classes} classes").format(
            pictures=sum(len(of.pictures) for of in classes), classes=len(classes)
        )
    )
    draw_rows(classes)
    if classes == examples():
        st.caption(_("The examples are stamps of Tux Paint, by Bill Kendrick and contributors, GPL 2 or later."))


def draw_rows(classes: Album) -> None:
    """Draw a row of pictures for each class."""
    for of, title in zip(classes, titles(classes), strict=True):
        _draw_row(of, title)


def _draw_row(of: Class, title: str) -> None:
    """Draw the first pictures of a class beside its name."""
    words, tiles = st.columns([1, 5], gap="small", vertical_alignment="center")
    words.markdown(_("**{name}**  \n{count} pictures").format(name=title, count=len(of.pictures)))
    with tiles:
        if of.pictures:
            step = of.pictures[0].pixels.shape[0] // _SIDE
            small = np.stack([picture.pixels[::step, ::step] for picture in of.pictures[:_MOST]])
            images.show(
                images.tile(small, columns=_MOST, scale=2, gap=2),
                alt=_("{count} pictures of {name}").format(count=len(of.pictures), name=title),
            )
        else:
            st.caption(_("No pictures yet: add some in the tab “Teach it your own”."))
