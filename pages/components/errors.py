"""What went wrong, in a sentence. The messages of one page stand in its own errors.py."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import streamlit as st

from core.errors import CoreError
from pages.components.text import _
from pages.registry import specs


def message(code: str, parameters: Mapping[str, object]) -> str | None:
    """Return the message for the code of a `CoreError`, or None where no page has one."""
    messages = _shared()
    for page in specs():
        messages |= page.errors()
    return messages[code].format_map(parameters) if code in messages else None


def explain(error: CoreError) -> str:
    """Return what went wrong and what to do about it."""
    return message(error.code, error.parameters) or str(error)


@contextmanager
def show_errors() -> Iterator[None]:
    """Show a CoreError of the block on the page, and go on after the block."""
    try:
        yield
    except CoreError as error:
        st.error(explain(error))


def _shared() -> dict[str, str]:
    return {
        "owner_queue_full": _("You already have {limit} runs waiting. Wait until one of them has started."),
        "server_full": _("This server is full: {limit} runs are training or waiting. Try again in a minute."),
        "run_unknown": _("There is no run “{run}”. The address may be incomplete. Below is the recording instead."),
        "run_removed": _("The run “{run}” was removed to make room for newer ones. Below is the recording instead."),
        "run_damaged": _("The files of the run “{run}” are damaged. Below is the recording instead."),
        "recording_unknown": _("There is no recording of the name “{name}”."),
        # The next three are those of older runs
        "unwatched": _("Nobody looked at this paused run for {minutes:.0f} minutes, and so it was stopped."),
        "preempted_idle": _(
            "This run was paused for more than {minutes:.0f} minutes while others were waiting, and so it was stopped."
        ),
        "preempted_by_owner": _("You paused this run and started another one, which needed its place: it was stopped."),
        "too_many_suspended": _("Too many runs were paused on this server: this one, the oldest, was stopped."),
        "state_missing": _("This run cannot be continued: its state is no longer kept. Start it again."),
        "server_restarted": _("The app was restarted. This run is paused where it was saved last; Resume goes on."),
        "waiting_for_cluster": _("The machines that train are out of reach. This run goes on when they are back."),
        "device_missing": _(
            "This machine has no device “{device}” that PyTorch can use. Choose “Automatic” in “More settings”."
        ),
        "state_damaged": _("The saved state of this run cannot be read. Start it again."),
        "worker_died": _(
            "The process that trained this run died {attempts} times, and was not started again. "
            "The machine may be short of memory: try smaller settings."
        ),
        "training_error": _("The training ended with an error: {message}"),
        "cluster_lost": _("The machines that train are out of reach. Restart the app, or try again in a minute."),
        "runs_full": _("The disk is full: this run could not be saved. Download what you want to keep."),
        "runs_read_only": _("The folder of runs is read-only: this run could not be saved. Download what you want."),
        "runs_unwritable": _("This run could not be saved: {message}. Download what you want to keep."),
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
        "data_missing": _("The file data/{file} is missing. Restore it with: {restore}"),
        "data_damaged": _("The file data/{file} is damaged. Restore it with: {restore}"),
    }
