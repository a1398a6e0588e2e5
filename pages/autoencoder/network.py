"""The "Networks" tab: parameters, multiply-adds, code dimensions, and source code of the networks."""

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
from pages.components.text import _, ngettext, number, pgettext

_PIXEL_BITS, _CODE_BITS = 8, 32
_CODE: dict[str, Callable[..., nn.Module]] = {
    "quick": quick,
    "linear": linear,
    "convolutional": convolutional,
    "unet": UNet,
}


def draw(config: AutoencoderConfig) -> None:
    """Draw the "Networks" tab. ``config`` contains the current settings."""
    st.markdown(bottleneck(config))
    titles = labels.options()["network"]
    header = [_("network"), _("parameters"), _("multiply-adds per image"), _("code dimension")]
    rows = [
        [
            f"**{titles[name]}**" if name == config.network else titles[name],
            f"{each.parameters:,}",
            f"{each.multiply_adds:,}",
            pgettext("latent code", "none") if each.code is None else f"{each.code:,}",
        ]
        for name in NETWORKS
        for each in [size(config.changed(network=name))]
    ]
    st.markdown("\n".join("| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows]))
    st.caption(
        _(
            "Bold: the selected network. The “Code dimension” setting applies to the quick network and to the fully "
            "connected network."
        )
    )
    source.show(source.source(_CODE[config.network]), title=_("The selected network"))
    draw_build()


def draw_build() -> None:
    """Show the source code that builds the network from the settings."""
    source.show(
        source.source(build),
        title=_(
            "How the network is built from the settings, with an optional ReLU on the code and an optional sigmoid at "
            "the output"
        ),
    )


def bottleneck(config: AutoencoderConfig) -> str:
    """Return Markdown text that compares the network's code dimension with the number of pixels in an image.

    If the network has no latent code, the text explains why.
    """
    own = size(config)
    if own.code is None:
        return _(
            "**Skip connections** carry image details around the bottleneck. So this network has no latent code, and "
            "compresses nothing."
        )
    if own.code >= PIXELS:
        return _(
            "**{code:,} numbers for {pixels} pixels**: this code compresses nothing. The network still removes "
            "corruption, because the training targets are clean images."
        ).format(code=own.code, pixels=PIXELS)
    if config.network == "linear" and not config.relu_code:
        text = ngettext(
            "**{code} number for {pixels} pixels**: compression by a factor of {factor} in the number of values, and "
            "of {bits} in the number of bits. The tutorial applies a ReLU to the code. In this network, the ReLU is "
            "off (see “More settings”).",
            "**{code} numbers for {pixels} pixels**: compression by a factor of {factor} in the number of values, "
            "and of {bits} in the number of bits. The tutorial applies a ReLU to the code. In this network, the ReLU "
            "is off (see “More settings”).",
            own.code,
        )
    else:
        text = ngettext(
            "**{code} number for {pixels} pixels**: compression by a factor of {factor} in the number of values, and "
            "of {bits} in the number of bits (8 bits per pixel, 32 bits per latent value).",
            "**{code} numbers for {pixels} pixels**: compression by a factor of {factor} in the number of values, "
            "and of {bits} in the number of bits (8 bits per pixel, 32 bits per latent value).",
            own.code,
        )
    factor = PIXELS / own.code
    bits = factor * _PIXEL_BITS / _CODE_BITS
    return text.format(code=own.code, pixels=PIXELS, factor=number(factor), bits=number(bits))
