"""An autoencoder that repairs pictures: its networks, what is done to its pictures, and its training."""

from core.autoencoder.config import PRESETS, AutoencoderConfig
from core.autoencoder.training import train

__all__ = ["PRESETS", "AutoencoderConfig", "train"]
