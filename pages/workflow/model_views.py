"""Views of the lines of the part Model: layers, parameters, and shapes."""

from collections.abc import Callable, Mapping
from typing import Any

from pages.components.text import _
from pages.workflow.blocks import Block, code, digits, flow, maps, note, outputs_of_first, row, shape, table

Facts = Mapping[str, Any]


def _parameters(facts: Facts) -> Block:
    rows = [[each["name"], shape(each["shape"]), f"{each['count']:,}"] for each in facts["parameters"]]
    if "total" in facts:
        rows.append([_("total"), "", f"{facts['total']:,}"])
    return table([_("parameter"), _("shape"), _("count")], rows)


def _conv(facts: Facts) -> list[Block]:
    return [
        code(facts["text"]),
        _parameters(facts),
        maps(
            facts["filters"],
            title=_("The 8 filters: blue is positive, orange is negative"),
            alt=_("The 8 filters"),
            size=60,
        ),
    ]


def _fc(facts: Facts) -> list[Block]:
    title = _("The 1,568 weights of the output for the digit 0: 14 × 14 for each feature map")
    return [code(facts["text"]), _parameters(facts), maps(facts["maps"], title=title, alt=title, size=60)]


def _forward(facts: Facts) -> list[Block]:
    return [flow(("x", shape(facts["shape"])))]


def _relu(facts: Facts) -> list[Block]:
    return [
        flow(("x", shape(facts["before"])), ("conv, ReLU", shape(facts["after"]["shape"]))),
        row(
            digits(
                facts["pixels"], title=_("the first image"), alt=_("The first image of the batch"), columns=1, size=84
            ),
            maps(
                facts["maps"],
                title=_("its 8 feature maps"),
                alt=_("The 8 feature maps of the first image"),
                columns=4,
                size=84,
            ),
        ),
        note(_("{zeros:.0%} of the values are 0.").format(zeros=facts["zeros"])),
    ]


def _logits(facts: Facts) -> list[Block]:
    before, flat, after = (shape(sizes) for sizes in facts["shapes"])
    title = _("The outputs for the first image (label {label})").format(**facts)
    return [flow(("x", before), ("flatten", flat), ("fc", after)), outputs_of_first(facts, facts["outputs"], title)]


def _model(facts: Facts) -> list[Block]:
    return [code("dict(model.named_parameters())"), _parameters(facts)]


def _text(facts: Facts) -> list[Block]:
    return [code(facts["text"])]


VIEWS: dict[str, Callable[[Facts], list[Block]]] = {
    "conv": _conv,
    "fc": _fc,
    "forward": _forward,
    "relu": _relu,
    "logits": _logits,
    "model": _model,
    "print_model": _text,
}
"""The role of a line -> its view."""
