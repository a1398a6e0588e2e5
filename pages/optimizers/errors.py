"""What can go wrong on this page, in sentences, by the codes of `core.errors.CoreError`."""

from pages.components.text import _


def messages() -> dict[str, str]:
    """The messages, with their parameters in braces."""
    return {
        "formula_empty": _("Type a formula in x and y, for example `x^2 + 10*y^2`."),
        "formula_too_long": _("The formula is too long: {limit} characters are the most."),
        "formula_too_deep": _("The formula is too long: {limit} operations are the most."),
        "formula_syntax": _("This is not a formula: look at character {position}. Products need a sign, as in `3*x`."),
        "formula_name": _("There is no `{name}` here. Known are {allowed}."),
        "formula_not_mathematics": _("`{part}` is not mathematics in x and y. None of it was run."),
        "formula_arguments": _("The function `{name}` takes {expected} argument(s)."),
        "formula_division_by_zero": _("`{part}` divides by zero."),
        "formula_not_finite": _("This formula has no finite value on most of the map."),
        "start_not_finite": _("At x = {x:.3g}, y = {y:.3g} this surface has no finite value and slope to start from."),
        "off_the_map": _("The start has to lie on the map: {name} from {low:g} to {high:g}."),
    }
