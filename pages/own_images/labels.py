"""Labels of classes and crops, conversion notes, and guidance for the user."""

from core.topics.own_images.labelled_images import LabelledImages
from pages.components.inputs import upload_notes
from pages.components.text import _


def class_titles(dataset: LabelledImages) -> list[str]:
    """Return the displayed names of the classes, in order. The names of the example classes are translated."""
    translations = {
        "birds": _("birds"),
        "flowers": _("flowers"),
        "fruit": _("fruit"),
        "mammals": _("mammals"),
        "vegetables": _("vegetables"),
    }
    return [translations.get(each.name, each.name) for each in dataset]


def class_name(number: int) -> str:
    """Return the placeholder name of a new class, such as "class 3" if ``number`` is 3."""
    return _("class {number}").format(number=number)


def crops() -> dict[str, str]:
    """Return the labels of the options for non-square images, keyed by option."""
    return {"center": _("Crop to the center"), "whole": _("Whole image, padded")}


def conversion_notes() -> dict[str, str]:
    """Return the texts of the notes from `core.topics.own_images.prepared_image.read_image`, keyed by note."""
    return upload_notes.notes() | {
        "long": _(
            "Cropped to a square, so parts at the edges are not used. To use the whole image, open “More settings”, "
            "and set “Non-square images” to “Whole image, padded”."
        )
    }


def encodings() -> dict[str, str]:
    """Return the displayed names of the encodings that `core.data.zip_names.decode_names` guesses, keyed by codec."""
    return {
        "gbk": _("Chinese (GBK)"),
        "big5": _("Chinese (Big5)"),
        "cp932": _("Japanese (Shift-JIS)"),
        "cp949": _("Korean (CP949)"),
        "cp866": _("Russian (CP866)"),
        "cp850": _("Western European (CP850)"),
    }


def guidance(dataset: LabelledImages) -> str:
    """Return a sentence that tells the user what is still missing before a head can be trained."""
    filled = sum(bool(each.images) for each in dataset)
    if not dataset:
        return _("Add two classes, and add images to each.")
    if len(dataset) == 1:
        return _("Add a second class. A classifier needs at least two classes.")
    if not filled:
        return _("Add images to two classes: drop files on the cards, or use the camera.")
    return _("Add images to a second class.")
