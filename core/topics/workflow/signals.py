"""What a run of the PyTorch workflow tells about the health of its network."""

import math
from collections.abc import Sequence

from core.topics.workflow.config import WorkflowConfig
from core.training.health import Signals, layer_series, run_end, series
from core.training.progress import Progress


def signals(_config: WorkflowConfig, events: Sequence[Progress]) -> Signals:
    """Return the signals of a run."""
    return Signals(
        loss=series(events, "loss"),
        expected_initial_loss=math.log(10),
        test_accuracy=series(events, "accuracy"),
        gradient_norms=layer_series(events, "health/gradient_norm"),
        update_ratios=layer_series(events, "health/update_ratio"),
        dead=layer_series(events, "health/dead"),
        **run_end(events[-1]),
    )
