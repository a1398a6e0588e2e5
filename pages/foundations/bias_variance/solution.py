"""Polynomial fits, which the server computes immediately when a setting changes."""

from functools import lru_cache

from core.topics.bias_variance.analysis import TEST, CapacityAnalysis
from core.topics.bias_variance.comparison import NO_REMEDIES, preset_with_fewer_points, remedies
from core.topics.bias_variance.config import PRESETS, BiasVarianceConfig
from core.topics.bias_variance.train import train
from pages.foundations.bias_variance import labels
from pages.foundations.bias_variance.main_view import Lines


@lru_cache(maxsize=64)
def solve(config: BiasVarianceConfig) -> CapacityAnalysis:
    """Fit polynomials of all degrees to all datasets, and return the analysis of the fits."""
    analysis = CapacityAnalysis.from_events(config, train(config))
    if analysis is None:
        raise ValueError("polynomials without events")
    return analysis


def comparison(config: BiasVarianceConfig) -> Lines:
    """Return a baseline for the test errors of the polynomials with the settings ``config``.

    If the polynomials are regularized, the baseline polynomials are fitted without regularization. Otherwise, the
    baseline polynomials are fitted to fewer points. The result is a list with one (title, test errors) pair, or an
    empty list if there is no baseline.
    """
    if used := remedies(config):
        return [(labels.without(used), solve(config.changed(**NO_REMEDIES)).mean_errors[TEST])]
    if preset := preset_with_fewer_points(config):
        fewer = PRESETS[preset]
        return [(labels.with_points(fewer.points), solve(fewer).mean_errors[TEST])]
    return []
