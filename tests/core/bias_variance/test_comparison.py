"""The baselines of a run."""

import pytest

from core.topics.bias_variance.comparison import (
    has_same_capacities,
    preset_with_fewer_points,
    preset_without_remedies,
    remedies,
)
from core.topics.bias_variance.config import PRESETS, BiasVarianceConfig
from core.topics.playground.config import PlaygroundConfig


@pytest.mark.parametrize(
    ("preset", "used", "without", "fewer"),
    [
        ("polynomials", [], None, None),
        ("more_data", [], None, "polynomials"),
        ("l2", ["l2"], "polynomials", None),
        ("networks", [], None, None),
        ("overtrained", [], None, None),
        ("early_stopping", ["early_stopping"], "overtrained", None),
        ("dropout", ["dropout"], "overtrained", None),
    ],
)
def test_a_preset_is_compared_with_the_one_without_its_remedies_or_with_fewer_points(preset, used, without, fewer):
    config = PRESETS[preset]
    assert remedies(config) == used
    assert preset_without_remedies(config) == without
    assert preset_with_fewer_points(config) == fewer


def test_all_remedies_together_are_named_and_other_settings_have_no_counterpart():
    config = PRESETS["overtrained"].changed(l2=0.1, dropout=0.5, early_stopping=True)
    assert remedies(config) == ["l2", "dropout", "early_stopping"]
    assert preset_without_remedies(config) == "overtrained"
    assert preset_without_remedies(config.changed(noise=0.1)) is None
    assert preset_with_fewer_points(PRESETS["polynomials"].changed(points=10)) is None
    assert preset_with_fewer_points(PRESETS["polynomials"].changed(points=21)) == "polynomials"


def test_errors_share_an_axis_if_the_capacities_are_equal():
    config = BiasVarianceConfig()
    assert has_same_capacities(config, config.changed(noise=0.1, largest_width=3))
    assert not has_same_capacities(config, config.changed(largest_degree=3))
    assert not has_same_capacities(config, config.changed(model="network"))
    assert not has_same_capacities(config, PlaygroundConfig())
