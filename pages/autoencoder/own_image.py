"""The "Your own image" tab: draw or upload an image, corrupt it, and reconstruct it."""

import streamlit as st
import torch

from core.data.corruptions import corrupt
from core.evaluation.metrics import psnr
from core.topics.autoencoder.filters import best_filter
from core.training.rng import Stream, generator
from pages.autoencoder import corruption_controls, labels
from pages.autoencoder.selected_model import SelectedModel, describe
from pages.components.charts import images
from pages.components.inputs import digit_input
from pages.components.text import _

_PAGE = "autoencoder"
_SIDE = 128  # width of an image in pixels: four images fit beside the pad


def draw(model: SelectedModel) -> None:
    """Draw the "Your own image" tab. ``model`` is the network that reconstructs the image."""
    describe(model)
    pad, results = st.columns([1, 1.7], gap="large")
    with pad:
        image = digit_input.choose(_PAGE)
    with results:
        kinds = corruption_controls.choose_corruptions(
            _("Corruptions, in the order of selection"), model.config, key="autoencoder.own.corruptions"
        )
        levels = tuple(
            (
                name,
                corruption_controls.choose_level(
                    _("Your image: {level}"), name, model.config, key=f"autoencoder.own.{name}"
                ),
            )
            for name in kinds
        )
        seed = st.session_state.setdefault("autoencoder.own.draw", 0)
        corrupted = corrupt(image.batch, levels, generator(seed, Stream.AUTOENCODER_OWN_IMAGE))
        reconstructed = model.reconstruct(corrupted)
        best = best_filter(model.config.data, levels)
        filtered = best(corrupted)
        with st.container(horizontal=True):
            _show(_("**Your image**: {origin}").format(origin=image.origin), image.batch)
            _show(_("**Corrupted**: {psnr}").format(psnr=_decibels(corrupted, image.batch)), corrupted)
            _show(_("**Reconstructed**: {psnr}").format(psnr=_decibels(reconstructed, image.batch)), reconstructed)
            _show(
                _("**Best filter** ({filter}): {psnr}").format(
                    filter=labels.filter_(best), psnr=_decibels(filtered, image.batch)
                ),
                filtered,
            )
        st.button(
            _("Generate new random numbers"), icon=":material/casino:", key="autoencoder.own.new", on_click=_draw_again
        )
        remarks = {
            "mnist": _(
                "This network was trained only on digits, so its outputs look like digits. Draw a cat, and compare "
                "the output with your drawing. Images unlike the training images are reconstructed poorly."
            ),
            "fashion_mnist": _(
                "This network was trained only on clothing, so its outputs look like clothing. Images unlike the "
                "training images, for example digits, are reconstructed poorly."
            ),
        }
        st.caption(remarks[model.config.data])


def _show(label: str, image: torch.Tensor) -> None:
    with st.container(width=_SIDE):
        images.show(images.greys(image[:, 0].numpy(), columns=1, scale=8), alt=label)
        st.caption(label)


def _decibels(image: torch.Tensor, target: torch.Tensor) -> str:
    return labels.decibels(float(psnr(image, target)[0]))


def _draw_again() -> None:
    st.session_state["autoencoder.own.draw"] += 1
