"""Transfer learning: a network that has learnt one thing learns another from few labels, beside one that has not."""

from core.transfer.config import PRESETS, TransferConfig
from core.transfer.training import train

__all__ = ["PRESETS", "TransferConfig", "train"]
