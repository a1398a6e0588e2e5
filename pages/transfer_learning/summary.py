"""The accuracies of a run in one sentence."""

from collections.abc import Mapping

from core.topics.transfer_learning.config import Strategy, TransferConfig
from core.topics.transfer_learning.results import StrategyResult, compare_with_scratch
from pages.components.text import _
from pages.transfer_learning import labels


def headline(results: Mapping[Strategy, StrategyResult], config: TransferConfig, step: int, total: int) -> str:
    """Return text with the accuracies of the better transfer strategy and of training from scratch.

    ``step`` is the number of updates so far. Before training, the text contains no accuracies. After the last update
    (``step`` equals ``total``), the text also gives the range of the accuracy difference across seeds, if there are
    several seeds.
    """
    if step == 0:
        return _("Before training: all networks guess.")
    comparison = compare_with_scratch(results)
    scratch, transfer = percent(results["scratch"].mean), percent(results[comparison.best].mean)
    low, high = (100 * difference for difference in comparison.seed_differences)
    numbers = {
        "step": step,
        "best": labels.strategies()[comparison.best],
        "scratch": scratch,
        "transfer": transfer,
        "difference": transfer - scratch,
        "low": low,
        "high": high,
    }
    if step < total:
        text = _(
            "Accuracy at update {step:,}: {best} {transfer:.1f}%, from scratch {scratch:.1f}%. Difference: "
            "{difference:+.1f} percentage points."
        )
    elif config.seeds == 1:
        text = _(
            "Final accuracy: {best} {transfer:.1f}%, from scratch {scratch:.1f}%. With one seed, the difference may be "
            "due to chance."
        )
    elif comparison.seeds_disagree:
        text = _(
            "Final accuracy: {best} {transfer:.1f}%, from scratch {scratch:.1f}%. The sign of the difference "
            "depends on the seed ({low:+.1f} to {high:+.1f} percentage points)."
        )
    else:
        text = _(
            "Final accuracy: {best} {transfer:.1f}%, from scratch {scratch:.1f}%. Difference: {difference:+.1f} "
            "percentage points ({low:+.1f} to {high:+.1f} across seeds)."
        )
    return text.format(**numbers)


def percent(share: float) -> float:
    """Return a fraction (0..1) in percent, rounded to one decimal place.

    Differences between these rounded values agree with the displayed percentages.
    """
    return round(100 * share, 1)
