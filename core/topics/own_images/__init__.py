"""Own pictures: a network that knows ImageNet makes features of them, and a small head learns one's own classes."""

from core.own_pictures.config import PRESETS, OwnPicturesConfig

__all__ = ["PRESETS", "OwnPicturesConfig"]
