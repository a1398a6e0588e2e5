"""Messages about invalid values of settings."""

from pydantic import ValidationError

from pages.components.errors import message
from pages.components.text import _


def validation_message(error: ValidationError, name: str, value: object) -> str:
    """Return a sentence that explains why pydantic rejected ``value`` for the setting called ``name``."""
    details = error.errors()[0]
    parameters = details.get("ctx", {})
    if text := message(details["type"], parameters):
        return text
    template = _messages().get(details["type"], _("“{name} = {value}” cannot be used."))
    return template.format_map(parameters | {"name": name, "value": as_text(value)[:40]})


def _messages() -> dict[str, str]:
    """Return the messages, keyed by error type. An error type is defined by pydantic or by a config model."""
    return {
        "greater_than_equal": _("“{name} = {value}” cannot be used: it must be at least {ge}."),
        "less_than_equal": _("“{name} = {value}” cannot be used: it must be at most {le}."),
        "float_parsing": _("“{name} = {value}” cannot be used: it must be a number."),
        "int_parsing": _("“{name} = {value}” cannot be used: it must be a whole number."),
        "int_from_float": _("“{name} = {value}” cannot be used: it must be a whole number."),
        "finite_number": _("“{name} = {value}” cannot be used: it must be a finite number."),
        "bool_parsing": _("“{name} = {value}” cannot be used: it must be true or false."),
        "literal_error": _("“{name} = {value}” cannot be used: it must be one of {expected}."),
        "too_short": _("“{name} = {value}” cannot be used: choose at least one option."),
        "limit": _("“{name} = {value}” cannot be used: {field} must be between {low} and {high} for this data."),
        "too_long": _(
            "“{name} = {value}” cannot be used: the limit is {most:,} updates. Use larger batches or fewer epochs."
        ),
        "too_much": _(
            "“{name} = {value}” cannot be used: training would take too long. Use fewer epochs, points, or datasets."
        ),
        "too_many_networks": _("“{name} = {value}” cannot be used: {count} networks exceed the limit of {most}."),
        "too_many_weights": _("“{name} = {value}” cannot be used: {count} weights exceed the limit of {most}."),
        "too_many_updates": _("“{name} = {value}” cannot be used: {count} updates exceed the limit of {most}."),
        "needs_classes": _(
            "“{name} = {value}” cannot be used: cross-entropy needs class labels. Only the digits have them."
        ),
        "cpu_optimizations": _(
            "“{name} = {value}” cannot be used: choose either “automatic” or specific CPU optimizations."
        ),
    }


def as_text(value: object) -> str:
    """Return the value of a setting as it appears in a URL."""
    return ",".join(value) if isinstance(value, tuple) else str(value)
