"""The settings of these runs, with their bounds and presets."""

from pydantic import Field

from core.topics.transfer_learning import config as transfer
from core.topics.transfer_learning.config import PAIRS, Pair, TransferConfig
from core.training.config import RunConfig

LABEL_COUNTS = (1, 2, 3, 5, 7, 10, 20)
"""Numbers of labels per class."""


class FewLabelsConfig(RunConfig):
    """The preset of a pair of tasks is trained with every number of labels."""

    pair: Pair = Field(
        "other_digits", title="From what to what", description="What the source has learnt, and what is to be learnt."
    )

    def transfer_config(self, count: int) -> TransferConfig:
        """Return the settings of the run with so many labels per class."""
        return transfer.PRESETS[self.pair].changed(labels=count, threads=self.threads, seed=self.seed)


PRESETS: dict[str, FewLabelsConfig] = {pair: FewLabelsConfig(pair=pair) for pair in PAIRS}
