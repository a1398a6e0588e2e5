"""A convolutional network that reads digits: its layers, the transforms of its pictures, and its training."""

from core.cnn.config import PRESETS, CNNConfig
from core.cnn.training import train

__all__ = ["PRESETS", "CNNConfig", "train"]
