"""The curves in the exported figure of a run."""

from core.export.curves import Curves
from core.topics.bias_variance.config import BiasVarianceConfig
from core.translatable import N_


def curves(config: BiasVarianceConfig) -> tuple[Curves, ...]:
    """Return the chart of the errors at the capacity with the lowest validation error. Polynomials have no curves."""
    if config.model == "polynomial":
        return ()
    lines = {N_("training data"): ("train",), N_("validation data"): ("validation",), N_("test data"): ("test",)}
    title = N_("Errors at the capacity with the lowest validation error")
    return (Curves(title, N_("mean squared error"), lines, x_title=N_("epoch"), log=True),)
