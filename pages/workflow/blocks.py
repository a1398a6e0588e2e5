"""Blocks of the object view: text, tables, images, bars, and shapes.

The browser fetches the images of the blocks from addresses (see `addressed`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pages.components import image_files
from pages.components.charts import images as colours
from pages.components.text import _, number

Block = dict[str, Any]


def shape(sizes: Sequence[int]) -> str:
    """Return a shape as Python writes it, for example "(64, 1, 28, 28)"."""
    return str(tuple(sizes))


def addressed(block: Block) -> Block:
    """Return a block in the format that the browser expects: with the address of its image in place of the PNG file."""
    if "blocks" in block:
        return block | {"blocks": [addressed(part) for part in block["blocks"]]}
    if "png" not in block:
        return block
    others = {name: value for name, value in block.items() if name != "png"}
    return others | {"url": image_files.address(block["png"])}


def note(text: str) -> Block:
    """Return a sentence."""
    return {"kind": "note", "text": text}


def code(text: str, title: str = "") -> Block:
    """Return text in a fixed-width font, such as the output of ``print``."""
    return {"kind": "code", "text": text, "title": title}


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Block:
    """Return a table of texts."""
    return {"kind": "table", "header": list(header), "rows": [list(row) for row in rows]}


def flow(*steps: tuple[str, str]) -> Block:
    """Return steps from left to right, with arrows between them. A step has a name and a shape."""
    return {"kind": "flow", "steps": [{"name": name, "shape": text} for name, text in steps]}


def digits(
    pixels: np.ndarray,
    labels: Sequence[str] = (),
    *,
    alt: str,
    title: str = "",
    correct: Sequence[bool] = (),
    columns: int = 0,
    size: int = 42,
) -> Block:
    """Return gray images, uint8 (N, H, W), each with an optional label below it.

    ``correct`` colors the labels. The grid has ``columns`` columns, or as many as fit if it is 0. ``size`` is the
    largest width of an image in pixels of the screen.
    """
    return {
        "kind": "tiles",
        "png": image_files.sheet(pixels[None]),
        "count": len(pixels),
        "labels": list(labels),
        "correct": list(correct),
        "columns": columns,
        "size": size,
        "title": title,
        "alt": alt,
    }


def maps(
    values: np.ndarray, *, alt: str, title: str = "", largest: float | None = None, columns: int = 0, size: int = 42
) -> Block:
    """Return matrices (N, H, W) as heat maps: blue is positive, orange is negative, white is zero.

    ``largest`` is the absolute value with the most intense color. For ``columns`` and ``size``, see `digits`.
    """
    pictures = colours.diverging(values, largest)
    sheet = pictures.swapaxes(0, 1).reshape(values.shape[1], -1, 3)
    return {
        "kind": "tiles",
        "png": image_files.png(sheet),
        "count": len(values),
        "labels": [],
        "correct": [],
        "columns": columns,
        "size": size,
        "title": title,
        "alt": alt,
    }


def picture(pixels: np.ndarray, *, alt: str) -> Block:
    """Return one image, uint8 (H, W, 3)."""
    return {"kind": "picture", "png": image_files.png(pixels), "alt": alt}


def bars(values: Sequence[float], *, label: int, title: str, alt: str) -> Block:
    """Return one bar for each of ten outputs. ``label`` is the correct digit."""
    return {
        "kind": "bars",
        "values": [value if np.isfinite(value) else 0.0 for value in values],
        "texts": [number(value) for value in values],
        "label": label,
        "title": title,
        "alt": alt,
    }


def outputs_of_first(facts: Mapping[str, Any], values: list[float], title: str) -> Block:
    """Return the ten outputs for the first image of a batch, as bars."""
    alt = _("Ten outputs for the first image. Its label is {label}.").format(label=facts["label"])
    return bars(values, label=facts["label"], title=title, alt=alt)


def row(*blocks: Block) -> Block:
    """Return blocks side by side."""
    return {"kind": "row", "blocks": list(blocks)}


def statistics(names: Sequence[str], facts: Sequence[dict[str, Any]]) -> Block:
    """Return a table with the shape, data type, range, mean, and standard deviation of tensors."""
    rows = [
        [
            name,
            shape(fact["shape"]),
            fact["dtype"].removeprefix("torch."),
            number(fact["min"]),
            number(fact["max"]),
            number(fact["mean"]) if "mean" in fact else "–",
            number(fact["std"]) if "std" in fact else "–",
        ]
        for name, fact in zip(names, facts, strict=True)
    ]
    return table(["", "shape", "dtype", _("min"), _("max"), _("mean"), _("std")], rows)
