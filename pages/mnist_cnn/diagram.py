"""A diagram of a network, layer by layer, with shapes, parameters, and multiply-adds."""

import math
from collections.abc import Sequence
from html import escape

import streamlit as st

from core.topics.mnist_cnn.model import Layer
from pages.components.text import _, ngettext

# Plain HTML elements with styles, since Streamlit's sanitizer removes inline SVG. Lengths below are in pixels


def draw(layers: Sequence[Layer], *, input_shape: tuple[int, int, int], alt: str) -> None:
    """Draw the layers and their outputs from left to right or, on a phone, from top to bottom.

    ``input_shape`` (C, H, W) is the shape of the network's input, and ``alt`` is the alternative text. If the last
    layer does not match the shape of its input, the diagram marks this layer, and omits the total numbers of parameters
    and multiply-adds.
    """
    shapes = [input_shape, *(layer.output for layer in layers if layer.output)]
    largest = max(max(shape[1:]) for shape in shapes if len(shape) == 3)
    totals = {}  # the parameters and multiply-adds of all layers
    if not layers or layers[-1].output:
        totals = {cost: sum(getattr(layer, cost) for layer in layers) for cost in ("parameters", "multiply_adds")}
    text = f"<b>{escape(_('image'))}</b><span>{_size(input_shape)}</span>"
    cells = [
        [_block("image", input_shape, largest), "", text]
    ]  # for each block: its HTML, the chips after it, its text
    for layer in layers:
        if layer.output is None:
            cells.append([_block("misfit", (1, largest, largest), largest), "", _text(layer, totals)])
        elif layer.multiply_adds or math.prod(layer.output) != math.prod(layer.input):
            kind = "maps" if len(layer.output) == 3 else "units"
            cells.append([_block(kind, layer.output, largest), "", _text(layer, totals)])
        else:  # a layer that keeps the shape and needs no multiply-adds
            cells[-1][1] += f'<span class="chip">{escape(layer.kind)}</span>{_costs(layer, {})}'
    drawn = "".join(
        f'<div class="layer" role="listitem">{block}<div class="words">{text}</div>'
        f'<div class="next">{chips}</div></div>'
        for block, chips, text in cells
    )
    st.html(
        f'<div class="network-diagram" role="group" aria-label="{escape(alt)}">{_headline(layers, totals)}'
        f'<div class="layers" role="list">{drawn}</div></div>'
    )


def _headline(layers: Sequence[Layer], totals: dict[str, int]) -> str:
    if not totals:
        text = _("✕ Layer {layer} does not match the shape of its input").format(layer=layers[-1].name)
        return f'<p class="headline misfit">{escape(text)}</p>'
    text = _("{parameters} parameters · {multiply_adds} multiply-adds per digit").format(
        parameters=f"{totals['parameters']:,}", multiply_adds=_amount(totals["multiply_adds"])
    )
    legends = {
        "parameters": _("share of all parameters (largest: {share} in {layer})"),
        "multiply_adds": _("share of all multiply-adds (largest: {share} in {layer})"),
    }
    legend = ""
    for cost, sentence in legends.items():
        if totals[cost]:
            layer = max(layers, key=lambda layer: getattr(layer, cost))
            sentence = sentence.format(layer=layer.name, share=_percent(getattr(layer, cost) / totals[cost]))
            legend += f'<span class="{cost}">{escape(sentence)}</span>'
    return f'<p class="headline">{escape(text)}</p><div class="legend">{legend}</div>'


def _block(kind: str, shape: tuple[int, ...], largest: int) -> str:
    """Return the HTML of feature maps (a stack of sheets) or units (a bar).

    The number of sheets and the height of a bar are on a logarithmic scale. ``largest`` is the largest side length of
    all feature maps.
    """
    doublings = math.log2(shape[0])
    if len(shape) == 3:
        sheets = 1 + round(doublings)
        height, width = (max(6, round(56 * side / largest)) for side in shape[1:])
    else:
        sheets, height, width = 1, 8 + round(8 * doublings), 18
    deep = 3 * (sheets - 1)
    drawn = "".join(f'<i style="--depth:{depth}"></i>' for depth in reversed(range(sheets)))
    return (
        f'<div class="block {kind}" aria-hidden="true" style="--width:{width}px;--height:{height}px;'
        f'width:{width + deep}px;height:{height + deep}px">{drawn}</div>'
    )


def _text(layer: Layer, totals: dict[str, int]) -> str:
    text = f"<b>{escape(layer.name)}</b><small>{escape(layer.kind)}</small>"
    if layer.output is None:
        shape = _("input {shape}").format(shape=_size(layer.input))
        text += f'<span>{escape(shape)}</span><span class="misfit">{escape(_("✕ wrong shape"))}</span>'
    else:
        text += f"<span>{_size(layer.output)}</span>"
    return text + _window(layer) + _costs(layer, totals)


def _window(layer: Layer) -> str:
    """Return the HTML of a layer's kernel size, stride, and padding, or "" for a layer without a kernel."""
    if not layer.window:
        return ""
    size, stride, padding = layer.window.size, layer.window.stride, layer.window.padding
    if padding:
        text = _("kernel {size} × {size}, stride {stride}, padding {padding}")
    else:
        text = _("kernel {size} × {size}, stride {stride}")
    return f"<small>{escape(text.format(size=size, stride=stride, padding=padding))}</small>"


def _costs(layer: Layer, totals: dict[str, int]) -> str:
    """Return the HTML of a layer's parameters and multiply-adds, if any, with bars for their shares of ``totals``."""
    parameters, multiply_adds = layer.parameters, layer.multiply_adds
    costs = {
        "parameters": ngettext("{count} parameter", "{count} parameters", parameters).format(count=f"{parameters:,}"),
        "multiply_adds": ngettext("{count} multiply-add", "{count} multiply-adds", multiply_adds).format(
            count=_amount(multiply_adds)
        ),
    }
    text = ""
    for cost, sentence in costs.items():
        if count := getattr(layer, cost):
            text += f'<div class="cost {cost}"><span>{escape(sentence)}</span>'
            if totals:
                share = count / totals[cost]
                text += (
                    f'<div class="bar"><i style="--share:{share:.3%}"></i><span>{escape(_percent(share))}</span></div>'
                )
            text += "</div>"
    return text


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{side:,}" for side in shape)


def _percent(share: float) -> str:
    return _("{share:.1f}%").format(share=100 * share) if share >= 0.0005 else _("<0.1%")


def _amount(count: int) -> str:
    """Return a count as text, for example "1,280", "0.9 million", or "84 million"."""
    if count < 100_000:
        return f"{count:,}"
    if count < 9_950_000:
        return _("{millions:.1f} million").format(millions=count / 1e6)
    return _("{millions:,.0f} million").format(millions=count / 1e6)
