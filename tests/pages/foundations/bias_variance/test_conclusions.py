"""The conclusions from a run, in sentences."""

import numpy as np
import pytest

from core.topics.bias_variance.analysis import CapacityAnalysis
from core.topics.bias_variance.config import BiasVarianceConfig
from core.training.progress import Progress
from pages.foundations.bias_variance import conclusions


def conclusions_for(test: list[float], *, points: int = 20) -> tuple[str, str]:
    """Return the verdict and the remarks on a run with these test errors."""
    config = BiasVarianceConfig(data_sets=20, largest_degree=len(test) - 1, points=points)
    means = np.array([np.linspace(1, 0.1, len(test)), test, test])
    arrays = {"now": means, "errors": means[:, :, None] + np.linspace(-0.01, 0.01, 20)}
    arrays |= {"parts": means[:2], "curves": np.zeros((len(test), 20, 3))}
    analysis = CapacityAnalysis.from_events(config, [Progress(1, 1, {"flat": 2.0}, arrays)])
    return conclusions.verdict(analysis), " ".join(conclusions.remarks(analysis))


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (
            [1, 0.2, 0.5],
            "Best: degree 1, test error 0.2 (noise alone: 0.09). Underfits: degree 0 (1). Overfits:",
        ),
        ([1, 0.2, 0.21], "Underfits: degree 0 (1). Up to degree 2 (0.21) hardly any overfitting."),
        ([1, 0.2, 0.5, 0.21], "Underfits: degree 0 (1). Largest: degree 3 (0.21)."),
        ([1, 0.5, 0.2], "Underfits: degree 0 (1). Larger ones may be better still."),
        ([0.2, 0.21, 0.5], "Best: degree 0, test error 0.2 (noise alone: 0.09). Overfits: degree 2 (0.5)."),
        ([0.2, 0.201, 0.202], "Best: degree 0, test error 0.2 (noise alone: 0.09). Up to degree 2 (0.202) hardly any"),
        ([0.2], "Best: degree 0, test error 0.2 (noise alone: 0.09)."),
    ],
)
def test_the_verdict_says_what_was_found(test, expected):
    verdict, _remarks = conclusions_for(test)
    assert verdict.startswith(expected) or verdict.endswith(expected)


def test_the_remarks_say_only_what_is_so():
    assert "In all of them the test error of degree 2 is the higher one." in conclusions_for([1, 0.2, 0.5])[1]
    assert "Each alone would choose degree 1, too." in conclusions_for([1, 0.2, 0.21])[1]
    assert "The test error rises up to degree 2 and falls again" in conclusions_for([1, 0.2, 1.0, 0.5])[1]
    assert "pass through" not in conclusions_for([1, 0.2, 0.5])[1]
    assert "From degree 2 on a polynomial can pass through all 3 points" in conclusions_for([1, 0.2, 0.5], points=3)[1]
