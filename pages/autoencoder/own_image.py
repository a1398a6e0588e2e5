"""The tab for one's own image: drawn or uploaded, corrupted, and restored."""

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
_SIDE = 128  # of a picture, in pixels: four of them fit beside the pad


def draw(model: SelectedModel) -> None:
    """Draw the tab."""
    describe(model)
    pad, results = st.columns([1, 1.7], gap="large")
    with pad:
        picture = digit_input.choose(_PAGE)
    with results:
        kinds = corruption_controls.choose_corruptions(
            _("What is done to it"), model.config, key="autoencoder.own.corruptions"
        )
        levels = tuple(
            (
                name,
                corruption_controls.choose_level(
                    _("{level}, yours"), name, model.config, key=f"autoencoder.own.{name}"
                ),
            )
            for name in kinds
        )
        number = st.session_state.setdefault("autoencoder.own.draw", 0)
        corrupted = corrupt(picture.batch, levels, generator(number, Stream.AUTOENCODER_OWN_IMAGE))
        restored = model.reconstruct(corrupted)
        best = best_filter(model.config.data, levels)
        filtered = best(corrupted)
        with st.container(horizontal=True):
            _show(_("**Yours**: {origin}").format(origin=picture.origin), picture.batch)
            _show(_("**Corrupted**: {psnr}").format(psnr=_decibels(corrupted, picture.batch)), corrupted)
            _show(_("**Reconstructed**: {psnr}").format(psnr=_decibels(restored, picture.batch)), restored)
            _show(
                _("**Best filter** ({filter}): {psnr}").format(
                    filter=labels.filter_(best), psnr=_decibels(filtered, picture.batch)
                ),
                filtered,
            )
        st.button(
            _("Draw new random numbers"), icon=":material/casino:", key="autoencoder.own.new", on_click=_draw_anew
        )
        remarks = {
            "mnist": _(
                "A network that has only seen digits makes a digit of everything: draw a cat, and watch what it gives "
                "back. What does not look like its training does not fit through."
            ),
            "fashion_mnist": _(
                "A network that has only seen clothing makes clothing of everything: a digit, too, does not look like "
                "its training, and does not fit through."
            ),
        }
        st.caption(remarks[model.config.data])


def _show(label: str, picture: torch.Tensor) -> None:
    with st.container(width=_SIDE):
        images.show(images.greys(picture[:, 0].numpy(), columns=1, scale=8), alt=label)
        st.caption(label)


def _decibels(picture: torch.Tensor, target: torch.Tensor) -> str:
    return labels.decibels(float(psnr(picture, target)[0]))


def _draw_anew() -> None:
    st.session_state["autoencoder.own.draw"] += 1
