"""The texts that the browser shows around the network."""

from pages.components.text import _


def canvas_labels(*, classes: bool, untrained: str | None = None) -> dict[str, object]:
    """Return the texts, for classes or values; ``untrained`` replaces the number of the update."""
    numbers = {
        (True, True): _("test: loss {test}, {test_right} right\ntraining: loss {train}, {train_right} right"),
        (True, False): _(
            "untrained, test: loss {test}, {test_right} right\nuntrained, training: loss {train}, {train_right} right"
        ),
        (False, True): _("test: loss {test}\ntraining: loss {train}"),
        (False, False): _("untrained, test: loss {test}\nuntrained, training: loss {train}"),
    }
    return {
        "parts": {
            "fresh": _("New points"),
            "sets-title": _("Data"),
            "features-title": _("Features"),
            "test-label": _("Test points (squares)"),
            "discrete-label": _("Sharp boundary"),
            "restore": _("Weights as they were"),
        },
        "play": _("Play"),
        "pause": _("Pause"),
        "position": _("Update on the screen"),
        "replay": _("Replay"),
        "step": untrained or _("update {step} of {total}"),
        "numbers": numbers[classes, not untrained],
        "not_finite": _("not finite"),
        "output": _("Output: how sure it is of blue") if classes else _("Output: the value that it predicts"),
        "ends": [_("surely orange"), _("undecided"), _("surely blue")],
        "point": _("Point at the plane: every unit says its value there."),
        "point_output": _("x = {x}, y = {y}: blue with probability {value}")
        if classes
        else _("x = {x}, y = {y}: it predicts {value}"),
        "point_unit": _("x = {x}, y = {y}: it says {value}"),
        "feature": _("Feature {name}"),
        "feature_on": _("The network is told this."),
        "feature_off": _("The network is not told this."),
        "feature_click": _("Click to change that."),
        "unit": _("Unit {unit} of layer {layer}"),
        "edge": _("{from} → {to}"),
        "weight": _("weight {value} · gradient {gradient}"),
        "bias": _("bias {value} · gradient {gradient}"),
        "turn": _("Click to turn it by hand."),
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
