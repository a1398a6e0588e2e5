"""The welcome page: what this is, and a live picture that leads to each page."""

from collections.abc import Callable

import streamlit as st

from core.descent import PRESETS as SURFACES
from core.own_pictures.examples import examples
from pages.basics.foundation_views import live as foundations
from pages.basics.mlp import live
from pages.basics.optimizer_views import surface
from pages.components.server import recording
from pages.components.shown import Shown, playback, redraw
from pages.components.text import _
from pages.vision.cnn import live as cnn
from pages.vision.denoising import restore
from pages.vision.own import shelf
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
    _draw_above(
        lambda: _play("foundations-spiral", foundations.draw_network),
        title=_("Foundations"),
        words=_(
            "A network learns points in the plane, and you see every unit of it at work: point at a place, turn a "
            "weight, draw points of your own. Then over- and underfitting, activations and losses."
        ),
        page="basics/foundations.py",
        link=_("Play with it"),
    )
    _draw_beside(
        lambda: _play("mlp-digits", live.draw_digits),
        title=_("A network by hand"),
        words=_(
            "Two layers, ten lines, and gradients written out with the chain rule: they learn to read digits in "
            "seconds. Compare five ways to write the same network, stop any update under the microscope, and see "
            "what a wrong gradient does."
        ),
        page="basics/manual_mlp.py",
        link=_("Open the page"),
    )
    _draw_above(
        lambda: surface.draw_landscape(SURFACES["ravine"], key="home.landscape"),
        title=_("Optimizers compared"),
        words=_(
            "SGD, Momentum, Adam and the others from the same start, each at a learning rate that was searched "
            "for. Then 126 real networks race at once: which optimizer is best, and how wide is its valley?"
        ),
        page="basics/optimizers.py",
        link=_("Compare them"),
    )
    _draw_beside(
        lambda: _play("cnn-digits", cnn.draw_digits),
        title=_("MNIST CNN"),
        words=_(
            "A convolutional network reads 99 of 100 digits after a few seconds of training. Draw one for it, "
            "point at any pixel inside to see where it comes from, and find out why a house is a 0."
        ),
        page="vision/mnist_cnn.py",
        link=_("Draw a digit"),
    )
    _draw_above(
        lambda: _play("autoencoder-quick", restore.draw_live),
        title=_("Autoencoder"),
        words=_(
            "Take the noise out of a picture, or the mosaic: a network squeezes it into 32 numbers and unfolds it "
            "again. Move the noise, train one for something else, and walk from a 3 to an 8 inside its code."
        ),
        page="vision/autoencoder.py",
        link=_("Move the noise"),
    )
    _draw_beside(
        lambda: _play("transfer-other_digits", transfer.draw_accuracy),
        title=_("Transfer learning"),
        words=_(
            "It knows the digits 0 to 4 and gets ten pictures of each of the others: from scratch, frozen, "
            "fine-tuned, all at once. How many labels does that save, and when does it do harm?"
        ),
        page="vision/transfer_learning.py",
        link=_("Move the labels"),
    )
    _draw_beside(
        lambda: shelf.draw_rows(examples()),
        title=_("Your own pictures"),
        words=_(
            "Ten pictures of each class are enough for a network that has seen a million others: it learns them in a "
            "second. Ask it about a new one, see what mattered, then show it your own, from files or the webcam."
        ),
        page="vision/own_pictures.py",
        link=_("Ask it"),
    )


def _draw_beside(draw: Callable[[], None], *, title: str, words: str, page: str, link: str) -> None:
    """A live picture, with what is said of its page on its right."""
    left, right = st.columns([1.4, 1], gap="large", vertical_alignment="center")
    with left, st.container(border=True):
        draw()
    right.subheader(title)
    right.markdown(words)
    right.page_link(page, label=link, icon=":material/arrow_forward:")


def _draw_above(draw: Callable[[], None], *, title: str, words: str, page: str, link: str) -> None:
    """A wide live picture, with what is said of its page below it."""
    with st.container(border=True):
        draw()
        left, right = st.columns([3, 1], gap="large", vertical_alignment="center")
        left.subheader(title)
        left.markdown(words)
        right.page_link(page, label=link, icon=":material/arrow_forward:")


def _play(name: str, draw: Callable[[Shown], None]) -> None:
    """Play a recording, from the beginning for every session."""

    def shown() -> Shown:
        return playback(recording(name), f"home.{name}")

    redraw(lambda: draw(shown()), moving=lambda: not shown().complete)


main()
