"""Error messages of the "Optimizers" page, keyed by the codes of `core.errors.CoreError`."""

from pages.components.text import _


def messages() -> dict[str, str]:
    """Return the error messages, keyed by error code. Names in braces are placeholders for error parameters."""
    return {
        "formula_empty": _("Type a formula in x and y, for example `x^2 + 10*y^2`."),
        "formula_too_long": _("The formula is too long. Use at most {limit} characters."),
        "formula_too_deep": _("The formula has too many operations. Use at most {limit}."),
        "formula_syntax": _("Syntax error at character {position}. Write products with `*`, as in `3*x`."),
        "formula_name": _("Unknown name `{name}`. Use only these names: {allowed}."),
        "formula_not_mathematics": _("`{part}` is not allowed in a formula. Nothing was executed."),
        "formula_arguments": _("Wrong number of arguments for `{name}`. Expected number: {expected}."),
        "formula_division_by_zero": _("`{part}` divides by zero."),
        "formula_not_finite": _("The values of this formula are not finite on most of the map."),
        "start_not_finite": _("The loss or its gradient is not finite at the starting point x = {x:.3g}, y = {y:.3g}."),
        "off_the_map": _("The starting point must be on the map: {name} from {low:g} to {high:g}."),
    }
