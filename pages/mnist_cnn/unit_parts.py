"""How a unit's value is computed: by a linear layer, by flattening, or by an activation function."""

from html import escape

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw
from torch import Tensor, nn

from core.evaluation.inspection import linear_parts
from pages.components.charts import images
from pages.components.text import _, equation, fixed, ngettext

_N_PRODUCTS = 8
"""Number of products that are listed, largest first."""
_DECIMALS = 3
_SCALE, _RING = 32, (0, 158, 115)


def draw_linear(network: nn.Sequential, x: Tensor, name: str, unit: int, before: str) -> None:
    """Show how a unit of a linear layer computes its value: a weighted sum of the inputs, plus the bias.

    ``x`` (1, C, H, W) is the input of the network. ``unit`` is the zero-based index of the unit. ``name`` is the name
    of the linear layer, and ``before`` is the name of the preceding layer.
    """
    parts = linear_parts(network, x, name, unit)
    products = parts.inputs * parts.weights
    listed = parts.largest(_N_PRODUCTS)
    top = float(products[listed].sum())
    others = len(products) - len(listed)
    st.markdown(
        ngettext(
            "Unit {unit} of {layer} multiplies its {count:,} input by a weight, and adds a bias. The product:",
            "Unit {unit} of {layer} multiplies each of its {count:,} inputs by a weight, sums the products, and adds a "
            "bias. The largest products:",
            len(products),
        ).format(unit=unit + 1, layer=name, count=len(products))
    )
    largest = float(products[listed].abs().max()) or 1.0
    header = [_("input"), _("value"), _("weight"), _("product"), ""]
    rows = [
        [
            _("{layer}, unit {number}").format(layer=before, number=index + 1),
            fixed(float(parts.inputs[index]), _DECIMALS),
            f"× {fixed(float(parts.weights[index]), _DECIMALS)}",
            f"= {fixed(float(products[index]), _DECIMALS)}",
            f'<i class="{"negative" if products[index] < 0 else ""}" '
            f'style="--share:{abs(float(products[index])) / largest:.3f}"></i>',
        ]
        for index in listed.tolist()
    ]
    head = "".join(f"<th>{escape(title)}</th>" for title in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row[:-1]) + f"<td>{row[-1]}</td></tr>" for row in rows
    )
    st.html(f'<table class="products"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')
    terms = [top, float(products.sum()) - top, parts.bias] if others else [top, parts.bias]
    rest = ngettext("the other product", "the other {count:,} products", others).format(count=others)
    names = [_("the products above"), rest, _("bias")] if others else [_("the products above"), _("bias")]
    st.html(
        f'<p class="sum">{escape(equation(terms, parts.output, _DECIMALS))}</p>'
        f'<p class="terms">{escape(" · ".join(names))}</p>'
    )


def draw_flatten(maps: Tensor, unit: int, before: str) -> None:
    """Show which pixel of which feature map becomes a unit of the flattened vector.

    ``maps`` (C, H, W) are the feature maps, and ``before`` is the name of the layer that outputs the feature maps.
    ``unit`` is the zero-based index of the unit.
    """
    _channels, height, width = maps.shape
    channel, pixel = divmod(unit, height * width)
    row, column = divmod(pixel, width)
    values = maps[channel].numpy()
    st.markdown(
        _(
            "Flatten computes nothing. It puts all pixels of all feature maps into one vector. Unit **{unit:,}** is "
            "the pixel in **row {row}, column {column} of feature map {channel}** of {layer}. The unit's value is "
            "**{value}**."
        ).format(
            unit=unit + 1,
            row=row + 1,
            column=column + 1,
            channel=channel + 1,
            layer=before,
            value=fixed(float(values[row, column]), _DECIMALS),
        )
    )
    images.show(
        _framed(values, row, column),
        alt=_("Feature map {channel} of {layer}, with a frame around the pixel").format(
            channel=channel + 1, layer=before
        ),
        width=min(240, width * _SCALE),
    )
    st.caption(
        _(
            "Index in the vector, counted from 0: {channel} × {pixels} (previous feature maps) + {row} × {width} (rows "
            "above) + {column} (columns to the left) = {unit:,}."
        ).format(channel=channel, pixels=height * width, row=row, width=width, column=column, unit=unit)
    )


def draw_function(function: str, value: float, result: float, before: str) -> None:
    """Show how an activation function or dropout maps a unit's input ``value`` to its output ``result``.

    ``function`` is the label of the activation function, or an empty string for dropout. ``before`` is the name of the
    preceding layer, which outputs ``value``.
    """
    if not function:
        st.markdown(
            _("Dropout sets units to zero only during training. In evaluation mode, as here, the values do not change.")
        )
        st.html(f'<p class="sum">{escape(fixed(value, _DECIMALS))}</p>')
        return
    st.markdown(
        _("{function} is applied to each unit separately. The input is the value of the same unit in {layer}.").format(
            function=function, layer=before
        )
    )
    written = _("{function}({value}) = {result}").format(
        function=function, value=fixed(value, _DECIMALS), result=fixed(result, _DECIMALS)
    )
    st.html(f'<p class="sum">{escape(written)}</p>')


def _framed(values: np.ndarray, row: int, column: int) -> Image.Image:
    """Return a feature map as an image, with a frame around one pixel."""
    image = Image.fromarray(images.diverging(values))
    image = image.resize((image.width * _SCALE, image.height * _SCALE), Image.Resampling.NEAREST)
    left, top = column * _SCALE, row * _SCALE
    ImageDraw.Draw(image).rectangle((left, top, left + _SCALE - 1, top + _SCALE - 1), outline=_RING, width=3)
    return image
