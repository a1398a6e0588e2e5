"""The user's own points, drawn on the output plane or read from a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import streamlit as st
from pydantic import Field, TypeAdapter, ValidationError

from core.errors import CoreError
from core.topics.playground import point_codec, table
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.own_points import initial_points
from pages.components.errors import explain
from pages.components.run.controls import Settings
from pages.components.text import _, ngettext, number
from pages.foundations.playground.network_canvas import OwnPoints

KEY = "playground.own"
_DRAWN = f"{KEY}.drawn"
_TABLE = f"{KEY}.table"
_MAX_MEGABYTES = 64  # largest upload; `table.read` may read only the beginning
_Coordinate = Annotated[float, Field(ge=-point_codec.AXIS_LIMIT, le=point_codec.AXIS_LIMIT)]
_Class = Annotated[int, Field(ge=0, le=1)]


@dataclass(frozen=True)
class _Drawn:
    """The points on the plane. The settings keep the last points on which a network can be trained."""

    packed: str = ""
    saved: str = ""
    """The points that were in the settings when these points were drawn."""
    version: int = 0
    """How often the points have been replaced by something other than a drawing."""
    edit: int = 0
    """Index of the browser's last edit in this version."""


@dataclass(frozen=True)
class _Message:
    """The message that the browser sends after each stroke."""

    version: int
    edit: int
    points: Annotated[tuple[tuple[_Coordinate, _Coordinate, _Class], ...], Field(max_length=point_codec.MAX_POINTS)]


_MessageAdapter = TypeAdapter(_Message)


def draw(settings: Settings[PlaygroundConfig]) -> None:
    """Draw the uploader for a table of points. An uploaded table replaces the points in the settings."""
    if point_codec.is_regression(settings.config.points):
        st.caption(_("These points have continuous values (from orange to blue), so they cannot be drawn by hand."))
        st.button(
            _("Draw points of two classes"),
            icon=":material/edit:",
            key=f"{KEY}.classes",
            on_click=lambda: settings.change(points=initial_points(settings.config)),
        )
    _draw_upload(settings)


def on_plane(config: PlaygroundConfig) -> OwnPoints | None:
    """Return the points on the plane, or None unless the data are the user's own points with classes."""
    if config.data != "own" or point_codec.is_regression(config.points):
        return None
    drawn = _current(config)
    return OwnPoints(drawn.packed, drawn.version, drawn.edit, _problem(drawn.packed))


def receive(settings: Settings[PlaygroundConfig], message: object) -> None:
    """Store the points that the browser sends after a stroke, unless other points have replaced them since."""
    drawn = _current(settings.config)
    try:
        stroke = _MessageAdapter.validate_python(message if isinstance(message, Mapping) else {})
    except ValidationError:
        return
    if stroke.version != drawn.version:
        return
    rows = np.array(stroke.points, np.float64).reshape(-1, 3)
    packed = point_codec.pack(rows[:, :2], rows[:, 2])
    if not _problem(packed):
        settings.set_hidden(points=packed)
    st.session_state[_DRAWN] = _Drawn(packed, settings.config.points, stroke.version, stroke.edit)


def check(config: PlaygroundConfig) -> None:
    """Check that a network can be trained on the points on the plane; raise CoreError otherwise."""
    if config.data == "own" and not point_codec.is_regression(config.points):
        point_codec.check_trainable(_current(config).packed)


def _current(config: PlaygroundConfig) -> _Drawn:
    """Return the points on the plane: the last drawing, or newer points from an address, a preset, or a table."""
    drawn: _Drawn = st.session_state.get(_DRAWN, _Drawn())
    if drawn.saved != config.points:
        drawn = _Drawn(config.points, config.points, drawn.version + 1)
        st.session_state[_DRAWN] = drawn
    return drawn


def _problem(packed: str) -> str | None:
    try:
        point_codec.check_trainable(packed)
    except CoreError as error:
        return explain(error)
    return None


def _draw_upload(settings: Settings) -> None:
    """Draw the file uploader, and describe the table that was read."""
    file = st.file_uploader(
        _("Or upload a CSV table with two features and a label per row"),
        type=["csv", "tsv", "txt"],
        key=f"{KEY}.file",
        max_upload_size=_MAX_MEGABYTES,
    )
    last_read: tuple[str, table.Table | str] | None = st.session_state.get(_TABLE)
    if file and (last_read is None or last_read[0] != file.file_id):
        try:
            parsed = table.read(file.getvalue())
        except CoreError as error:
            st.session_state[_TABLE] = (file.file_id, explain(error))
        else:
            st.session_state[_TABLE] = (file.file_id, parsed)
            settings.replace(parsed.config(settings.config))
            st.rerun()
        last_read = st.session_state[_TABLE]
    if not file or last_read is None:
        return
    _file_id, result = last_read
    if isinstance(result, str):
        st.error(" ".join((result, _("The points were not changed."))))
    elif result.points == settings.config.points:
        st.caption(_describe(result))


def _describe(parsed: table.Table) -> str:
    names = [name or str(position) for position, name in enumerate(parsed.names, start=1)]
    sentences = [_("Rows used: {used:,} of {rows:,}.").format(used=parsed.used, rows=parsed.rows)]
    if parsed.is_truncated:
        sentences.append(_("The file is large, so only its beginning was read."))
    if incomplete := parsed.rows - parsed.complete:
        sentence = ngettext("{count:,} row is incomplete.", "{count:,} rows are incomplete.", incomplete)
        sentences.append(sentence.format(count=incomplete))
    if parsed.used < parsed.complete:
        sentences.append(_("The page address cannot hold more points, so a random sample of the rows is used."))
    axes = _("x is column “{x}”, from {x_low} to {x_high}. y is column “{y}”, from {y_low} to {y_high}.").format(
        x=names[0],
        y=names[1],
        x_low=number(parsed.ranges[0][0]),
        x_high=number(parsed.ranges[0][1]),
        y_low=number(parsed.ranges[1][0]),
        y_high=number(parsed.ranges[1][1]),
    )
    return " ".join((*sentences, axes, _describe_label(parsed, names[2])))


def _describe_label(parsed: table.Table, name: str) -> str:
    if parsed.classes:
        zero, one = parsed.classes
        return _("In column “{label}”, “{zero}” is orange and “{one}” is blue.").format(label=name, zero=zero, one=one)
    low, high = map(number, parsed.values or ())
    return _(
        "Column “{label}” has more than two different numbers, so the task is regression. The values range from {low} "
        "(orange) to {high} (blue)."
    ).format(label=name, low=low, high=high)
