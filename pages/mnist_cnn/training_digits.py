"""A strip of training digits after the transforms. The strip is redrawn as soon as the noise slider moves."""

from functools import lru_cache
from html import escape

import numpy as np
import streamlit as st
import torch
from PIL import Image

from core.data import datasets
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.transforms import apply, pipeline
from pages.components.charts import images
from pages.components.text import _, number

_SHOWN = (1, 5, 7, 2, 13, 15, 17, 4)
"""Indices of the displayed training digits. Labels: 0, 2, 3, 4, 6, 7, 8, 9."""
_SEED = 0


def draw(config: CNNConfig) -> None:
    """Draw training digits after all transforms in ``config`` except normalization.

    If noise is added, the title states the noise level.
    """
    if config.noise:
        title = _("**Training digits** with noise {noise}").format(noise=number(config.noise))
    elif set(config.transforms) - {"normalize", "noise"}:
        title = _("**Training digits** after the transforms")
    else:
        title = _("**Training digits** without noise")
    st.markdown(title)
    shown = {"learning_rate": 1e-3, "epochs": 1, "seed": 0}
    specs = config.model_dump(include={"transforms", "noise", *_TRANSFORM_FIELDS})
    alt = _("Eight training digits after the transforms, with noise of standard deviation {noise}").format(
        noise=number(config.noise)
    )
    tiles = "".join(f'<i style="--at:{100 * at / (len(_SHOWN) - 1):.4g}%"></i>' for at in range(len(_SHOWN)))
    sheet = _sheet(CNNConfig(**specs, **shown).model_dump_json())
    st.html(
        f'<div class="training-digits" role="img" aria-label="{escape(alt)}" style="--sheet:url({sheet})">{tiles}</div>'
    )


_TRANSFORM_FIELDS = ("resize", "crop", "crop_padding", "flip", "rotation", "translate", "scale", "shear", "erasing")


@lru_cache(maxsize=64)
def _sheet(config: str) -> str:
    """Return the data URL of an image with the digits side by side, without Normalize: dark strokes on white."""
    transforms = pipeline(CNNConfig.model_validate_json(config), training=True)
    specs = [transform for transform in transforms if transform.kind != "Normalize"]
    digits, _labels = datasets.load("mnist", "train").batch(torch.tensor(_SHOWN))
    pixels = 255 - (apply(specs, digits, _SEED)[:, 0].clamp(0, 1).numpy() * 255).round().astype(np.uint8)
    return images.data_url(Image.fromarray(np.concatenate(pixels, axis=1)))
