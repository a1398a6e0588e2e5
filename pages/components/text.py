"""Words: translated strings, lesson texts, and what went wrong in a sentence."""

import gettext
import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import streamlit as st

from core.errors import CoreError

_PAGES = Path(__file__).parents[1]


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("playground", _PAGES / "locale", languages=[language], fallback=True)


def _(message: str) -> str:
    """The message in the reader's language, or as it is where there is no translation."""
    return _catalogue(_language()).gettext(message)


def lesson(section: str, page: str) -> None:
    """Show the page's lesson, a Markdown file per language; English where the reader's own is missing."""
    for language in (_language(), "en"):
        path = _PAGES / section / "lessons" / language / f"{page}.md"
        if path.exists():
            st.markdown(path.read_text(encoding="utf-8"))
            return


def number(value: float | None) -> str:
    """A number as people read it: three significant digits, powers of ten where it is very large or small."""
    if value is None or not math.isfinite(value):
        return _("not finite")
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.3g}" if abs(value) < 999.5 else f"{value:,.0f}"
    mantissa, exponent = f"{value:.1e}".split("e")
    superscript = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}·10{superscript}"


def duration(seconds: float) -> str:
    """A time span as people say it, in seconds or minutes."""
    if seconds < 1:
        return _("under a second")
    if seconds < 100:
        return _("{seconds:.0f} s").format(seconds=seconds)
    return _("{minutes:.0f} min").format(minutes=seconds / 60)


