"""The "How this value is computed" panel for a feature map, a unit, or the probabilities.

The panel covers the main view.
"""

import streamlit as st
from torch import Tensor, nn

from core.evaluation.inspection import feature_maps, layer_input, output_parts, scale_and_shift
from pages.components.charts import convolution, window_value
from pages.components.charts.network_row import PROBABILITIES
from pages.components.inputs.digit_input import DigitImage
from pages.components.text import _, number
from pages.mnist_cnn import labels, softmax, unit_parts
from pages.mnist_cnn.selected_model import SelectedModel

_OPENED = "mnist_cnn.detail"


def opened(network: nn.Sequential) -> tuple[str, int] | None:
    """Return the (layer name, index) pair of the feature map, unit, or probability that the panel explains.

    The index is counted from 0. For a probability, the layer name is `PROBABILITIES`. Return None if the panel is
    closed, or if ``network`` does not contain the layer.
    """
    layer, index = st.session_state.get(_OPENED) or ("", 0)
    return (layer, index) if layer == PROBABILITIES or layer in dict(network.named_children()) else None


def open_layer(layer: str, index: int) -> None:
    """Open the panel for a feature map, a unit, or a probability. Call this function in a callback.

    For ``layer`` and ``index``, see `opened`.
    """
    st.session_state[_OPENED] = (layer, index)
    st.session_state[_slider(layer)] = index + 1


def close() -> None:
    """Close the panel. Call this function in a callback."""
    st.session_state[_OPENED] = None


def draw(model: SelectedModel, x: Tensor, image: DigitImage) -> None:
    """Draw the "How this value is computed" panel if it is open.

    ``x`` (1, C, H, W) is ``image`` after the test transforms of the network.
    """
    if (chosen := opened(model.network)) is None:
        return
    layer, index = chosen
    maps = feature_maps(model.network, x)
    output = maps.get(layer)
    count = len(output) if output is not None else 0
    with st.container(key="detail"):
        with st.container(key="detail-header", horizontal=True, vertical_alignment="center"):
            st.markdown(_("**How this value is computed** · {layer}").format(layer=layer))
            if output is not None and count > 1:
                st.slider(
                    _("Feature map") if output.dim() == 3 else _("Unit"),
                    1,
                    count,
                    key=_slider(layer),
                    on_change=_slid,
                    args=(layer,),
                )
            with st.container(key="detail-close", width="content"):
                st.button(_("Close"), icon=":material/close:", key="mnist_cnn.detail.close", on_click=close)
        if output is None:
            softmax.draw(list(maps.values())[-1], image)
        else:
            _explain(model, x, maps, layer, min(index, count - 1))


def _slider(layer: str) -> str:
    return f"mnist_cnn.detail.index.{layer}"


def _slid(layer: str) -> None:
    st.session_state[_OPENED] = (layer, st.session_state[_slider(layer)] - 1)


def _explain(model: SelectedModel, x: Tensor, maps: dict[str, Tensor], name: str, index: int) -> None:
    layer, names = model.network.get_submodule(name), list(maps)
    before = names[names.index(name) - 1] if names.index(name) else _("image")
    inputs, output = layer_input(maps, x, name), maps[name]
    if isinstance(layer, nn.Conv2d):
        _draw_convolution(model, x, name, index, before)
        low, high = model.input_range
        if not names.index(name) and (low, high) != (0, 1):
            text = _("The image is normalized: the input is {low} in the background, and up to {high} in the strokes.")
            st.caption(text.format(low=number(low), high=number(high)))
    elif isinstance(layer, nn.Linear):
        unit_parts.draw_linear(model.network, x, name, index, before)
    elif isinstance(layer, nn.Flatten):
        unit_parts.draw_flatten(inputs, index, before)
    elif output.dim() == 1:
        function = "" if isinstance(layer, nn.Dropout) else _activation(model)
        unit_parts.draw_function(function, float(inputs[index]), float(output[index]), before)
    else:
        _draw_window(model, layer, inputs[index], output[index], index, (before, name))


def _activation(model: SelectedModel) -> str:
    """Return the label of the activation function, which is the same in all layers."""
    activation = model.config.activation if model.config.network == "own" else "relu"
    return labels.options()["activation"][activation]


def _draw_convolution(model: SelectedModel, x: Tensor, name: str, index: int, before: str) -> None:
    parts = output_parts(model.network, x, name, index)
    convolution.draw(
        parts.inputs.numpy(),
        parts.weights.numpy(),
        parts.bias,
        parts.output.numpy(),
        stride=parts.stride,
        padding=parts.padding,
        key="mnist_cnn.origin",
        alt=_("Filter {number} of {layer}: how one output pixel is computed").format(number=index + 1, layer=name),
        names=(before, _("{layer}, feature map {number}").format(layer=name, number=index + 1)),
    )


def _draw_window(
    model: SelectedModel, layer: nn.Module, inputs: Tensor, output: Tensor, index: int, names: tuple[str, str]
) -> None:
    size = 1
    if isinstance(layer, nn.MaxPool2d):
        size = 2
        rule = _("Max pooling keeps the largest value of each 2 × 2 block.")
        equation = _("max({values}) = {result}")
    elif isinstance(layer, nn.AvgPool2d):
        size = 2
        rule = _("Average pooling replaces each 2 × 2 block with its mean.")
        equation = _("mean({values}) ≈ {result}")
    elif isinstance(layer, nn.BatchNorm2d):
        factor, shift = scale_and_shift(layer, index)
        rule = _(
            "Batch norm scales and shifts each value. It uses the running mean and variance from training, and two "
            "learned parameters."
        )
        equation = _("{factor} × {{values}} {sign} {shift} ≈ {{result}}").format(
            factor=number(factor), sign="−" if shift < 0 else "+", shift=number(abs(shift))
        )
    else:
        function = _activation(model)
        rule = _("{function} is applied to each pixel separately.").format(function=function)
        equation = _("{function}({{values}}) = {{result}}").format(function=function)
    before, after = (_("{layer}, feature map {number}").format(layer=name, number=index + 1) for name in names)
    window_value.draw(
        inputs.numpy(),
        output.numpy(),
        size=size,
        marks="largest" if isinstance(layer, nn.MaxPool2d) else "all",
        rule=rule,
        equation=equation,
        names=(before, after),
        alt=_("Feature map {number} of {layer}: choose a pixel").format(number=index + 1, layer=names[1]),
        key="mnist_cnn.window",
    )
