"""Messages about values of settings that cannot be used."""

from pydantic import ValidationError

from pages.components.errors import message
from pages.components.text import _


def validation_message(error: ValidationError, name: str, value: object) -> str:
    """Return a sentence that says what is wrong with the value of a setting."""
    details = error.errors()[0]
    if text := message(details["type"], details.get("ctx", {})):
        return text
    limits = {
        "greater_than_equal": _("it has to be at least {ge}"),
        "less_than_equal": _("it has to be at most {le}"),
        "float_parsing": _("it has to be a number"),
        "int_parsing": _("it has to be a whole number"),
        "int_from_float": _("it has to be a whole number"),
        "finite_number": _("it has to be a finite number"),
        "bool_parsing": _("it has to be true or false"),
        "literal_error": _("it has to be one of {expected}"),
        "too_short": _("at least one has to be chosen"),
    }
    text = limits.get(details["type"], _(details["msg"])).format_map(details.get("ctx", {}))
    return _("“{name} = {value}” cannot be used: {text}.").format(name=name, value=as_text(value)[:40], text=text)


def as_text(value: object) -> str:
    """Return the value of a setting as it is written in an address."""
    return ",".join(value) if isinstance(value, tuple) else str(value)
