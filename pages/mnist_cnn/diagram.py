"""A network drawn layer by layer, with shapes, parameters and multiply-adds."""

import math
from collections.abc import Sequence
from html import escape

import streamlit as st

from core.topics.mnist_cnn.model import Layer
from pages.components.text import _

# Plain elements and styles: Streamlit's sanitiser takes every inline SVG away. The lengths below are pixels
_STYLE = """<style>
.network-diagram {
  container-type: inline-size; font-size: 0.8rem; line-height: 1.4;
  .weights { --colour: #0072B2 }
  .products { --colour: #009E73 }
  .misfit { color: color-mix(in srgb, #D55E00 85%, currentColor); font-weight: 650 }
  .headline { margin: 0; font-size: 1.3rem; font-weight: 650 }
  .legend { display: flex; flex-wrap: wrap; gap: 0.1rem 1.5rem; margin-top: 0.2rem }
  .legend span::before {
    content: ""; display: inline-block; width: 0.7rem; height: 0.7rem; margin-right: 0.4rem; border-radius: 2px;
    background: var(--colour) }
  .layers { display: grid; grid-template-columns: repeat(auto-fill, minmax(156px, 1fr)); gap: 1.6rem 0.3rem;
    margin-top: 1.1rem }
  .layer { display: grid; grid-template: "block next" minmax(96px, auto) "words words" auto / auto 1fr;
    align-content: start; gap: 0.4rem 0.2rem; max-width: 220px }
  .block { grid-area: block; align-self: center; position: relative }
  .block i {
    position: absolute; left: calc(3px * var(--depth)); bottom: calc(3px * var(--depth)); width: var(--width);
    height: var(--height); box-sizing: border-box; border: 1px solid #fff; border-radius: 2px;
    outline: 1px solid #7189a3; outline-offset: -1px; background: linear-gradient(135deg, #c3d3e4, #8fa8c2) }
  .block.units i { border: 0; background: repeating-linear-gradient(#a9bed4 0 4px, #7189a3 4px 5px) }
  .block.picture i { background: #fff }
  .block.picture i:last-child::after {
    content: "7"; display: grid; place-items: center; height: 100%; color: #1C2733;
    font: italic calc(var(--height) * 0.75) / 1 Georgia, serif }
  .block.misfit i {
    display: grid; place-items: center; border: 2px dashed #D55E00; outline: 0; background: #D55E0022 }
  .block.misfit i::after { content: "✕"; color: #D55E00; font: 700 2.2rem/1 sans-serif }
  .next { grid-area: next; align-self: center; display: flex; flex-direction: column; align-items: center;
    gap: 0.2rem; font-size: 0.7rem; line-height: 1.3 }
  .layer:not(:last-child) .next::after { content: "→" / ""; font-size: 1.3rem; line-height: 1; opacity: 0.6 }
  .chip { border: 1px solid #8888; border-radius: 1rem; padding: 0 0.35rem; background: #8882 }
  .words { grid-area: words; max-width: 150px }
  .words :is(b, small, span) { display: block }
  .words b { font-size: 0.95rem }
  .words small { font-size: 0.75rem; opacity: 0.75 }
  .words .cost { margin-top: 0.35rem }
  .bar { display: flex; align-items: center; gap: 0.4rem; white-space: nowrap }
  .bar i { flex: 1; height: 7px; border-radius: 4px; background: #8883 }
  .bar i::before { content: ""; display: block; width: max(2px, var(--share)); height: 100%; border-radius: 4px;
    background: var(--colour) }
  .bar span { font-variant-numeric: tabular-nums; min-width: 3.1rem }
}
@container (max-width: 480px) {
  .network-diagram {
    .layers { grid-template-columns: 1fr; gap: 0.6rem }
    .layer { grid-template: "block words" auto "next words" auto / 112px 1fr; max-width: none }
    .layer:not(:last-child) .next::after { content: "↓" / "" }
    .block { justify-self: center }
    .words { max-width: none }
  }
}
</style>"""


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
        f'{_STYLE}<div class="network-diagram" role="group" aria-label="{escape(alt)}">{_headline(layers, whole)}'
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
