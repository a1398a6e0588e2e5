"""The "Positive and negative transfer" tab: the gain over a matched control for each pair of tasks."""

from functools import cache

import streamlit as st

from core.topics.transfer_learning.config import PAIRS
from core.topics.transfer_learning.label_efficiency.config import (
    CONTROLS,
    LABEL_COUNTS,
    PRESETS,
    StrategyVariant,
    variants,
)
from core.topics.transfer_learning.label_efficiency.results import Cell, significant_cells
from pages.components.charts import heatmap
from pages.components.text import _
from pages.transfer_learning import labels
from pages.transfer_learning.label_efficiency import recorded_study

_FULL_COLOR = 15.0  # gain in percentage points at which a cell has the darkest color


def draw(n_transferred: int) -> None:
    """Draw the "Positive and negative transfer" tab.

    The initially selected strategy is fine-tuning with ``n_transferred`` transferred layers.
    """
    st.markdown(
        _(
            "**Gain over a control**, in percentage points of test accuracy. Rows: source task → target task. Columns: "
            "labels per class. Blue: higher accuracy than the control. Orange: lower accuracy."
        )
    )
    variant = st.segmented_control(
        _("Strategy"),
        list(CONTROLS),
        format_func=labels.variants().__getitem__,
        default=variants(n_transferred)["fine_tuned"],
        key="transfer_learning.pairs.variant",
        required=True,
    )
    st.caption(_control(variant))
    studies = {pair: recorded_study(pair) for pair in PRESETS}
    significant, n_cells = _significant_cells()
    heatmap.draw_table(
        {
            (pair, str(count)): 100 * float(study.gains(variant, count, over=CONTROLS[variant]).mean())
            for pair, study in studies.items()
            for count in study.label_counts
        },
        rows=list(studies),
        columns=[str(count) for count in LABEL_COUNTS],
        titles=labels.pairs(),
        row_title=_("pair"),
        column_title=_("labels per class"),
        value_title=_("percentage points over the control"),
        darkest=_FULL_COLOR,
        key="transfer_learning.pairs",
        alt=_(
            "Table of the accuracy gains over the control: one row per pair of tasks, one column per number of labels "
            "per class"
        ),
        signed=True,
        ringed=[(pair, str(count)) for pair, tested, count in significant if tested == variant],
    )
    seeds = min(study.seeds for study in studies.values())
    test = _(
        "Each number is a mean across {seeds} seeds. Test: paired t-test across seeds, with Holm's correction for "
        "all {cells} cells of all strategies (family-wise error rate 5%)."
    ).format(seeds=seeds, cells=n_cells)
    ring = (
        _("A ring marks a significant difference. In all other cells, **the difference is not significant**.")
        if significant
        else _("**The difference is not significant** in any cell.")
    )
    st.caption(f"{ring} {test}")
    title = _("All accuracies: mean ± standard deviation across {seeds} seeds").format(seeds=seeds)
    with st.expander(title, icon=":material/table:"):
        st.markdown(table())


@cache
def _significant_cells() -> tuple[set[Cell], int]:
    return significant_cells({pair: recorded_study(pair) for pair in PAIRS})


def _control(variant: StrategyVariant) -> str:
    """Return a text on the control of a variant, and on the effect that the gain measures."""
    if CONTROLS[variant] != "scratch":
        return _(
            "Control: **frozen random features**. Both strategies train the same layers, so the gain measures the "
            "effect of the pretrained weights."
        )
    if variant in ("fine_tuned", "fine_tuned_hidden"):
        return _(
            "Control: **from scratch**. Both strategies train all layers. Fine-tuning starts from pretrained weights "
            "and trains them with a lower learning rate."
        )
    return _(
        "Control: **from scratch**. Neither strategy uses the source task, so the gain measures the effect of freezing."
    )


def table() -> str:
    """Return a Markdown table of the test accuracies, in percent, for all pairs of tasks.

    Each cell contains the mean and the standard deviation across seeds.
    """
    titles = labels.variants()
    lines = [
        _("| pair | labels per class | {strategies} |").format(strategies=" | ".join(titles.values())),
        "|" + "---|" * (2 + len(titles)),
    ]
    for pair, pair_title in labels.pairs().items():
        study = recorded_study(pair)
        for count in study.label_counts:
            accuracies = [100 * study.accuracies(variant, count) for variant in titles]
            cells = " | ".join(f"{values.mean():.1f} ± {values.std(ddof=1):.1f}" for values in accuracies)
            lines.append(f"| {pair_title} | {count} | {cells} |")
    return "\n".join(lines)
