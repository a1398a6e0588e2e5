"""Texts that the browser shows around the network."""

from core.topics.playground.config import MAX_LAYERS, MAX_UNITS
from pages.components.text import _, ngettext, pgettext


def canvas_labels(*, classes: bool, untrained: bool = False) -> dict[str, object]:
    """Return the texts of the main view, keyed by their use in the browser.

    ``classes`` is true for classification and false for regression. ``untrained`` is true if an untrained network is
    shown instead of a run.
    """
    return {
        "parts": {
            "fresh": _("New points"),
            "sets-title": _("Data"),
            "features-title": _("Features"),
            "test-label": _("Test points (squares)"),
            "discrete-label": _("Discrete output"),
            "restore": _("Restore weights"),
            "view-output": _("Output"),
            "view-network": _("Network"),
        },
        "titles": {
            "blue": _("Draw blue points"),
            "orange": _("Draw orange points"),
            "erase": _("Erase points"),
            "undo": _("Undo"),
            "clear": _("Remove all points"),
            "timeline": _("Displayed update"),
        },
        "step": _("untrained") if untrained else _("update {step}"),
        "test": pgettext("dataset", "test"),
        "train": pgettext("dataset", "training"),
        "loss": _("loss {loss}"),
        "accuracy": _("accuracy {accuracy}"),
        "losses": _("Training loss and test loss at each update"),
        "updates": _("updates"),
        "previous_run": _("previous run (test)"),
        "at_update": _("update {step}"),
        "not_finite": _("not finite"),
        "output": _("Output: probability of blue") if classes else _("Output: predicted value"),
        "ends": [pgettext("color", "orange"), "", pgettext("color", "blue")],
        "point": _("Point at the plane to read the output."),
        "drag": _("↔ Drag"),
        "drag_hint": _("Drag right to train, left to go back."),
        "draw": _("Click or drag on the plane to draw points."),
        "point_output": _("x = {x}, y = {y}: probability of blue {value}")
        if classes
        else _("x = {x}, y = {y}: predicted value {value}"),
        "point_unit": _("x = {x}, y = {y}: output {value}"),
        "feature": _("Feature {name}"),
        "feature_on": _("This feature is an input of the network."),
        "feature_off": _("This feature is not an input of the network."),
        "feature_add": _("Click to add this feature."),
        "feature_remove": _("Click to remove this feature."),
        "feature_last": _("The network needs at least one feature."),
        "unit": _("Unit {unit} of layer {layer}"),
        "edge": _("{from} → {to}"),
        "weight": _("weight {value} · gradient {gradient}"),
        "bias": _("bias {value} · gradient {gradient}"),
        "turn": _("Click to change this value."),
        "close": _("Press Escape or click elsewhere to close."),
        "unit_counts": [
            ngettext("{count} unit", "{count} units", count).format(count=count) for count in range(MAX_UNITS + 1)
        ],
        "unit_less": _("Remove a unit from layer {layer}"),
        "unit_more": _("Add a unit to layer {layer}"),
        "layer_counts": [
            ngettext("{count} hidden layer", "{count} hidden layers", count).format(count=count)
            for count in range(MAX_LAYERS + 1)
        ],
        "layer_less": _("Remove a hidden layer"),
        "layer_more": _("Add a hidden layer"),
    }
