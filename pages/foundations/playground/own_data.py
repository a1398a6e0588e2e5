"""One's own points: put on a plane by hand, or read from a table."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from pydantic import ValidationError

from core.errors import CoreError
from core.topics.playground import point_codec, table
from core.topics.playground.config import PlaygroundConfig
from core.topics.playground.data import make_dataset
from pages.components.errors import explain
from pages.components.inputs import canvas
from pages.components.run.controls import Settings, problem_with
from pages.components.text import _, number

KEY = "playground.own"
_TOLD = f"{KEY}.told"  # the points of the settings that are on the canvas
_TABLE = f"{KEY}.table"
_MOST_MEGABYTES = 64  # of a file, of which `table.read` may read only the beginning
_BEGINNING = 60  # points that lie there before one's own


def beginning(config: PlaygroundConfig) -> str:
    """Some of the points that were there before, packed: something to change."""
    if config.regression:
        config = PlaygroundConfig()
    few = make_dataset(config.changed(samples=_BEGINNING, train_share=0.9, early_stopping=0))
    return point_codec.pack(few.train_x.numpy(), few.train_y.numpy())


def draw(settings: Settings, *, beside: Callable[[], None]) -> None:
    """Draw the plane and the upload, with something else below that; what is done there goes into the settings."""
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
                on_click=lambda: settings.change(points=beginning(settings.config)),
            )
        else:
            _draw_canvas(settings)


def _draw_canvas(settings: Settings) -> None:
    config = settings.config
    if st.session_state.get(_TOLD) != config.points:  # they come from an address, a preset or a table
        canvas.put(KEY, _on_canvas(config.points))
        st.session_state[_TOLD] = config.points
    drawn = canvas.draw(
        (),
        key=KEY,
        label=_("Your own points"),
        bounds=(-point_codec.AXIS_LIMIT, point_codec.AXIS_LIMIT, -point_codec.AXIS_LIMIT, point_codec.AXIS_LIMIT),
        classes=(_("blue"), _("orange")),
        most=point_codec.MAX_POINTS,
        size=(340, 340),
    )
    packed = _packed(drawn)
    if packed == config.points:
        return
    try:
        settings.set_hidden(points=packed)
        st.session_state[_TOLD] = packed
    except ValidationError as error:
        st.warning(problem_with(error, "points", packed))


def check(config: PlaygroundConfig) -> None:
    """Raises CoreError if what is on the canvas cannot be learnt, whatever was there before."""
    if config.data == "own" and not point_codec.is_regression(config.points):
        point_codec.check(_packed(canvas.current(KEY, _on_canvas(config.points))))


def _draw_upload(settings: Settings) -> None:
    """Choose a file, and say what was read of it."""
    file = st.file_uploader(
        _("Or a table (CSV): two features and a label in each row"),
        type=["csv", "tsv", "txt"],
        key=f"{KEY}.file",
        max_upload_size=_MOST_MEGABYTES,
    )
    read = st.session_state.get(_TABLE)
    if file and (read is None or read[0] != file.file_id):
        try:
            found = table.read(file.getvalue())
        except CoreError as error:
            st.session_state[_TABLE] = (file.file_id, explain(error))
        else:
            st.session_state[_TABLE] = (file.file_id, found)
            settings.replace(found.config(settings.config))
            st.rerun()
        read = st.session_state[_TABLE]
    if file and isinstance(read[1], str):
        st.error(_("{problem} The points are still those from before.").format(problem=read[1]))
    elif file and read[1].points == settings.config.points:
        st.caption(_describe(read[1]))


def _describe(read: table.Table) -> str:
    names = [name or number_of for name, number_of in zip(read.names, (_("1"), _("2"), _("3")), strict=True)]
    rows = (
        _("Of so large a file only the beginning was read: {used:,} of {rows:,} rows are used.")
        if read.beginning
        else _("{used:,} of {rows:,} rows are used.")
    ).format(used=read.used, rows=read.rows)
    if read.complete < read.rows:
        rows = _("{rows} In {missing:,} something is missing.").format(rows=rows, missing=read.rows - read.complete)
    if read.used < read.complete:
        rows = _("{rows} More would not fit into an address: these were drawn at random.").format(rows=rows)
    axes = _("x is column “{x}” from {x_low} to {x_high}, y is column “{y}” from {y_low} to {y_high}.").format(
        x=names[0],
        y=names[1],
        x_low=number(read.ranges[0][0]),
        x_high=number(read.ranges[0][1]),
        y_low=number(read.ranges[1][0]),
        y_high=number(read.ranges[1][1]),
    )
    if read.classes:
        label = _("Of “{label}”, “{zero}” is orange and “{one}” is blue.").format(
            label=names[2], zero=read.classes[0], one=read.classes[1]
        )
    else:
        label = _(
            "“{label}” has more than two numbers, and so they are values: from {low} (orange) to {high} (blue)."
        ).format(label=names[2], low=number(read.values[0]), high=number(read.values[1]))
    return " ".join((rows, axes, label))


def _on_canvas(packed: str) -> tuple[canvas.Point, ...]:
    """Packed points as the canvas has them: blue, class 1, is its first class."""
    xy, y = point_codec.unpack(packed)
    return tuple(canvas.Point(float(x), float(z), int(label < 0.5)) for (x, z), label in zip(xy, y, strict=True))


def _packed(drawn: Sequence[canvas.Point]) -> str:
    xy = np.array([(point.x, point.y) for point in drawn]).reshape(-1, 2)
    return point_codec.pack(xy, np.array([1 - point.label for point in drawn]))
