"""Error messages that several pages need. Messages that only one page needs are in the errors.py of that page."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import streamlit as st

from core.errors import CoreError
from pages.components.text import _
from pages.registry import specs


def message(code: str, parameters: Mapping[str, object]) -> str | None:
    """Return the message for an error code, with ``parameters`` filled in, or None if the code is unknown."""
    messages = _shared()
    for page in specs():
        messages |= page.errors()
    return messages[code].format_map(parameters) if code in messages else None


def explain(error: CoreError) -> str:
    """Return an error's message in the user's language, or ``str(error)`` if the error code has no message."""
    return message(error.code, error.parameters) or str(error)


@contextmanager
def show_errors() -> Iterator[None]:
    """Catch a CoreError raised in the ``with`` block, and show its message on the page."""
    try:
        yield
    except CoreError as error:
        st.error(explain(error))


def _shared() -> dict[str, str]:
    return {
        "owner_queue_full": _("You already have {limit} runs waiting. Wait until one of them has started."),
        "server_full": _("This server is full: {limit} runs are training or waiting. Try again in a minute."),
        "run_unknown": _("There is no run “{run}”. The link may be incomplete. The recording is shown instead."),
        "run_removed": _("The run “{run}” was removed to make room for newer runs. The recording is shown instead."),
        "run_damaged": _("The files of the run “{run}” are damaged. The recording is shown instead."),
        "recording_unknown": _("There is no recording named “{name}”."),
        # Only older runs have the next three errors
        "unwatched": _("This paused run was stopped because nobody had viewed it for {minutes:.0f} minutes."),
        "preempted_idle": _(
            "This run was stopped because it had been paused for over {minutes:.0f} minutes while other "
            "runs were waiting."
        ),
        "preempted_by_owner": _("This paused run was stopped to make room for another run that you started."),
        "too_many_suspended": _(
            "The paused runs on this server took up too much space. This run was the oldest, so it was stopped."
        ),
        "state_missing": _("This run cannot continue because its state is no longer stored. Start it again."),
        "server_restarted": _("The app was restarted. This run is paused at its last saved state. Click “Continue”."),
        "waiting_for_cluster": _(
            "The training machines cannot be reached. This run will continue when the machines are available again."
        ),
        "device_missing": _(
            "PyTorch cannot use the device “{device}” on this machine. Choose “Automatic” in “More settings”."
        ),
        "state_damaged": _("The saved state of this run cannot be read. Start the run again."),
        "worker_died": _(
            "The training process crashed {attempts} times, so it was not restarted again. The machine may be out of "
            "memory. Choose smaller values in the settings."
        ),
        "training_error": _("Training failed with an error: {message}"),
        "cluster_lost": _("The training machines cannot be reached. Restart the app, or try again in a minute."),
        "runs_full": _("The disk is full, so this run was not saved. Download the results that you want to keep."),
        "runs_read_only": _(
            "The runs folder is read-only, so this run was not saved. Download the results that you want to keep."
        ),
        "runs_unwritable": _("This run could not be saved: {message}. Download the results that you want to keep."),
        "weights_pickle": _(
            "This is a pickle or zip file, as written by torch.save. Opening it could run code, so it was not opened. "
            "Save the weights as safetensors."
        ),
        "weights_damaged": _("This is not a safetensors file, or it is incomplete. Nothing was loaded."),
        "weights_without_card": _(
            "This file has no model card from this app, so its network is unknown. To download a file with a model "
            "card, use the “Network with model card” button."
        ),
        "weights_of_another_topic": _("These weights belong to a different page ({topic}). Load them on that page."),
        "weights_not_finite": _(
            "Some weights are not finite: the file is damaged, or the training of this network diverged."
        ),
        "weights_newer": _(
            "This version of the app cannot use the setting “{name}” in this file. The file is probably from a newer "
            "version of the app."
        ),
        "weights_missing": _("These weights belong to a different network: {name} is missing."),
        "weights_unexpected": _(
            "These weights belong to a different network: {name} is not part of the network in the model card."
        ),
        "weights_unfit": _(
            "These weights belong to a different network: the expected format of {name} is {expected}, but the file "
            "contains {given}."
        ),
        "upload_too_large": _("This file is too large: the limit is {limit} MB. Make the image smaller."),
        "upload_too_many_pixels": _("This image has more than {limit} million pixels. Make it smaller."),
        "upload_not_a_picture": _("This is not an image. Supported formats are PNG, JPEG, GIF, WebP, BMP, and TIFF."),
        "upload_unsupported": _("This image format is not supported. Save the image as PNG or JPEG first."),
        "upload_truncated": _("This file is incomplete or damaged. Save or download the image again."),
        "no_ink": _("No digit found: the image has no contrast. Try dark ink on light paper."),
        "no_digit": _("No digit found. Crop the photo so that the digit fills most of it, or use darker ink."),
        "drawing_damaged": _("This drawing cannot be read. Clear the pad and draw again."),
        "data_missing": _("The file data/{file} is missing. Restore it with: {restore}"),
        "data_damaged": _("The file data/{file} is damaged. Restore it with: {restore}"),
    }
