"""The tab with the networks: how large they are, and how many numbers their codes have."""

from collections.abc import Callable

import streamlit as st
from torch import nn

from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.model import (
    NETWORKS,
    PIXELS,
    UNet,
    build,
    convolutional,
    linear,
    quick,
    size,
)
from pages.autoencoder import labels
from pages.components import source
from pages.components.text import _

_CODE: dict[str, Callable[..., nn.Module]] = {
    "quick": quick,
    "linear": linear,
    "convolutional": convolutional,
    "unet": UNet,
}


def draw(config: AutoencoderConfig) -> None:
    """Draw the tab."""
    st.markdown(bottleneck(config))
    words = labels.options()["network"]
    header = [_("network"), _("weights"), _("multiply-adds for an image"), _("numbers of the code")]
    rows = [
        [
            f"**{words[name]}**" if name == config.network else words[name],
            f"{each.parameters:,}",
            f"{each.multiply_adds:,}",
            _("none") if each.code is None else f"{each.code:,}",
        ]
        for name in NETWORKS
        for each in [size(config.changed(network=name))]
    ]
    st.markdown("\n".join("| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows]))
    st.caption(_("The chosen network is in bold. The bottleneck's size is among the settings (More settings)."))
    source.show(source.source(_CODE[config.network]), title=_("The chosen network"))
    draw_build()


def draw_build() -> None:
    """Show what the settings make of the networks."""
    source.show(
        source.source(build),
        title=_("What runs: the network with a ReLU on its code and a sigmoid at its end, where the settings say so"),
    )


def bottleneck(config: AutoencoderConfig) -> str:
    """How many numbers the code has, against the image's."""
    own = size(config)
    if own.code is None:
        return _(
            "A network with **skip connections** has no code of its own: details go past the bottleneck. It restores "
            "best, and compresses nothing."
        )
    if own.code >= PIXELS:
        return _(
            "**{code:,} numbers for {pixels} pixels**: this “code” compresses nothing. What keeps the network from "
            "copying the noise is its training alone."
        ).format(code=own.code, pixels=PIXELS)
    text = _("**{code} numbers for {pixels} pixels**: the code is {factor:.3g} times smaller than the image.").format(
        code=own.code, pixels=PIXELS, factor=PIXELS / own.code
    )
    if config.network == "linear" and not config.relu_code:
        return _("{text} The tutorial has a ReLU on the code; here it is off (More settings).").format(text=text)
    return text
