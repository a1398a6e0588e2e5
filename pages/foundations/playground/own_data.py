"""The user's own points, drawn on the output plane or read from a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import numpy as np
import streamlit as st
from pydantic import Field, TypeAdapter, ValidationError

from core.data.encodings import OLDER_ENCODINGS
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
    """The encoded points in the settings at the time when these points were drawn."""
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
_OPTIONS = {"table_decimal": "decimal", "table_rare_labels": "rare_labels", "table_rare_names": "rare_labels"}
"""Maps error codes of `table.read` to the options that resolve the errors."""


@dataclass(frozen=True)
class _Upload:
    """An uploaded table, the questions about the table, the answers, and the result of reading the table.

    ``questions`` maps options of `table.read` to errors, and ``answers`` maps the same options to the user's answers.
    """

    file_id: str
    questions: Mapping[str, CoreError] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    result: table.Table | CoreError | None = None

    def read_again(self, data: bytes, answers: Mapping[str, Any]) -> "_Upload":
        """Read the table in ``data`` with the user's ``answers``, and return the updated upload.

        If reading the table leads to a new question, the updated upload contains this question, with the answer None.
        """
        try:
            return replace(self, answers=answers, result=table.read(data, **answers))
        except CoreError as error:
            option = _OPTIONS.get(error.code)
            if option is None or answers.get(option):
                return replace(self, answers=answers, result=error)
            questions = {**self.questions, option: error}
            return replace(self, questions=questions, answers={**answers, option: None}, result=error)


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
    """Return the user's own points if the user can edit them on the output plane.

    Return None if the settings use a different dataset, or if the task is regression.
    """
    if config.data != "own" or point_codec.is_regression(config.points):
        return None
    drawn = _current(config)
    return OwnPoints(drawn.packed, drawn.version, drawn.edit, _problem(drawn.packed))


def receive(settings: Settings[PlaygroundConfig], message: object) -> None:
    """Store the points that the browser sends after each stroke.

    ``message`` is the message from the browser. An invalid message is ignored, and so is a message about points that
    have been replaced in the meantime. The points are written to the settings only if a network can be trained on them.
    """
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
    """Check that a network can be trained on the user's own points on the plane.

    Raises the same errors as `point_codec.check_trainable`. Other datasets and regression points are not checked.
    """
    if config.data == "own" and not point_codec.is_regression(config.points):
        point_codec.check_trainable(_current(config).packed)


def _current(config: PlaygroundConfig) -> _Drawn:
    """Return the points on the plane: the last drawing, or newer points from the page URL, a preset, or a table."""
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
    """Draw the file uploader, ask about ambiguous contents, and describe the table that was read."""
    file = st.file_uploader(
        _("Or upload a CSV table with two features and one label in each row"),
        type=["csv", "tsv", "txt"],
        key=f"{KEY}.file",
        max_upload_size=_MAX_MEGABYTES,
    )
    if not file:
        return
    upload: _Upload | None = st.session_state.get(_TABLE)
    if upload is None or upload.file_id != file.file_id:
        upload = _Upload(file.file_id)
    answers = {option: _ask(upload, option, error) for option, error in upload.questions.items()}
    if upload.result is None or answers != upload.answers:
        st.session_state[_TABLE] = upload.read_again(file.getvalue(), answers)
        if isinstance(result := st.session_state[_TABLE].result, table.Table):
            settings.replace(result.config(settings.config))
        st.rerun()
    if isinstance(upload.result, CoreError):
        if upload.result not in upload.questions.values():
            st.error(explain(upload.result))
        st.caption(_("The points were not changed."))
    elif upload.result.points == settings.config.points:
        st.caption(_describe(upload.result))


def _ask(upload: _Upload, option: str, error: CoreError) -> str | None:
    """Draw the choices for an option of `table.read`. Return the user's answer, or None if there is no answer yet."""
    labels = _option_labels(error)
    return st.radio(
        explain(error), list(labels), index=None, format_func=labels.get, key=f"{KEY}.{option}.{upload.file_id}"
    )


def _option_labels(error: CoreError) -> dict[str, str]:
    """Return the labels of the possible answers to a question, keyed by answer."""
    if error.code == "table_decimal":
        return {
            ".": _("Decimal point: {value}").format(value=error.parameters["point"]),
            ",": _("Decimal comma: {value}").format(value=error.parameters["comma"]),
        }
    labels = {"skip": _("Leave out these rows"), "regression": _("Use all labels as values (regression)")}
    return labels if error.code == "table_rare_labels" else {"skip": labels["skip"]}


def _describe(parsed: table.Table) -> str:
    names = [name or str(position) for position, name in enumerate(parsed.names, start=1)]
    sentences = [_("Rows used: {used:,} of {rows:,}.").format(used=parsed.used, rows=parsed.rows)]
    if parsed.is_truncated:
        sentences.append(_("The file is large, so only its beginning was read."))
    if incomplete := parsed.rows - parsed.complete:
        sentence = ngettext("{count:,} row is incomplete.", "{count:,} rows are incomplete.", incomplete)
        sentences.append(sentence.format(count=incomplete))
    if parsed.used < parsed.complete - parsed.skipped:
        sentences.append(_("The page address cannot hold all points, so a random sample of the rows is used."))
    if parsed.skipped:
        sentence = ngettext(
            "{count:,} row with a rare label is left out.",
            "{count:,} rows with rare labels are left out.",
            parsed.skipped,
        )
        sentences.append(sentence.format(count=parsed.skipped))
    axes = _("x is column “{x}”, from {x_low} to {x_high}. y is column “{y}”, from {y_low} to {y_high}.").format(
        x=names[0],
        y=names[1],
        x_low=number(parsed.ranges[0][0]),
        x_high=number(parsed.ranges[0][1]),
        y_low=number(parsed.ranges[1][0]),
        y_high=number(parsed.ranges[1][1]),
    )
    return " ".join((*sentences, axes, _describe_label(parsed, names[2]), _describe_encoding(parsed.encoding)))


def _describe_encoding(encoding: str) -> str:
    if encoding in OLDER_ENCODINGS.values():
        return _(
            "The encoding seems to be {encoding}. If names are displayed incorrectly, save the file as UTF-8."
        ).format(encoding=encoding)
    return _("The encoding is {encoding}.").format(encoding=encoding)


def _describe_label(parsed: table.Table, name: str) -> str:
    if parsed.classes:
        zero, one = parsed.classes
        return _("In column “{label}”, “{zero}” is orange and “{one}” is blue.").format(label=name, zero=zero, one=one)
    low, high = map(number, parsed.values or ())
    return _(
        "Column “{label}” has more than two different numbers, so the task is regression. The values range from {low} "
        "(orange) to {high} (blue)."
    ).format(label=name, low=low, high=high)
