"""The result of the dry run: tables of the layers and the parameters, memory, and time."""

from collections.abc import Sequence

import streamlit as st

from core.engine import Run
from core.tools.dry_run.observation import Row
from core.tools.dry_run.train import report_of
from pages.components import tables
from pages.components.text import _, number, pgettext

_MAX_ROWS = 40


def draw(run: Run, _learning_rate: float | None) -> None:
    """Draw the report of a dry run, as soon as there is one."""
    report = report_of(run.latest) if run.latest else None
    if not report:
        return
    seconds, memory = report["seconds"], report["memory"]
    if seconds is not None:
        st.markdown(_("Time of an update: **{time} ms**").format(time=number(1000 * seconds)))
    if memory:
        st.markdown(
            _(
                "Memory: {weights} for the weights, {gradients} for their gradients, {optimizer} for the state of the "
                "optimizer, and {activations} for the activations that the backward pass needs."
            ).format(**{name: _size(value) for name, value in memory.items()})
        )
    if layers := report["layers"][:_MAX_ROWS]:
        st.markdown(_("**Layers, in the order of the forward pass**"))
        header = [_("Layer"), _("Input"), _("Output"), _("Data type"), _("Values"), _("Parameters")]
        tables.show(header, [_layer(row) for row in layers], numeric=[5])
    else:
        st.caption(_("These networks are not built from modules, so there are no layers to show."))
    st.markdown(_("**Parameters**"))
    header = [_("Name"), _("Shape"), _("Data type"), _("Values"), _("Gradient norm"), _("Update ÷ weights")]
    tables.show(header, [_parameter(row) for row in report["parameters"][:_MAX_ROWS]], numeric=[4, 5])


def _layer(row: Row) -> list[str]:
    name = f"{row['name']} · {row['kind']}" if row["name"] else row["kind"]
    return [name, _shape(row["input"]), _shape(row["output"]), row["dtype"], _range(row), number(row["parameters"])]


def _parameter(row: Row) -> list[str]:
    gradient, change = (number(row[name]) if row[name] is not None else "" for name in ("gradient", "change"))
    return [row["name"], _shape(row["shape"]), row["dtype"], _range(row), gradient, change]


def _shape(sizes: Sequence[int]) -> str:
    return " × ".join(map(str, sizes))


def _range(row: Row) -> str:
    return pgettext("range of values", "{low} to {high}").format(low=number(row["low"]), high=number(row["high"]))


def _size(count: int) -> str:
    if count < 1_000:
        return f"{count} B"
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"
