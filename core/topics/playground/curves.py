"""The curves in the exported figure of a run."""

from core.export.curves import Curves
from core.topics.playground.config import PlaygroundConfig
from core.translatable import N_

_SPLITS = {"train": N_("training points"), "validation": N_("validation points"), "test": N_("test points")}


def curves(config: PlaygroundConfig) -> tuple[Curves, ...]:
    """Return the charts of the loss and, for classification, of the accuracy."""
    splits = _SPLITS if config.early_stopping else {split: _SPLITS[split] for split in ("train", "test")}
    is_squared = config.regression or config.loss == "squares"
    loss = Curves(
        N_("Loss"),
        N_("mean squared error") if is_squared else N_("cross-entropy"),
        {title: (f"{split}_loss",) for split, title in splits.items()},
    )
    if config.regression:
        return (loss,)
    lines = {_SPLITS[split]: (f"{split}_accuracy",) for split in ("train", "test")}
    return loss, Curves(N_("Accuracy"), N_("accuracy"), lines, percent=True)
