"""The accuracies of a run in one sentence."""

from collections.abc import Mapping

from core.topics.transfer_learning.config import Strategy, TransferConfig
from core.topics.transfer_learning.results import StrategyResult, compare_with_scratch
from pages.components.text import _
from pages.transfer_learning import labels


def headline(results: Mapping[Strategy, StrategyResult], config: TransferConfig, step: int, total: int) -> str:
    """Return the better transfer strategy's accuracy after an update, beside the accuracy from scratch.

    At the end it also gives the range of the seeds' differences.
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
        text = _("Update {step:,}: {transfer:.1f}% {best}, {scratch:.1f}% from scratch, {difference:+.1f} points.")
    elif config.seeds == 1:
        text = _("At the end: {transfer:.1f}% {best}, {scratch:.1f}% from scratch. One seed may be chance.")
    elif comparison.seeds_disagree:
        text = _(
            "At the end, no difference shown: {transfer:.1f}% {best}, {scratch:.1f}% from scratch, {difference:+.1f} "
            "points ({low:+.1f} to {high:+.1f} by seed)."
        )
    else:
        text = _(
            "At the end: {transfer:.1f}% {best}, {scratch:.1f}% from scratch, {difference:+.1f} points ({low:+.1f} to "
            "{high:+.1f} by seed)."
        )
    return text.format(**numbers)


def percent(share: float) -> float:
    """Return a percentage with one decimal, so that differences agree with the displayed numbers."""
    return round(100 * share, 1)
