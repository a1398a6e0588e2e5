"""The tab with positive and negative transfer of every pair."""

import streamlit as st

from core.topics.transfer_learning.label_efficiency.config import LABEL_COUNTS, variants
from pages.components.charts import heatmap
from pages.components.text import _
from pages.transfer_learning import labels
from pages.transfer_learning.label_efficiency import recorded_study

_FULL_COLOUR = 15.0  # points of accuracy with the darkest colour


def draw(n_transferred: int) -> None:
    """Draw the tab; it opens with fine-tuning of the settings' number of transferred layers."""
    st.markdown(
        _(
            "**What is gained over learning from scratch**, in points of accuracy on new pictures: each row goes from "
            "something that was learnt to something that is to be learnt, each column has so many labels per class. "
            "Blue: it helps. Orange: it harms."
        )
    )
    titles = labels.variants()
    del titles["scratch"]
    variant = st.segmented_control(
        _("Way"),
        list(titles),
        format_func=titles.__getitem__,
        default=variants(n_transferred)["fine_tuned"],
        key="transfer_learning.pairs.way",
        required=True,
    )
    studies = {title: recorded_study(pair) for pair, title in labels.pairs().items()}
    cells = {(title, count): study for title, study in studies.items() for count in study.label_counts}
    negative = {
        name: [cell for cell, study in cells.items() if study.has_negative_transfer(name, cell[1])] for name in titles
    }
    st.caption(
        _("Negative transfer, of {all} cells: {rings}.").format(
            all=len(cells), rings=", ".join(f"{title} {len(negative[name])}" for name, title in titles.items())
        )
    )
    gains = {
        (title, str(count)): 100 * float(study.gains(variant, count).mean()) for (title, count), study in cells.items()
    }
    heatmap.draw_table(
        gains,
        rows=list(studies),
        columns=[str(count) for count in LABEL_COUNTS],
        row_title=_("pair"),
        column_title=_("labels per class"),
        value_title=_("points over scratch"),
        darkest=_FULL_COLOUR,
        key="transfer_learning.pairs",
        alt=_("Table of what each pair gains over learning from scratch, by the number of labels"),
        ringed=[(title, str(count)) for title, count in negative[variant]],
        signed=True,
    )
    st.caption(_summary(titles[variant], negative[variant]))
    with st.expander(_("All accuracies: the mean of three seeds ± their standard deviation"), icon=":material/table:"):
        st.markdown(table())


def _summary(variant: str, cells: list[tuple[str, int]]) -> str:
    """Return the cells (pair, labels per class) with negative transfer, in words."""
    if not cells:
        text = _(
            "**Nowhere is there negative transfer** for “{way}”: nowhere is every seed worse than all from scratch."
        )
        return text.format(way=variant)
    pairs = dict.fromkeys(pair for pair, _count in cells)
    listed = "; ".join(
        _("{pair} with {counts}").format(
            pair=pair, counts=", ".join(str(count) for other, count in cells if other == pair)
        )
        for pair in pairs
    )
    return _(
        "Rings: **negative transfer**. Each of the three seeds is worse than all of those that began from scratch, "
        "with the same labels, as many updates and as many rates to choose from: {pairs} labels."
    ).format(pairs=listed)


def table() -> str:
    """Return all accuracies of all pairs in percent, as Markdown."""
    titles = labels.variants()
    lines = [
        _("| pair | labels per class | {ways} |").format(ways=" | ".join(titles.values())),
        "|" + "---|" * (2 + len(titles)),
    ]
    for pair, pair_title in labels.pairs().items():
        study = recorded_study(pair)
        for count in study.label_counts:
            accuracies = [100 * study.accuracies(variant, count) for variant in titles]
            cells = " | ".join(f"{values.mean():.1f} ± {values.std(ddof=1):.1f}" for values in accuracies)
            lines.append(f"| {pair_title} | {count} | {cells} |")
    return "\n".join(lines)
