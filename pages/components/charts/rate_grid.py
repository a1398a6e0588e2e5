"""A heat map of losses by row and learning rate, with a question to the user about which row will win."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from pages.components import browser_component
from pages.components.text import _

_ASSETS = Path(__file__).parent / "rate_grid_assets"
_HTML = """
<section class="rate-grid">
  <div class="question"><span></span><button type="button" class="skip"></button></div>
  <div class="caption"></div>
  <div class="grid" role="grid"></div>
</section>
"""


@dataclass(frozen=True)
class Row:
    """A row of the heat map: its label, its colors for light and dark backgrounds, and its losses by learning rate.

    ``losses`` maps each learning rate to (update, loss) pairs. After divergence, the loss is infinite.
    """

    name: str
    label: str
    colours: tuple[str, str]
    losses: Mapping[float, Sequence[tuple[int, float]]]


@dataclass(frozen=True)
class Choice:
    """The user's selection: one cell or, if ``row`` is None, a learning rate in all rows."""

    learning_rate: float
    row: str | None = None


def draw(
    rows: Sequence[Row],
    *,
    run: str,
    value: str,
    caption: str,
    key: str,
    alt: str,
    choice: Choice | None,
    on_choice: Callable[[Choice | None], None],
    asks_for_winner: bool | None = None,
    winners: Sequence[str] = (),
    group: str = "",
) -> None:
    """Draw a heat map of the losses at the playhead, the update that the user selects with the update slider.

    ``run`` is the id of the displayed run or recording. In each row, a ring marks the learning rate with the lowest
    loss at the newest update or, if the user has selected a learning rate for all rows, the selected learning rate. The
    limits of the logarithmic color scale depend on the newest losses. ``value`` is the label for the losses.

    If ``asks_for_winner`` is true, the user guesses which row will have the lowest loss. The run is replayed after the
    user has answered or skipped the question. If ``asks_for_winner`` is None, there is never a question, and no space
    is reserved for a question. ``winners`` contains the names of the winning rows, best first. There are several
    winners if the ranges of their losses across seeds overlap.

    ``choice`` is the user's current selection, and ``on_choice`` receives a new selection; None means no selection.
    Unless the question is open, a click on the label of a row isolates the line of this row in all line charts with the
    same ``group``.
    """
    learning_rates = sorted({learning_rate for row in rows for learning_rate in row.losses})
    finite = [
        points[-1][1] for row in rows for points in row.losses.values() if points and math.isfinite(points[-1][1])
    ]
    low = max(min(finite, default=1.0), 1e-12)
    # The worst fifth of the losses share one color, so that the colors separate good losses from the best
    high = max(float(np.quantile(finite or [1.0], 0.8)), low * 1.01)
    low = min(low, high / 1.3)  # before training, all losses are equally high
    data: dict[str, Any] = {
        "run": run,
        "rows": [
            {
                "name": row.name,
                "label": row.label,
                "colours": row.colours,
                "cells": [_columns(row.losses.get(learning_rate)) for learning_rate in learning_rates],
            }
            for row in rows
        ],
        "rates": [f"{learning_rate:g}" for learning_rate in learning_rates],
        "low": low,
        "high": high,
        "chosen": None
        if choice is None or choice.learning_rate not in learning_rates
        else {"column": learning_rates.index(choice.learning_rate), "row": choice.row},
        "asks": asks_for_winner,
        "winners": list(winners),
        "group": group,
        "alt": alt,
        "words": _words() | {"value": value, "caption": caption},
    }
    names = {row.name for row in rows}

    def chosen() -> None:
        message = st.session_state[key].get("choose")
        column, row = (message or {}).get("column"), (message or {}).get("row")
        if not isinstance(column, int) or not 0 <= column < len(learning_rates) or row not in {None, *names}:
            on_choice(None)
        else:
            on_choice(Choice(learning_rates[column], row))

    render = browser_component.register("rate_grid", _ASSETS, ("rate_grid.js",), _HTML)
    render(key=key, data=data, on_choose_change=chosen)


def _columns(points: Sequence[tuple[int, float]] | None) -> dict[str, list] | None:
    """Return losses as columns, or None for a learning rate that was not tried. Losses that are not finite are None."""
    if points is None:
        return None
    return {
        "steps": [step for step, _loss in points],
        "losses": [float(f"{loss:.4g}") if math.isfinite(loss) else None for _step, loss in points],
    }


def _words() -> dict[str, str]:
    return {
        "rate": _("learning rate"),
        "question": _("Which row will have the lowest {value}?"),
        "skip": _("Skip"),
        "guessed": _("Your guess: {guess}"),
        "correct": _("Your guess was correct: {winner} wins at its best learning rate."),
        "wrong": _("Your guess was {guess}. {winner} wins at its best learning rate."),
        "tie": _("Your guess: {guess}. {winner} wins, but not clearly: the ranges of losses across seeds overlap."),
        "diverged": _("diverged"),
        "missing": _("not tried"),
        "cell": _("{row}, learning rate {rate}: {value} {loss}"),
        "column": _("Compare all rows at learning rate {rate}"),
        "row": _("Show only {row}"),
        "guess": _("Guess that {row} wins"),
    }
