"""The features of the example images. They ship with the images, so that a server need not compute them.

``python -m core.topics.own_images.example_features`` computes them anew.
"""

import safetensors.torch
from torch import Tensor

from core.compression import read_bytes, write_compressed
from core.topics.own_images import backbones
from core.topics.own_images.config import OwnImagesConfig
from core.topics.own_images.examples import FOLDER, examples, held_out
from core.topics.own_images.feature_cache import features
from core.topics.own_images.labelled_images import all_images, inputs

FILE = FOLDER / "features.safetensors"
BACKBONE = OwnImagesConfig().backbone


def compute() -> dict[str, Tensor]:
    """Compute the features of the training and held-out examples with the default backbone.

    Returns the features (D,) of each image, by image key.
    """
    images = [*all_images(examples()), *(image for _class_name, image in held_out())]
    rows = backbones.load(BACKBONE).features(inputs(images))
    return {image.key: row.clone() for image, row in zip(images, rows, strict=True)}


def fill_cache() -> None:
    """Put the features that ship with the app into the cache.

    The key of an image depends on its decoded pixels. If this machine decodes an image differently, the features of
    the image are not found.
    """
    for key, row in safetensors.torch.load(read_bytes(FILE)).items():
        features.put((BACKBONE, key), row)


if __name__ == "__main__":
    write_compressed(FILE, safetensors.torch.save(compute()))
