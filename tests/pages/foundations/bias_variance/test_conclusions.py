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
            "Best: degree 1, test error 0.2 (noise variance: 0.09). Underfits: degree 0 (1). Overfits:",
        ),
        ([1, 0.2, 0.21], "Underfits: degree 0 (1). Hardly any overfitting up to degree 2 (0.21)."),
        ([1, 0.2, 0.5, 0.21], "Underfits: degree 0 (1). Test error at degree 3: 0.21."),
        ([1, 0.5, 0.2], "Underfits: degree 0 (1). Larger models may be even better."),
        ([0.2, 0.21, 0.5], "Best: degree 0, test error 0.2 (noise variance: 0.09). Overfits: degree 2 (0.5)."),
        (
            [0.2, 0.201, 0.202],
            "Best: degree 0, test error 0.2 (noise variance: 0.09). Hardly any overfitting up to degree 2",
        ),
        ([0.2], "Best: degree 0, test error 0.2 (noise variance: 0.09)."),
    ],
)
def test_the_verdict_summarizes_the_run(test, expected):
    verdict, _remarks = conclusions_for(test)
    assert verdict.startswith(expected) or verdict.endswith(expected)


def test_only_the_remarks_that_apply_are_made():
    assert "On every dataset, degree 2 has a higher test error than degree 1." in conclusions_for([1, 0.2, 0.5])[1]
    assert (
        "If each dataset is used alone to choose the capacity, the choice is always degree 1."
        in conclusions_for([1, 0.2, 0.21])[1]
    )
    assert "The test error peaks at degree 2 and falls again" in conclusions_for([1, 0.2, 1.0, 0.5])[1]
    assert "pass through" not in conclusions_for([1, 0.2, 0.5])[1]
    assert "From degree 2 on, a polynomial can pass through all 3 points" in conclusions_for([1, 0.2, 0.5], points=3)[1]
