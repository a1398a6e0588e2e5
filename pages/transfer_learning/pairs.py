"""The tab that says for which pairs transfer helps, and for which it harms."""

import streamlit as st

from core.topics.transfer_learning.label_efficiency.config import COUNTS, Rung
from pages.components.charts import heatmap
from pages.components.text import _
from pages.transfer_learning import labels
from pages.transfer_learning.label_efficiency import of_pair, rungs

_FULL = 15.0  # points from which on a cell has the full colour


def draw(kept: int) -> None:
    """Draw the tab; at first with the cut of the settings."""
    st.markdown(
        _(
            "**What is gained over learning from scratch**, in points of accuracy on new pictures: each row goes from "
            "something that was learnt to something that is to be learnt, each column has so many labels per class. "
            "Blue: it helps. Orange: it harms."
        )
    )
    ways: dict[Rung, str] = {rung: name for rung, name in labels.rungs().items() if rung != "scratch"}
    rung = st.segmented_control(
        _("Way"),
        list(ways),
        format_func=ways.__getitem__,
        default=rungs(kept)["fine_tuned"],
        key="transfer_learning.pairs.way",
        required=True,
    )
    ladders = {name: of_pair(pair) for pair, name in labels.pairs().items()}
    cells = {(name, count): ladder for name, ladder in ladders.items() for count in ladder.counts}
    rings = {ways[of]: sum(ladder.harms(of, count) for (_name, count), ladder in cells.items()) for of in ways}
    st.caption(
        _("Negative transfer, of {all} cells: {rings}.").format(
            all=len(cells), rings=", ".join(f"{name} {count}" for name, count in rings.items())
        )
    )
    gains = {
        (name, str(count)): 100 * float(ladder.gains(rung, count).mean()) for (name, count), ladder in cells.items()
    }
    harmed = [(name, count) for (name, count), ladder in cells.items() if ladder.harms(rung, count)]
    heatmap.draw_table(
        gains,
        rows=list(ladders),
        columns=[str(count) for count in COUNTS],
        row_title=_("pair"),
        column_title=_("labels per class"),
        value_title=_("points over scratch"),
        darkest=_FULL,
        key="transfer_learning.pairs",
        alt=_("Table of what each pair gains over learning from scratch, by the number of labels"),
        ringed=[(name, str(count)) for name, count in harmed],
        signed=True,
    )
    st.caption(_told(ways[rung], harmed))
    with st.expander(_("All accuracies: the mean of three seeds ± their standard deviation"), icon=":material/table:"):
        st.markdown(table())


def _told(way: str, harmed: list[tuple[str, int]]) -> str:
    """Where there is negative transfer, in words."""
    if not harmed:
        text = _(
            "**Nowhere is there negative transfer** for “{way}”: nowhere is every seed worse than all from scratch."
        )
        return text.format(way=way)
    pairs = dict.fromkeys(name for name, _count in harmed)
    listed = "; ".join(
        _("{pair} with {counts}").format(
            pair=pair, counts=", ".join(str(count) for name, count in harmed if name == pair)
        )
        for pair in pairs
    )
    return _(
        "Rings: **negative transfer**. Each of the three seeds is worse than all of those that began from scratch, "
        "with the same labels, as many updates and as many rates to choose from: {pairs} labels."
    ).format(pairs=listed)


def table() -> str:
    """All accuracies of all pairs in percent, as Markdown."""
    ways = labels.rungs()
    lines = [
        _("| pair | labels per class | {ways} |").format(ways=" | ".join(ways.values())),
        "|" + "---|" * (2 + len(ways)),
    ]
    for pair, name in labels.pairs().items():
        ladder = of_pair(pair)
        for count in ladder.counts:
            found = [100 * ladder.accuracies(rung, count) for rung in ways]
            cells = " | ".join(f"{of.mean():.1f} ± {of.std(ddof=1):.1f}" for of in found)
            lines.append(f"| {name} | {count} | {cells} |")
    return "\n".join(lines)
