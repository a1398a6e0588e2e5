"""The texts that the browser shows around the network."""

from pages.components.text import _


def canvas_labels(*, classes: bool, untrained: bool = False) -> dict[str, object]:
    """Return the texts, for classes or values, of a run or of a network that is not trained yet."""
    return {
        "parts": {
            "fresh": _("New points"),
            "sets-title": _("Data"),
            "features-title": _("Features"),
            "test-label": _("Test points (squares)"),
            "discrete-label": _("Sharp boundary"),
            "restore": _("Restore the weights"),
            "view-output": _("Output"),
            "view-network": _("Network"),
        },
        "titles": {
            "blue": _("Draw blue points"),
            "orange": _("Draw orange points"),
            "erase": _("Erase points"),
            "undo": _("Undo"),
            "clear": _("Remove all points"),
            "timeline": _("Update on the screen"),
        },
        "step": _("untrained") if untrained else _("update {step}"),
        "test": _("test"),
        "train": _("training"),
        "loss": _("loss {loss}"),
        "accuracy": _("{accuracy} correct"),
        "losses": _("Loss on the test points and on the training points over the updates"),
        "updates": _("updates"),
        "previous_run": _("previous run (test)"),
        "at_update": _("update {step}"),
        "not_finite": _("not finite"),
        "output": _("Output: probability of blue") if classes else _("Output: predicted value"),
        "ends": [_("orange"), "", _("blue")],
        "point": _("Point at the plane to read the output there."),
        "drag": _("↔ Drag"),
        "drag_hint": _("Drag to the right to train, to the left to go back."),
        "draw": _("Click or drag on the plane to draw."),
        "point_output": _("x = {x}, y = {y}: blue with probability {value}")
        if classes
        else _("x = {x}, y = {y}: predicted value {value}"),
        "point_unit": _("x = {x}, y = {y}: output {value}"),
        "feature": _("Feature {name}"),
        "feature_on": _("An input of the network."),
        "feature_off": _("Not an input of the network."),
        "feature_click": _("Click to change that."),
        "feature_last": _("The network needs at least one feature."),
        "unit": _("Unit {unit} of layer {layer}"),
        "edge": _("{from} → {to}"),
        "weight": _("weight {value} · gradient {gradient}"),
        "bias": _("bias {value} · gradient {gradient}"),
        "turn": _("Click to change it."),
        "close": _("Escape or a click elsewhere closes this."),
        "unit_count": _("1 unit"),
        "unit_counts": _("{count} units"),
        "unit_less": _("One unit less in layer {layer}"),
        "unit_more": _("One unit more in layer {layer}"),
        "layer": _("1 hidden layer"),
        "layers": _("{count} hidden layers"),
        "layer_less": _("One hidden layer less"),
        "layer_more": _("One hidden layer more"),
    }
