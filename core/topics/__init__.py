"""What can be trained: the topics by name, each with its settings, presets and training function."""

from importlib import import_module
from typing import NamedTuple

from core.progress import RunConfig, TrainFunction

_MODULES = {
    "foundations": "core.foundations",
    "fitting": "core.fitting",
    "mlp": "core.mlp",
    "race": "core.race",
    "schedules": "core.race.schedules",
    "cnn": "core.cnn",
    "autoencoder": "core.autoencoder",
    "denoising_maps": "core.autoencoder.maps",
    "transfer_sources": "core.transfer.sources",
    "transfer_ladders": "core.transfer.ladder",
    "transfer": "core.transfer",
}
NAMES = tuple(_MODULES)


class Topic(NamedTuple):
    """A topic: its presets by name (the first one is the default) and its training function."""

    presets: dict[str, RunConfig]
    train: TrainFunction

    @property
    def default(self) -> RunConfig:
        """The default preset."""
        return next(iter(self.presets.values()))


def topic(name: str) -> Topic:
    """The topic of that name. Imports it, and with it torch, at the first call. Raises KeyError."""
    module = import_module(_MODULES[name])
    return Topic(module.PRESETS, module.train)
