"""The points of the user: drawn on a canvas, or read from a table."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from pydantic import ValidationError

from core.errors import CoreError
from core.topics.playground import point_codec, table
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.own_points import initial_points
from pages.components.errors import explain
from pages.components.inputs import canvas
from pages.components.run.controls import Settings
from pages.components.run.validation import validation_message
from pages.components.text import _, number

KEY = "playground.own"
_SYNCED = f"{KEY}.told"  # the encoded points that are on the canvas
_TABLE = f"{KEY}.table"
_MAX_MEGABYTES = 64  # of a file; `table.read` reads the beginning of a larger one


def draw(settings: Settings, *, beside: Callable[[], None]) -> None:
    """Draw the canvas and the upload, and ``beside`` below the upload; both change the points of the settings."""
    drawing, upload = st.columns([1, 1.15], gap="large")
    with upload:
        _draw_upload(settings)
        beside()
    with drawing:
        if point_codec.is_regression(settings.config.points):
            st.info(_("These points have values, from orange to blue. By hand, points of two classes can be added."))
            st.button(
                _("Draw points of two classes"),
                icon=":material/edit:",
                key=f"{KEY}.classes",
                on_click=lambda: settings.change(points=initial_points(settings.config)),
            )
        else:
            _draw_canvas(settings)


def _draw_canvas(settings: Settings) -> None:
    config = settings.config
    if st.session_state.get(_SYNCED) != config.points:  # changed by an address, a preset or a table
        canvas.put(KEY, _to_canvas(config.points))
        st.session_state[_SYNCED] = config.points
    canvas_points = canvas.draw(
        (),
        key=KEY,
        label=_("Your own points"),
        bounds=(-point_codec.AXIS_LIMIT, point_codec.AXIS_LIMIT, -point_codec.AXIS_LIMIT, point_codec.AXIS_LIMIT),
        classes=(_("blue"), _("orange")),
        most=point_codec.MAX_POINTS,
        size=(340, 340),
    )
    packed = _from_canvas(canvas_points)
    if packed == config.points:
        return
    try:
        settings.set_hidden(points=packed)
        st.session_state[_SYNCED] = packed
    except ValidationError as error:
        st.warning(validation_message(error, "points", packed))


def check(config: PlaygroundConfig) -> None:
    """Check that a network can be trained on the points of the canvas. Raises CoreError if not."""
    if config.data == "own" and not point_codec.is_regression(config.points):
        point_codec.check_trainable(_from_canvas(canvas.current(KEY, _to_canvas(config.points))))


def _draw_upload(settings: Settings) -> None:
    """Draw the choice of a file, and describe the table that was read from it."""
    file = st.file_uploader(
        _("Or a table (CSV): two features and a label in each row"),
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
        st.error(_("{problem} The points are still those from before.").format(problem=result))
    elif result.points == settings.config.points:
        st.caption(_describe(result))


def _describe(parsed: table.Table) -> str:
    names = [name or position for name, position in zip(parsed.names, (_("1"), _("2"), _("3")), strict=True)]
    rows = (
        _("Of so large a file only the beginning was read: {used:,} of {rows:,} rows are used.")
        if parsed.is_truncated
        else _("{used:,} of {rows:,} rows are used.")
    ).format(used=parsed.used, rows=parsed.rows)
    if parsed.complete < parsed.rows:
        rows = _("{rows} In {missing:,} something is missing.").format(rows=rows, missing=parsed.rows - parsed.complete)
    if parsed.used < parsed.complete:
        rows = _("{rows} More would not fit into an address: these were drawn at random.").format(rows=rows)
    axes = _("x is column “{x}” from {x_low} to {x_high}, y is column “{y}” from {y_low} to {y_high}.").format(
        x=names[0],
        y=names[1],
        x_low=number(parsed.ranges[0][0]),
        x_high=number(parsed.ranges[0][1]),
        y_low=number(parsed.ranges[1][0]),
        y_high=number(parsed.ranges[1][1]),
    )
    return " ".join((rows, axes, _describe_label(parsed, names[2])))


def _describe_label(parsed: table.Table, name: str) -> str:
    if parsed.classes:
        zero, one = parsed.classes
        return _("Of “{label}”, “{zero}” is orange and “{one}” is blue.").format(label=name, zero=zero, one=one)
    low, high = map(number, parsed.values or ())
    return _(
        "“{label}” has more than two numbers, and so they are values: from {low} (orange) to {high} (blue)."
    ).format(label=name, low=low, high=high)


def _to_canvas(packed: str) -> tuple[canvas.Point, ...]:
    """Decode points for the canvas, whose first class, blue, is class 1."""
    xy, y = point_codec.unpack(packed)
    return tuple(canvas.Point(float(x), float(z), int(label < 0.5)) for (x, z), label in zip(xy, y, strict=True))


def _from_canvas(canvas_points: Sequence[canvas.Point]) -> str:
    xy = np.array([(point.x, point.y) for point in canvas_points]).reshape(-1, 2)
    return point_codec.pack(xy, np.array([1 - point.label for point in canvas_points]))
