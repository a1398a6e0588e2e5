"""What the accuracies of a run mean, in one sentence."""

from collections.abc import Mapping

from core.topics.transfer_learning.config import TRANSFER_STRATEGIES, Strategy, TransferConfig
from core.topics.transfer_learning.results import StrategyResult, compare_with_scratch
from pages.components.text import _
from pages.transfer_learning import labels


def headline(results: Mapping[Strategy, StrategyResult], config: TransferConfig, step: int, total: int) -> str:
    """Return how transfer compares with training from scratch after an update; the last one gives the verdict."""
    if step == 0:
        return _("Before training: all networks guess.")
    best = max(TRANSFER_STRATEGIES, key=lambda strategy: results[strategy].mean)
    scratch, transfer = percent(results["scratch"].mean), percent(results[best].mean)
    numbers = {
        "step": step,
        "best": labels.strategies()[best],
        "scratch": scratch,
        "transfer": transfer,
        "points": abs(transfer - scratch),
        "seeds": config.seeds,
    }
    if step < total:
        text = (
            _("Update {step:,}: {best} is {points:.1f} points ahead, {transfer:.1f}% to {scratch:.1f}% from scratch.")
            if transfer > scratch
            else _(
                "Update {step:,}: from scratch is {points:.1f} points ahead, {scratch:.1f}% to {transfer:.1f}% {best}."
            )
        )
    elif config.seeds == 1:
        text = _("At the end: {transfer:.1f}% {best}, {scratch:.1f}% from scratch. One seed may be chance.")
    else:
        text = {
            "positive": _(
                "At the end, transfer helps: {best} is {points:.1f} points better with every seed, {transfer:.1f}% to "
                "{scratch:.1f}% from scratch."
            ),
            "negative": _(
                "At the end, negative transfer: even {best} is {points:.1f} points worse with every seed, "
                "{transfer:.1f}% to {scratch:.1f}% from scratch."
            ),
            "unclear": _(
                "At the end, no clear difference: {transfer:.1f}% {best}, {scratch:.1f}% from scratch. The {seeds} "
                "seeds differ more."
            ),
        }[compare_with_scratch(results).outcome]
    return text.format(**numbers)


def percent(share: float) -> float:
    """Return percent with one decimal, so that a difference is that of the numbers on the screen."""
    return round(100 * share, 1)
