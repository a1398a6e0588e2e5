"""What the router and the welcome page know of the page "MNIST CNN". It imports no torch."""

from pages.components.text import _
from pages.mnist_cnn.errors import messages
from pages.registry import PageSpec, Teaser


def _draw_teaser() -> None:
    from pages.components.run.fragments import play
    from pages.mnist_cnn.live import draw_digits

    play("mnist_cnn-digits", draw_digits)


def _text() -> str:
    return _(
        "A convolutional network reads 99 of 100 digits after a few seconds of training. Draw one for it, "
        "point at any pixel inside to see where it comes from, and find out why a house is a 0."
    )


PAGE = PageSpec(
    name="mnist_cnn",
    section="vision",
    position=1,
    icon="draw",
    title=lambda: _("MNIST CNN"),
    topics=("mnist_cnn",),
    teaser=Teaser(_draw_teaser, _text, link=lambda: _("Draw a digit")),
    errors=messages,
)
