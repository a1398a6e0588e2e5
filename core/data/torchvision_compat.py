"""The one door to torchvision: everything that needs it imports it from here."""

from core.topics.own_images.predict import import_torchvision  # a script that people take home: it needs no other file

torchvision = import_torchvision()
from torchvision.transforms import v2  # noqa: E402 (not before it has been imported with care)

__all__ = ["torchvision", "v2"]
