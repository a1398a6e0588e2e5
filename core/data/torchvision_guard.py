"""Import torchvision, even if it is a CUDA build and torch is a CPU build."""

import torch


def import_torchvision():  # an annotation would hide the members of the module from type checkers
    """Import and return torchvision, even if torchvision is a CUDA build and torch is a CPU build.

    With this combination, the import fails because two operators are missing. This function declares them, then imports
    torchvision again. Only object detection uses these operators.
    """
    try:
        import torchvision
    except RuntimeError as error:
        if "operator torchvision::nms does not exist" not in str(error):
            raise
        operators = torch.library.Library("torchvision", "DEF")
        operators.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        operators.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision

        torchvision.operators = operators  # without a reference they are garbage-collected
    return torchvision
