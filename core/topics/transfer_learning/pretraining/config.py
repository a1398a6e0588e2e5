"""The settings of pretraining, with their bounds and presets."""

from pydantic import Field

from core.topics.transfer_learning.config import PAIRS, Domain
from core.topics.transfer_learning.data import load
from core.training.batching import batches_per_epoch
from core.training.config import RunConfig


class PretrainingConfig(RunConfig):
    """The settings for training a network on all training images of a domain."""

    threads: int = Field(2, ge=1, le=64, title="Threads", description="Number of CPU threads that PyTorch uses.")
    domain: Domain = Field("digits", title="Images", description="The source task.")
    learning_rate: float = Field(
        0.01,
        ge=1e-6,
        le=1,
        title="Learning rate",
        description="Highest learning rate of the one-cycle schedule.",
    )
    epochs: int = Field(4, ge=1, le=100, title="Epochs", description="Number of passes through the training images.")
    batch_size: int = Field(128, ge=1, le=2_000, title="Batch size", description="Number of images per update.")
    shifts: int = Field(
        2, ge=0, le=4, title="Shifts", description="Largest random shift of the training images, in pixels."
    )

    @property
    def updates(self) -> int:
        """Number of updates in the whole run."""
        return self.epochs * batches_per_epoch(len(load(self.domain, "train").labels), self.batch_size)


PRESETS: dict[str, PretrainingConfig] = {
    domain: PretrainingConfig(domain=domain) for domain in dict.fromkeys(source for source, _target in PAIRS.values())
}
# Random labels: a high learning rate only produces dead units, and shifted images cannot be memorized
PRESETS["shuffled"] = PretrainingConfig(domain="shuffled", learning_rate=0.001, epochs=8, shifts=0)
