"""The words of the page for classes, crops and conversions of images."""

from core.topics.own_images.labelled_images import LabelledImages
from pages.components.inputs import upload_notes
from pages.components.text import _


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


def class_name(number: int) -> str:
    """Return the name of a new class."""
    return _("class {number}").format(number=number)


def crops() -> dict[str, str]:
    """Return the labels of the choices for long images."""
    return {"center": _("Center only"), "whole": _("Whole image, padded")}


def conversion_notes() -> dict[str, str]:
    """Return the texts of the notes of `core.topics.own_images.prepared_image.read_image`."""
    return upload_notes.notes() | {
        "long": _("Only the center of a long image is used. To use all of it, see “Long images” in “More settings”.")
    }


def guidance(dataset: LabelledImages) -> str:
    """Return what is missing before a network can be trained."""
    filled = sum(bool(each.images) for each in dataset)
    if not dataset:
        return _("Add two classes, and give each some images.")
    if len(dataset) == 1:
        return _("Add a second class. With one class there is nothing to tell apart.")
    if not filled:
        return _("Give two classes images: drop files on their cards, or open their cameras.")
    return _("Give a second class images.")
