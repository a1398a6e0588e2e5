"""The welcome page: what this is, and a live picture that leads to each page."""

from collections.abc import Callable

import streamlit as st

from core.descent import PRESETS as SURFACES
from pages.basics.mlp import live
from pages.basics.optimizer_views import surface
from pages.components.server import recording
from pages.components.shown import Shown, playback, redraw
from pages.components.text import _
from pages.vision.cnn import live as cnn
from pages.vision.denoising import restore
from pages.vision.transfer import live as transfer


def main() -> None:
    """Draw the page."""
    st.title(_("Watch networks learn"))
    st.markdown(
        _(
            "This is a playground for deep learning with **PyTorch**: you turn a knob, press Start, and watch a real "
            "network train on real data, on this very machine. "
            "Nothing is staged: every figure is computed, every recording is one of a real run, and the code that "
            "is shown is the code that runs. "
            "Begin with one of the pages below: each already plays when you open it."
        )
    )
    picture, words = st.columns([1.4, 1], gap="large", vertical_alignment="center")
    with picture, st.container(border=True):
        _play("mlp-digits", live.draw_digits)
    with words:
        st.subheader(_("A network by hand"))
        st.markdown(
            _(
                "Two layers, ten lines, and gradients written out with the chain rule: they learn to read digits in "
                "seconds. Compare five ways to write the same network, stop any update under the microscope, and see "
                "what a wrong gradient does."
            )
        )
        st.page_link("basics/manual_mlp.py", label=_("Open the page"), icon=":material/arrow_forward:")
    with st.container(border=True):
        surface.draw_landscape(SURFACES["ravine"], key="home.landscape")
        words, link = st.columns([3, 1], gap="large", vertical_alignment="center")
        words.subheader(_("Optimizers compared"))
        words.markdown(
            _(
                "SGD, Momentum, Adam and the others from the same start, each at a learning rate that was searched "
                "for. Then 126 real networks race at once: which optimizer is best, and how wide is its valley?"
            )
        )
        link.page_link("basics/optimizers.py", label=_("Compare them"), icon=":material/arrow_forward:")
    picture, words = st.columns([1.4, 1], gap="large", vertical_alignment="center")
    with picture, st.container(border=True):
        _play("cnn-digits", cnn.draw_digits)
    with words:
        st.subheader(_("MNIST CNN"))
        st.markdown(
            _(
                "A convolutional network reads 99 of 100 digits after a few seconds of training. Draw one for it, "
                "point at any pixel inside to see where it comes from, and find out why a house is a 0."
            )
        )
        st.page_link("vision/mnist_cnn.py", label=_("Draw a digit"), icon=":material/arrow_forward:")
    with st.container(border=True):
        _play("autoencoder-quick", restore.draw_live)
        words, link = st.columns([3, 1], gap="large", vertical_alignment="center")
        words.subheader(_("Autoencoder"))
        words.markdown(
            _(
                "Take the noise out of a picture, or the mosaic: a network squeezes it into 32 numbers and unfolds it "
                "again. Move the noise, train one for something else, and walk from a 3 to an 8 inside its code."
            )
        )
        link.page_link("vision/autoencoder.py", label=_("Move the noise"), icon=":material/arrow_forward:")
    picture, words = st.columns([1.4, 1], gap="large", vertical_alignment="center")
    with picture, st.container(border=True):
        _play("transfer-other_digits", transfer.draw_accuracy)
    with words:
        st.subheader(_("Transfer learning"))
        st.markdown(
            _(
                "It knows the digits 0 to 4 and gets ten pictures of each of the others: from scratch, frozen, "
                "fine-tuned, all at once. How many labels does that save, and when does it do harm?"
            )
        )
        st.page_link("vision/transfer_learning.py", label=_("Move the labels"), icon=":material/arrow_forward:")


def _play(name: str, draw: Callable[[Shown], None]) -> None:
    """Play a recording, from the beginning for every session."""

    def shown() -> Shown:
        return playback(recording(name), f"home.{name}")

    redraw(lambda: draw(shown()), moving=lambda: not shown().complete)


main()
