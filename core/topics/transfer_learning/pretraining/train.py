"""The sources: networks that have learnt something from many labels. They ship as recordings."""

from collections.abc import Generator
from functools import cache
from pathlib import Path

import safetensors.torch
from pydantic import Field
from torch import Tensor, optim
from torch.nn.functional import cross_entropy

from core.progress import Progress, RunConfig, TrainedModel, finite
from core.schedules import learning_rates
from core.training import batch_indices, batches_per_epoch
from core.transfer.config import CLASSES, PAIRS, Domain
from core.transfer.data import load, shifted, unseen
from core.transfer.network import accuracy, build

FOLDER = Path(__file__).parents[2] / "checkpoints"
EVENTS = 50
TESTED = 10_000  # test pictures, if there are so many


class SourceConfig(RunConfig):
    """A network that is trained on all pictures of a domain."""

    threads: int = Field(2, ge=1, le=64, title="Threads", description="Processor threads that PyTorch uses.")
    domain: Domain = Field("digits", title="Pictures", description="What the network learns.")
    learning_rate: float = Field(
        0.01, ge=1e-6, le=1, title="Learning rate", description="The longest step of Adam with one cycle."
    )
    epochs: int = Field(4, ge=1, le=100, title="Epochs", description="Passes through the training pictures.")
    batch_size: int = Field(128, ge=1, le=2_000, title="Batch size", description="Pictures in one update.")
    shifts: int = Field(
        2, ge=0, le=4, title="Shifts", description="Every picture is moved by up to so many pixels, anew each time."
    )

    @property
    def updates(self) -> int:
        """Updates of the whole run."""
        return self.epochs * batches_per_epoch(len(load(self.domain, "train").labels), self.batch_size)


PRESETS: dict[str, SourceConfig] = {
    domain: SourceConfig(domain=domain) for domain in dict.fromkeys(source for source, _target in PAIRS.values())
}
# There is nothing to be found: long steps would only switch all units off, and moved pictures cannot be learnt by heart
PRESETS["shuffled"] = SourceConfig(domain="shuffled", learning_rate=0.001, epochs=8, shifts=0)


def train(config: SourceConfig) -> Generator[Progress, None, TrainedModel]:
    """Train a source. Metrics: ``loss`` of the batch before its update; the final ``accuracy/test``."""
    split, network = load(config.domain, "train"), build(CLASSES.get(config.domain, 10), config.seed)
    adam = optim.Adam(network.parameters())
    rates, spacing = learning_rates("onecycle", config.updates), -(-config.updates // EVENTS)
    yield Progress(0, config.updates, {})
    for step in range(1, config.updates + 1):
        adam.param_groups[0]["lr"] = config.learning_rate * rates[step - 1]
        x, y = split.batch(batch_indices(len(split.labels), config.batch_size, step - 1, seed=config.seed))
        loss = cross_entropy(network(shifted(x, config.shifts, config.seed, step)), y)
        adam.zero_grad()
        loss.backward()
        adam.step()
        if step % spacing == 0 or step == config.updates:
            yield Progress(step, config.updates, {"loss": finite(loss.detach())})
    found = accuracy(network, *unseen(config.domain, TESTED, noise=0.0))
    return TrainedModel(network.state_dict(), {"loss": finite(loss.detach()), "accuracy/test": found})


@cache
def weights(domain: Domain) -> dict[str, Tensor]:
    """The weights of the source that ships for a domain."""
    return safetensors.torch.load_file(FOLDER / f"transfer_sources-{domain}" / "weights.safetensors")
