"""The notice about an upload: images added to each class, changed names, skipped files, and problems."""

from collections.abc import Sequence

from core.errors import CoreError
from core.topics.own_images.labelled_images import MAX_CLASSES, AddResult
from core.topics.own_images.prepared_image import clean_class_name
from pages.components.errors import explain
from pages.components.inputs.image_classes import Notice
from pages.components.text import _, ngettext
from pages.own_images.labels import conversion_notes, encodings

_MAX_DETAILS = 8  # maximum number of kinds of problems that are explained
_MAX_FOLDERS = 4  # maximum number of folders that are named in a choice


def upload_notice(result: AddResult, name: str, level: int) -> Notice:
    """Return a notice about an upload: images added per class, conversions, problems, and a choice of folder levels.

    ``name`` is the name of the class to which the user uploaded the files. ``level`` is the folder level whose folders
    were used as classes.
    """
    total = sum(result.counts.values())
    if len(result.counts) == 1:
        text = ngettext("{count} image was added to “{name}”.", "{count} images were added to “{name}”.", total)
        text = text.format(count=total, name=next(iter(result.counts)))
    elif total:
        entry = _("“{name}” {count}")
        classes = ", ".join(entry.format(name=target, count=count) for target, count in result.counts.items())
        text = ngettext("{count} image was added: {classes}.", "{count} images were added: {classes}.", total)
        text = text.format(count=total, classes=classes)
    else:
        text = _("No image was added.")
    details = [
        ngettext(
            "{count} image is a near-duplicate of an image in “{name}”. Is it in the correct class?",
            "{count} images are near-duplicates of images in “{name}”. Are they in the correct class?",
            count,
        ).format(count=count, name=other)
        for other, count in result.near_copies.items()
    ]
    single_folder = clean_class_name(result.upload.single_folder or "")
    if name in result.counts and single_folder not in ("", name):
        folder_text = _("“{folder}” is the only folder. Its images were added to “{name}”.")
        details.append(folder_text.format(folder=single_folder, name=name))
    details += _folder_lines(result)
    notes = conversion_notes()
    details += [
        ngettext("{count} image: {note}", "{count} images: {note}", count).format(count=count, note=notes[note])
        for note, count in result.notes.items()
    ]
    details += problem_lines(result.problems)
    is_good = not (result.problems or result.near_copies or result.upload.encodings)
    return Notice(0, "good" if is_good else "warning", text, details, _level_choices(result, level))


def _folder_lines(result: AddResult) -> list[str]:
    """Return lines about guessed encodings, skipped files, and folders whose classes have different names."""
    names = result.upload.class_names.items()
    renamed = [(folder, name) for folder, name in names if folder != name and name in result.counts]
    text = _("The images in the folder “{folder}” were added to “{name}”.")
    lines = [text.format(folder=folder, name=name) for folder, name in renamed]
    text = _("The encoding of the names in the zip file is unknown. The names were read as {encoding}.")
    lines += [text.format(encoding=encodings()[encoding]) for encoding in result.upload.encodings]
    return lines + skipped_lines(result.upload.skipped)


def _level_choices(result: AddResult, level: int) -> list[tuple[str, str]]:
    """Return the other folder levels that could define the classes, as choices of a `Notice`."""
    levels, choices = result.upload.levels, []
    for index, folders in enumerate(levels):
        if result.counts and index != min(level, len(levels) - 1) and len(folders) <= MAX_CLASSES:
            names = [_("“{name}”").format(name=clean_class_name(folder)) for folder in folders[:_MAX_FOLDERS]]
            names += ["…"] * (len(folders) > _MAX_FOLDERS)
            choices.append((str(index), _("Use these folders as classes: {folders}").format(folders=", ".join(names))))
    return choices


def problem_lines(problems: Sequence[tuple[str, CoreError]]) -> list[str]:
    """Return a line for each kind of problem, with the number of affected files and the first file's name.

    ``problems`` contains (file name, error) pairs. If there are more than `_MAX_DETAILS` kinds, the last line states
    the number of remaining files.
    """
    files: dict[str, list[str]] = {}
    for file, error in problems:
        files.setdefault(explain(error), []).append(file)
    lines = []
    for problem, names in list(files.items())[:_MAX_DETAILS]:
        if len(names) == 1:
            lines.append(_("{file}: {problem}").format(file=names[0], problem=problem))
        else:
            text = ngettext("{count} file ({file}): {problem}", "{count} files ({file}, …): {problem}", len(names))
            lines.append(text.format(count=len(names), file=names[0], problem=problem))
    if rest := sum(len(names) for names in list(files.values())[_MAX_DETAILS:]):
        text = ngettext("{count} more file has a problem.", "{count} more files have problems.", rest)
        lines.append(text.format(count=rest))
    return lines


def skipped_lines(files: Sequence[str]) -> list[str]:
    """Return a list with one line about skipped files, or an empty list if ``files`` is empty."""
    text = ngettext(
        "{count} file was skipped because it is hidden or not an image: {file}",
        "{count} files were skipped because they are hidden or not images: {file}, …",
        len(files),
    )
    return [text.format(count=len(files), file=files[0])] if files else []
