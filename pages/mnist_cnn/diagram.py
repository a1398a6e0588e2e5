"""A network drawn layer by layer, with shapes, parameters and multiply-adds."""

import math
from collections.abc import Sequence
from html import escape

import streamlit as st

from core.topics.mnist_cnn.model import Layer
from pages.components.text import _

# Plain elements with styles: Streamlit's sanitiser takes every inline SVG away. The lengths below are pixels


def draw(layers: Sequence[Layer], *, input_shape: tuple[int, int, int], alt: str) -> None:
    """Draw what a picture of that shape (C, H, W) goes through, from left to right; on a phone from top to bottom.

    Where the last layer does not fit, the drawing ends with it, and nothing is said of the whole.
    """
    shapes = [input_shape, *(layer.output for layer in layers if layer.output)]
    largest = max(max(shape[1:]) for shape in shapes if len(shape) == 3)
    whole = {}  # the parameters and multiply-adds of all layers
    if not layers or layers[-1].output:
        whole = {cost: sum(getattr(layer, cost) for layer in layers) for cost in ("parameters", "multiply_adds")}
    words = f"<b>{escape(_('picture'))}</b><span>{_size(input_shape)}</span>"
    cells = [[_block("picture", input_shape, largest), "", words]]  # of each: the block, the chips after it, its words
    for layer in layers:
        if layer.output is None:
            cells.append([_block("misfit", (1, largest, largest), largest), "", _words(layer, whole)])
        elif layer.multiply_adds or math.prod(layer.output) != math.prod(layer.input):
            kind = "maps" if len(layer.output) == 3 else "units"
            cells.append([_block(kind, layer.output, largest), "", _words(layer, whole)])
        else:  # the numbers only pass through it
            cells[-1][1] += f'<span class="chip">{escape(layer.kind)}</span>{_costs(layer, {})}'
    drawn = "".join(
        f'<div class="layer" role="listitem">{block}<div class="words">{words}</div>'
        f'<div class="next">{chips}</div></div>'
        for block, chips, words in cells
    )
    st.html(
        f'<div class="network-diagram" role="group" aria-label="{escape(alt)}">{_headline(layers, whole)}'
        f'<div class="layers" role="list">{drawn}</div></div>'
    )


def _headline(layers: Sequence[Layer], whole: dict[str, int]) -> str:
    if not whole:
        words = _("✕ The picture does not get through {layer}").format(layer=layers[-1].name)
        return f'<p class="headline misfit">{escape(words)}</p>'
    words = _("{weights} weights · {products} multiply-adds for each digit").format(
        weights=f"{whole['parameters']:,}", products=_amount(whole["multiply_adds"])
    )
    legends = {
        "parameters": ("weights", _("share of all weights, most in {layer}: {share}")),
        "multiply_adds": ("products", _("share of all products (multiply-adds), most in {layer}: {share}")),
    }
    legend = ""
    for cost, (colour, sentence) in legends.items():
        if whole[cost]:
            layer = max(layers, key=lambda layer: getattr(layer, cost))
            sentence = sentence.format(layer=layer.name, share=_percent(getattr(layer, cost) / whole[cost]))
            legend += f'<span class="{colour}">{escape(sentence)}</span>'
    return f'<p class="headline">{escape(words)}</p><div class="legend">{legend}</div>'


def _block(kind: str, shape: tuple[int, ...], largest: int) -> str:
    """Maps as sheets behind each other, as large as their sides; units as a bar. Their number counts in doublings."""
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


def _words(layer: Layer, whole: dict[str, int]) -> str:
    words = f"<b>{escape(layer.name)}</b><small>{escape(layer.kind)}</small>"
    if layer.output is None:
        gets = _("gets {shape}").format(shape=_size(layer.input))
        words += f'<span>{escape(gets)}</span><span class="misfit">{escape(_("✕ does not fit"))}</span>'
    else:
        words += f"<span>{_size(layer.output)}</span>"
    return words + _costs(layer, whole)


def _costs(layer: Layer, whole: dict[str, int]) -> str:
    """What a layer costs, where that is anything, each with a bar of its share of the whole network's."""
    costs = {
        "parameters": ("weights", _("{count} weights").format(count=f"{layer.parameters:,}")),
        "multiply_adds": ("products", _("{count} products").format(count=_amount(layer.multiply_adds))),
    }
    words = ""
    for cost, (colour, sentence) in costs.items():
        if count := getattr(layer, cost):
            words += f'<div class="cost {colour}"><span>{escape(sentence)}</span>'
            if whole:
                share = count / whole[cost]
                words += (
                    f'<div class="bar"><i style="--share:{share:.3%}"></i><span>{escape(_percent(share))}</span></div>'
                )
            words += "</div>"
    return words


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{side:,}" for side in shape)


def _percent(share: float) -> str:
    return _("{share:.1f}\u00a0%").format(share=100 * share) if share >= 0.0005 else _("<\u00a00.1\u00a0%")


def _amount(count: int) -> str:
    """A number as one says it: 1,280, 0.9 million, 84 million."""
    if count < 100_000:
        return f"{count:,}"
    if count < 9_950_000:
        return _("{millions:.1f} million").format(millions=count / 1e6)
    return _("{millions:,.0f} million").format(millions=count / 1e6)
