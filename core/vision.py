"""The one door to torchvision: everything that needs it imports it from here."""

import torch

try:
    import torchvision
except RuntimeError as error:
    # A torchvision that is linked against CUDA does not find its operators beside a torch for the CPU. Two are missed
    # when it is imported. Declared, and never called, they stay missing only for those who detect objects.
    if "operator torchvision::nms does not exist" not in str(error):
        raise
    _declared = torch.library.Library("torchvision", "DEF")  # is collected, and forgotten, unless a name keeps it
    _declared.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _declared.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision
from torchvision.transforms import v2

__all__ = ["torchvision", "v2"]
