"""torchvision and its transforms, for import by all other modules. Any build of torchvision works."""

from core.data.torchvision_guard import import_torchvision

torchvision = import_torchvision()
from torchvision.transforms import v2  # noqa: E402 (only after the guarded import)

__all__ = ["torchvision", "v2"]
