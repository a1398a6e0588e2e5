"""The tab with the diagram of the network beside the settings of one's own network."""

import streamlit as st

from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import Layer, input_shape, summary
from pages.components.run.controls import Settings
from pages.components.run.panel import RunPanel
from pages.components.text import _
from pages.mnist_cnn import diagram, labels


def draw(panel: RunPanel) -> None:
    """Draw the tab."""
    controls, picture = st.columns([1, 2.6], gap="large")
    with controls:
        _draw_settings(panel.settings)
    with picture:
        layers = summary(panel.settings.config)
        diagram.draw(
            layers,
            input_shape=input_shape(panel.settings.config),
            alt=_("The layers of the network with their shapes, parameters and multiply-adds"),
        )
        if layers[-1].error:
            _explain_error(layers[-1], panel.settings.config)


def _draw_settings(settings: Settings) -> None:
    if settings.config.network == "compact":
        st.caption(
            _("The compact network is as it is. To build another one, choose “Your own” at the top of the page.")
        )
    elif settings.config.network == "tutorial":
        settings.draw("padding")
        st.caption(_("The tutorial's code counts on 14 × 14 pixels before its first linear layer: change the padding."))
    else:
        settings.draw_columns(
            ("conv_layers", "kernel", "pooling", "activation", "linear"),
            ("channels", "padding", "pool_after", "batch_norm", "dropout"),
            options=labels.options(),
        )
    settings.show_problems()
    settings.write_address()


def _explain_error(layer: Layer, config: CNNConfig) -> None:
    st.error(_("PyTorch refuses the layer **{layer}**:").format(layer=layer.name), icon=":material/block:")
    st.code(layer.error, language=None, wrap_lines=True)
    if input_shape(config)[0] != 1:
        text = _("The picture has more channels than the first layer expects: Normalize with three means has done it.")
    elif layer.kind == "BatchNorm2d":
        text = _(
            "The last batch of an epoch has a single digit, and of a single number no variance can be computed. Take "
            "another batch size, or another number of training digits."
        )
    elif layer.kind != "Linear":
        text = _(
            "Nothing is left of the picture: every convolution without padding takes {lost} pixels of a side, every "
            "pooling halves it. Take fewer layers, a smaller kernel, or more padding."
        ).format(lost=config.kernel - 1)
    elif config.network == "compact":
        text = _(
            "The linear layer was written for 7 × 7 × 32 = 1,568 inputs: a digit of 28 × 28 pixels, halved twice. The "
            "transforms (tab “Data”) make pictures of another size, and so there are more or fewer numbers. “Your "
            "own” network counts its inputs by itself."
        )
    else:
        text = _(
            "The linear layer was written for 14 × 14 × 128 = 25,088 inputs. With another padding (or another size of "
            "the picture) the maps before it have another size, and so there are more or fewer numbers. A 3 × 3 "
            "convolution keeps the size with padding 1; without padding it loses 2 pixels in each direction. Count: "
            "(size + 2 · padding − kernel) + 1, halved by the pooling."
        )
    st.markdown(text)
