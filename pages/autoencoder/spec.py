"""What the router and the welcome page know of the page "Autoencoder". It imports no torch."""

from pages.components.text import _
from pages.registry import PageSpec, Teaser


def _draw_teaser() -> None:
    from pages.autoencoder.reconstructions import draw_live
    from pages.components.run.fragments import play

    play("autoencoder-quick", draw_live)


def _text() -> str:
    return _(
        "Take the noise out of a picture, or the mosaic: a network squeezes it into 32 numbers and unfolds it "
        "again. Move the noise, train one for something else, and walk from a 3 to an 8 inside its code."
    )


PAGE = PageSpec(
    name="autoencoder",
    section="vision",
    position=2,
    icon="auto_fix_high",
    title=lambda: _("Autoencoder"),
    topics=("autoencoder", "autoencoder.denoising_maps"),
    teaser=Teaser(_draw_teaser, _text, link=lambda: _("Move the noise"), wide=True),
)
