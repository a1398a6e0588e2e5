"""The "Network" tab: the network's settings, and a diagram of the network."""

from collections.abc import Sequence

import streamlit as st

from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import Layer, input_shape, summary
from pages.components.run.controls import Settings
from pages.components.run.panel import RunPanel
from pages.components.text import _
from pages.mnist_cnn import diagram, labels


def draw(panel: RunPanel) -> None:
    """Draw the "Network" tab."""
    controls, drawing = st.columns([1, 2.6], gap="large")
    with controls:
        _draw_settings(panel.settings)
    with drawing:
        layers = summary(panel.settings.config)
        diagram.draw(
            layers,
            input_shape=input_shape(panel.settings.config),
            alt=_("The layers of the network with their shapes, parameters, and multiply-adds"),
        )
        _explain_sizes(layers)
        if layers[-1].error:
            _explain_error(layers[-1], panel.settings.config)


def _draw_settings(settings: Settings) -> None:
    if settings.config.network == "compact":
        st.caption(
            _(
                "The compact network is fixed. To build a different network, choose “Your own” under “Network” in the "
                "sidebar."
            )
        )
    elif settings.config.network == "tutorial":
        settings.draw("padding")
        st.caption(
            _(
                "The first linear layer of the tutorial's network expects feature maps of 14 × 14 pixels. Try a "
                "different padding."
            )
        )
    else:
        settings.draw_columns(
            ("conv_layers", "kernel", "pooling", "activation", "linear"),
            ("channels", "padding", "pool_after", "batch_norm", "dropout"),
            options=labels.options(),
        )
    settings.show_problems()
    settings.write_address()


def _explain_sizes(layers: Sequence[Layer]) -> None:
    """Show the formula for the side length of a convolution's output, with the first convolution as an example."""
    layer = layers[0]
    if layer.window and layer.output:
        st.caption(
            _(
                "Side length of a convolution's output: ⌊(n + 2p − k) / s⌋ + 1, with input side length n, padding p, "
                "kernel size k, and stride s. For {layer}: ⌊({n} + 2 · {p} − {k}) / {s}⌋ + 1 = {side}."
            ).format(
                layer=layer.name,
                n=layer.input[1],
                p=layer.window.padding,
                k=layer.window.size,
                s=layer.window.stride,
                side=layer.output[1],
            )
        )


def _explain_error(layer: Layer, config: CNNConfig) -> None:
    st.error(_("PyTorch raises an error in layer **{layer}**:").format(layer=layer.name), icon=":material/block:")
    st.code(layer.error, language=None, wrap_lines=True)
    if input_shape(config)[0] != 1:
        text = _(
            "The image has more channels than the first layer expects, because the Normalize transform with three "
            "means adds channels."
        )
    elif layer.kind == "BatchNorm2d":
        text = _(
            "The last batch of an epoch contains only one image, and each feature map has only one pixel. So batch "
            "norm has only one value per channel. A variance cannot be computed from one value. Choose a different "
            "batch size or a different number of training digits."
        )
    elif layer.kind != "Linear":
        text = _(
            "The feature maps have become too small. Each convolution reduces the side length by kernel size − 1 − 2 "
            "· padding = {change}, and each pooling layer halves the side length. Use fewer layers, a smaller kernel, "
            "or more padding."
        ).format(change=config.kernel - 1 - 2 * config.padding)
    elif config.network == "compact":
        text = _(
            "The linear layer expects 7 × 7 × 32 = 1,568 inputs: conv1 (stride 2) and the pooling layer each halve the "
            "side length, from 28 to 14 to 7 pixels. The transforms (“Data” tab) output images of a different size, "
            "so the number of inputs is different. The “Your own” network adapts to the image size."
        )
    else:
        text = _(
            "The linear layer expects 14 × 14 × 128 = 25,088 inputs. A different padding or image size changes the "
            "size of the feature maps and therefore the number of inputs. With padding 1, a 3 × 3 convolution with "
            "stride 1 keeps the side length. Without padding, the convolution reduces the side length by 2 pixels. "
            "Pooling then halves the side length."
        )
    st.markdown(text)
