"""The tab "Networks": their parameters, multiply-adds, code dimensions and source code."""

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
from pages.components.text import _, ngettext, pgettext

_PIXEL_BITS, _CODE_BITS = 8, 32
_CODE: dict[str, Callable[..., nn.Module]] = {
    "quick": quick,
    "linear": linear,
    "convolutional": convolutional,
    "unet": UNet,
}


def draw(config: AutoencoderConfig) -> None:
    """Draw the tab."""
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
    st.caption(_("Bold: the selected network. The quick and the linear network have the setting “Code dimension”."))
    source.show(source.source(_CODE[config.network]), title=_("The selected network"))
    draw_build()


def draw_build() -> None:
    """Show the code that builds the network of the settings."""
    source.show(
        source.source(build),
        title=_("How the settings build the network: with a ReLU on the code and a sigmoid at the output, if chosen"),
    )


def bottleneck(config: AutoencoderConfig) -> str:
    """Return a sentence that compares the code dimension with the number of pixels."""
    own = size(config)
    if own.code is None:
        return _(
            "**Skip connections** carry details past the bottleneck. So this network has no latent code, and "
            "compresses nothing."
        )
    if own.code >= PIXELS:
        return _(
            "**{code:,} numbers for {pixels} pixels**: this code compresses nothing. The network denoises because its "
            "training targets are clean images."
        ).format(code=own.code, pixels=PIXELS)
    if config.network == "linear" and not config.relu_code:
        text = ngettext(
            "**{code} number for {pixels} pixels**: {factor:.3g} times fewer numbers, {bits:.2g} times fewer bits. The "
            "tutorial has a ReLU on the code; here it is off (More settings).",
            "**{code} numbers for {pixels} pixels**: {factor:.3g} times fewer numbers, {bits:.2g} times fewer bits. "
            "The tutorial has a ReLU on the code; here it is off (More settings).",
            own.code,
        )
    else:
        text = ngettext(
            "**{code} number for {pixels} pixels**: {factor:.3g} times fewer numbers, {bits:.2g} times fewer bits (a "
            "pixel has 8, a number of the code 32).",
            "**{code} numbers for {pixels} pixels**: {factor:.3g} times fewer numbers, {bits:.2g} times fewer bits (a "
            "pixel has 8, a number of the code 32).",
            own.code,
        )
    factor = PIXELS / own.code
    return text.format(code=own.code, pixels=PIXELS, factor=factor, bits=factor * _PIXEL_BITS / _CODE_BITS)
