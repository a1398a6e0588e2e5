"""Import torchvision, even a CUDA build together with a CPU build of torch."""

import torch


def import_torchvision():  # an annotation would hide the members of the module from type checkers
    """Import torchvision and return it, even a CUDA build together with a CPU build of torch.

    Such a build fails at import because two operators are missing. Declaring them makes the import work. Only object
    detection uses them.
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
