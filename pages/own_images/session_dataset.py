"""The classes and images of this session. They are stored nowhere else and vanish with the session."""

import numpy as np
import streamlit as st

from core.topics.own_images.examples import examples
from core.topics.own_images.labelled_images import ImageClass, LabelledImages
from pages.components.charts import images
from pages.components.inputs import upload_notes
from pages.components.text import _, ngettext

_DATASET = "own_images.album"
_SIDE = 56  # pixels of a thumbnail
_MAX_THUMBNAILS = 10  # of a class


def current() -> LabelledImages:
    """Return the classes of this session; at first the examples."""
    return st.session_state.get(_DATASET, examples())


def store(dataset: LabelledImages) -> None:
    """Replace the classes of this session."""
    st.session_state[_DATASET] = dataset


def class_titles(dataset: LabelledImages) -> list[str]:
    """Return the names of the classes; those of the examples in the session's language."""
    translations = {
        "birds": _("birds"),
        "flowers": _("flowers"),
        "fruit": _("fruit"),
        "mammals": _("mammals"),
        "vegetables": _("vegetables"),
    }
    return [translations.get(each.name, each.name) for each in dataset]


def conversion_notes() -> dict[str, str]:
    """Return the texts of the notes of `core.topics.own_images.labelled_images.read_image`."""
    return upload_notes.notes() | {"cropped": _("Only the middle of a long image is used.")}


def draw() -> None:
    """Draw the images that the head is trained on, and their source."""
    dataset = current()
    st.markdown(
        _("**Training images**: {images} of {classes} classes").format(
            images=sum(len(each.images) for each in dataset), classes=len(dataset)
        )
    )
    draw_rows(dataset)
    if dataset == examples():
        st.caption(
            _(
                "Change them in the tab “Classes”. The examples are stamps of Tux Paint, by Bill Kendrick and "
                "contributors, GPL 2 or later."
            )
        )


def draw_rows(dataset: LabelledImages) -> None:
    """Draw a row of thumbnails for each class."""
    for image_class, title in zip(dataset, class_titles(dataset), strict=True):
        _draw_row(image_class, title)


def _draw_row(image_class: ImageClass, title: str) -> None:
    text, tiles = st.columns([1.1, 4], gap="small", vertical_alignment="center")
    count = len(image_class.images)
    text.markdown(
        ngettext("**{name}**  \n{count} image", "**{name}**  \n{count} images", count).format(name=title, count=count)
    )
    with tiles:
        if image_class.images:
            step = image_class.images[0].pixels.shape[0] // _SIDE
            thumbnails = np.stack([image.pixels[::step, ::step] for image in image_class.images[:_MAX_THUMBNAILS]])
            images.show(
                images.tile(thumbnails, columns=_MAX_THUMBNAILS, scale=2, gap=2),
                alt=_("Training images of {name}").format(name=title),
            )
        else:
            st.caption(_("No images yet: add some in the tab “Classes”."))
