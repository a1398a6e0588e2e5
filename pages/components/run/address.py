"""Settings in the address bar: read through the config model, and written where they differ from the preset."""

from collections.abc import Mapping

from pydantic import ValidationError

from core.training.config import Config, RunConfig
from pages.components.run.validation import as_text, validation_message
from pages.components.text import _, number


def read_address(query: Mapping[str, str], presets: Mapping[str, Config]) -> tuple[str, Config, list[str]]:
    """Return the preset and the config of an address, and messages about values that were left out."""
    values = dict(query)
    problems: list[str] = []
    default = next(iter(presets))
    preset = values.pop("preset", default)
    if preset not in presets:
        problems.append(_("There is no preset “{preset}”; this is the default.").format(preset=preset))
        preset = default
    config = presets[preset]
    renamed = type(config).renamed
    values = {renamed.get(name, name): value for name, value in values.items()}
    values = {name: value for name, value in values.items() if name in _fields(config)}
    try:
        return preset, config.changed(**values), problems
    except ValidationError:
        pass  # one by one, to use what can be used
    for name, value in values.items():
        try:
            config = config.changed(**{name: value})
        except ValidationError as error:
            used = getattr(config, name)
            problems.append(
                _("{problem} Used instead: {used}.").format(
                    problem=validation_message(error, name, value),
                    used=number(used) if isinstance(used, float) else as_text(used),
                )
            )
    return preset, config, problems


def write_address(preset: str, config: Config, presets: Mapping[str, Config]) -> dict[str, str]:
    """Return the query of a config: its preset, and what differs from it."""
    query = {
        name: as_text(value)
        for name, value in config
        if value != getattr(presets[preset], name) and name in _fields(config)
    }
    return query if preset == next(iter(presets)) else query | {"preset": preset}


def _fields(config: RunConfig) -> set[str]:
    """Return the names of the settings that belong to the page, not to the machine."""
    return set(type(config).model_fields) - {"threads"}
