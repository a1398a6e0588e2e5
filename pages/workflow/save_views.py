"""Views of the lines of the part Save: the state dict, and the loaded network."""

from collections.abc import Callable, Mapping
from typing import Any

from pages.components.text import _, number
from pages.workflow.blocks import Block, code, note, outputs_of_first, row, shape, table

Facts = Mapping[str, Any]


def _save(facts: Facts) -> list[Block]:
    rows = [
        [each["name"], shape(each["shape"]), each["dtype"], ", ".join(map(number, each["first"])) + ", …"]
        for each in facts["rows"]
    ]
    return [
        table([_("name"), _("shape"), "dtype", _("values")], rows),
        note(
            _("model.pt has {size:,} bytes. It is a zip file with {count} entries: {names} …").format(
                size=facts["bytes"], count=len(facts["records"]), names=", ".join(facts["records"][:2])
            )
        ),
        note(_("In this trace, the network has made one update. After Train, Export contains the trained network.")),
    ]


def _compared(facts: Facts) -> list[Block]:
    return [
        code(_("largest difference of the outputs: {difference}").format(difference=number(facts["difference"]))),
        row(
            outputs_of_first(facts, facts["model"], "model(images)[0]"),
            outputs_of_first(facts, facts["restored"], "restored(images)[0]"),
        ),
    ]


def _load(facts: Facts) -> list[Block]:
    rows = [[name, str(equal)] for name, equal in facts["equal"].items()]
    return [code(facts["message"]), table([_("parameter"), _("equal to that of the model")], rows)]


VIEWS: dict[str, Callable[[Facts], list[Block]]] = {
    "save": _save,
    "restored": _compared,
    "load": _load,
    "compare": _compared,
}
"""The role of a line -> its view."""
