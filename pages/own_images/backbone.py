"""The backbone choice: one backbone is included in the app, and the others need a download."""

import streamlit as st

from core.topics.own_images.backbones import BACKBONES, download_weights, weights_path
from core.topics.own_images.config import OwnImagesConfig
from pages.components.text import _


def labels() -> dict[str, str]:
    """Return the labels of the backbones, keyed by backbone name."""
    return {
        "efficientnet_lite0": _("EfficientNet-Lite0"),
        "resnet18": _("ResNet-18 (download)"),
        "mobilenet_v3_large": _("MobileNetV3 (download)"),
    }


def draw_note() -> None:
    """Draw a caption about the available backbones."""
    st.caption(
        _(
            "The backbone was trained on the 1,000 classes of ImageNet, and is not trained further. "
            "EfficientNet-Lite0 (4.7 million parameters, Apache 2.0) is included. The other backbones are downloaded "
            "from pytorch.org."
        )
    )


def is_installed(config: OwnImagesConfig) -> bool:
    """Return whether the weights of the backbone are installed.

    Raises CoreError "backbone_missing" if the weights belong to a Python package that is not installed.
    """
    return weights_path(config.backbone).exists()


def is_available(config: OwnImagesConfig) -> bool:
    """Return whether the weights of the backbone are installed. If not, draw a button that downloads the weights.

    Raises the same errors as `is_installed` and `core.topics.own_images.backbones.download_weights`.
    """
    name = config.backbone
    if is_installed(config):
        return True
    st.info(
        _("{name} is not installed yet. Download size: {megabytes} MB.").format(
            name=labels()[name], megabytes=BACKBONES[name].megabytes
        ),
        icon=":material/download:",
    )
    if st.button(_("Download"), key="own_images.download", icon=":material/download:"):
        bar = st.progress(0.0, text=_("Connecting…"))
        for received, total in download_weights(name):
            text = _("{received:.0f} of {total:.0f} MB").format(received=received / 2**20, total=total / 2**20)
            bar.progress(min(1.0, received / total), text=text)
        st.rerun()
    return False