def explain(error: CoreError) -> str:
    """What went wrong and what to do about it."""
    messages = {
        "owner_queue_full": _("You already have {limit} runs waiting. Stop one of them or wait until one has started."),
        "server_full": _("This server is full: {limit} runs are training or waiting. Try again in a minute."),
        "run_unknown": _("There is no run “{run}”. The address may be incomplete. Below is the recording instead."),
        "run_removed": _("The run “{run}” was removed to make room for newer ones. Below is the recording instead."),
        "run_damaged": _("The files of the run “{run}” are damaged. Below is the recording instead."),
        "recording_unknown": _("There is no recording of the name “{name}”."),
        "unwatched": _("Nobody looked at this paused run for {minutes:.0f} minutes, and so it was stopped."),
        "made_room": _(
            "This run was paused for more than {minutes:.0f} minutes while others were waiting, and so it was stopped."
        ),
        "gave_way": _("You paused this run and started another one, which needed its place: it was stopped."),
        "worker_died": _(
            "The process that trained this run died {attempts} times, and was not started again. "
            "The machine may be short of memory: try smaller settings."
        ),
        "training_error": _("The training ended with an error: {message}"),
        "cluster_lost": _("The machines that train are out of reach. Restart the app, or try again in a minute."),
        "runs_full": _("The disk is full: this run could not be saved. Download what you want to keep."),
        "runs_read_only": _("The folder of runs is read-only: this run could not be saved. Download what you want."),
        "runs_unwritable": _("This run could not be saved: {message}. Download what you want to keep."),
        "formula_empty": _("Type a formula in x and y, for example `x^2 + 10*y^2`."),
        "formula_too_long": _("The formula is too long: {limit} characters are the most."),
        "formula_too_deep": _("The formula is too long: {limit} operations are the most."),
        "formula_syntax": _("This is not a formula: look at character {position}. Products need a sign, as in `3*x`."),
        "formula_name": _("There is no `{name}` here. Known are {allowed}."),
        "formula_not_mathematics": _("`{part}` is not mathematics in x and y. None of it was run."),
        "formula_arguments": _("The function `{name}` takes {expected} argument(s)."),
        "formula_division_by_zero": _("`{part}` divides by zero."),
        "formula_not_finite": _("This formula has no finite value on most of the map."),
        "line_undetermined": _("A line needs two points that lie beside each other."),
        "start_not_finite": _("At x = {x:.3g}, y = {y:.3g} this surface has no finite value and slope to start from."),
        "off_the_map": _("The start has to lie on the map: {name} from {low:g} to {high:g}."),
        "network_unfit": _(
            "This network cannot be built: PyTorch refuses the layer {layer}. The tab “The network” shows where, and "
            "why."
        ),
        "network_too_large": _("This network has {parameters:,} weights; {most:,} are the most here."),
        "network_too_slow": _(
            "This network needs {multiply_adds:,} products (multiply-adds) for a digit; {most:,} are the most here."
        ),
        "batch_too_large": _("All that lies between the layers would not fit into memory: at most {most:,} a batch."),
        "weights_pickle": _(
            "This is a pickle or a zip file, as torch.save writes them. Opening one can run code, and so it was not "
            "opened. Save the weights as safetensors."
        ),
        "weights_damaged": _("This is no safetensors file, or it is incomplete. Nothing was loaded."),
        "weights_without_card": _(
            "There is no card of this app in the file, so its network is not known. Download it with its card."
        ),
        "weights_of_another_topic": _("These weights belong to another page ({topic}). Load them there."),
        "weights_not_finite": _("Some of these weights are no finite numbers: that training had diverged."),
        "weights_unfit": _("These weights are of another network: {name} should be {expected}, and is {given}."),
        "upload_too_large": _("This file is too large: {limit} MB are the most. Make the picture smaller."),
        "upload_too_many_pixels": _("This picture has more than {limit} million pixels. Make it smaller."),
        "upload_not_a_picture": _("This is no picture. PNG, JPEG, GIF, WebP, BMP and TIFF files are read here."),
        "upload_unsupported": _("This kind of picture, such as HEIC, is not read here. Save it as PNG or JPEG first."),
        "upload_truncated": _("This file is incomplete or damaged. Save or download the picture once more."),
        "no_ink": _("There is no digit to be seen: the picture has no contrast. Try one with dark ink on light paper."),
        "drawing_damaged": _("This drawing cannot be read. Clear the pad, and draw it again."),
        "picture_too_small": _("This picture is too small: its shorter side has to have {least} pixels."),
        "picture_twice": _("This picture is in that class already."),
        "picture_elsewhere": _("This very picture is in the class “{name}” too. It was not added a second time."),
        "class_full": _("The class “{name}” is full: {limit} pictures are the most."),
        "too_many_classes": _("{limit} classes are the most."),
        "class_unnamed": _("A class needs a name of letters or figures."),
        "class_named_twice": _("There is a class “{name}” already."),
        "one_class": _("With one class there is nothing to tell apart: add another one."),
        "class_empty": _("The class “{name}” has no pictures yet. Add some, or remove it."),
        "zip_climbs": _("The path of this file leads out of the zip. It was left out."),
        "zip_locked": _("This file is locked with a password. It was left out."),
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
        "points_damaged": _("These points cannot be read: the address may be incomplete."),
        "points_too_many": _("{limit} points are the most."),
        "points_too_few": _("These are too few points: {least} are the fewest."),
        "points_one_class": _("With one class there is nothing to tell apart: two different labels are needed."),
        "points_one_spot": _("All points are on one spot. There is nothing by which a network could tell them apart."),
        "table_not_text": _("This is no table of text. Save it as CSV."),
        "table_spreadsheet": _("This is a spreadsheet. Save it as CSV, and choose that file."),
        "table_empty": _("There is no complete row in this file: two numbers and a label are needed in each."),
        "table_columns": _(
            "In line {row} the number of columns is {found}. Three are needed, two features and the label, with a "
            "comma, a semicolon or a tab between them."
        ),
        "table_not_a_number": _(
            "Line {row}, column {column}: “{text}” is no number. The label has to be the last column."
        ),
        "table_many_classes": _(
            "There are {count} different labels, among them {names}. Two can be told apart here: leave out the others."
        ),
        "data_missing": _("The file data/{file} is missing. Restore it with: {restore}"),
        "data_damaged": _("The file data/{file} is damaged. Restore it with: {restore}"),
    }
    message = messages.get(error.code)
    return message.format_map(error.parameters) if message else str(error)


@contextmanager
def explained() -> Iterator[None]:
    """Say what went wrong in what is drawn here, and go on after it."""
    try:
        yield
    except CoreError as error:
        st.error(explain(error))


def _language() -> str:
    return (st.context.locale or "en").split("-")[0]
