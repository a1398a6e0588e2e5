"""The choice of the backbone: one is installed, others have to be downloaded first."""

import streamlit as st

from core.topics.own_images.backbones import BACKBONES, fetch, path
from core.topics.own_images.config import OwnPicturesConfig
from pages.components.text import _


def names() -> dict[str, str]:
    """The backbones, as their choice calls them."""
    return {
        "efficientnet_lite0": _("EfficientNet-Lite0"),
        "resnet18": _("ResNet-18 (download)"),
        "mobilenet_v3_large": _("MobileNetV3 (download)"),
    }


def draw_guess_note() -> None:
    """Say what the choice means."""
    st.caption(
        _(
            "The backbone has learnt the 1,000 classes of ImageNet, and is not trained here. EfficientNet-Lite0 (4.7 "
            "million weights, Apache 2.0) comes with the app; the others come from PyTorch's site."
        )
    )


def available(config: OwnPicturesConfig) -> bool:
    """Whether the backbone of the settings is there; if not, offer to download it. Raises what `fetch` raises."""
    name = config.backbone
    if path(name).exists():
        return True
    kind = BACKBONES[name]
    st.info(
        _("{name} is not on this machine yet: {megabytes} MB have to be downloaded.").format(
            name=names()[name], megabytes=kind.megabytes
        ),
        icon=":material/download:",
    )
    if st.button(_("Download"), key="own_images.download", icon=":material/download:"):
        bar = st.progress(0.0, text=_("Asking for it…"))
        for had, total in fetch(name):
            text = _("{had:.0f} of {total:.0f} MB").format(had=had / 2**20, total=total / 2**20)
            bar.progress(min(1.0, had / total), text=text)
        st.rerun()
    return False
