"""Settings in the URL: validated by the config model, and written only if they differ from the preset."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from pydantic import ValidationError

from core.training.config import Config, RunConfig
from pages.components.run.validation import as_text, validation_message
from pages.components.text import _, number

OTHER_NAMES = ("preset", "view", "tab", "run", "capacity", "data_set", "compared", "test", "test_data")
"""Query parameters that are not settings. From "capacity" on, they select the part of a run that a view shows."""
MAX_UNKNOWN = 5
"""Maximum number of unknown query parameters that are reported for a URL."""


def read_address(query: Mapping[str, str], presets: Mapping[str, Config]) -> tuple[str, Config, list[str]]:
    """Parse a URL query. Return the name of the preset, the config, and messages about ignored parameters.

    ``presets`` maps names to configs; the first preset is the default. Invalid values and unknown names are ignored.
    Settings without a valid value keep the value of the preset.
    """
    values = dict(query)
    problems: list[str] = []
    default = next(iter(presets))
    preset = spelled(values.pop("preset", default), presets)
    if preset not in presets:
        problem = _("There is no preset “{preset}”. The default preset is used.").format(preset=preset[:40])
        problems.append(with_suggestion(problem, preset, presets))
        preset = default
    config = presets[preset]
    values, unknown = _known_settings(values, config)
    problems += (
        with_suggestion(_("There is no setting “{name}”.").format(name=name[:40]), name, _fields(config))
        for name in unknown[:MAX_UNKNOWN]
    )
    try:
        return preset, config.changed(**values), problems
    except ValidationError:
        pass  # values are set one by one below, so that valid ones are used
    for name, value in values.items():
        try:
            config = config.changed(**{name: value})
        except ValidationError as error:
            used = getattr(config, name)
            replacement = _("Used instead: {used}.").format(
                used=number(used) if isinstance(used, float) else as_text(used)
            )
            problems.append(f"{validation_message(error, name, value)} {replacement}")
    return preset, config, problems


def write_address(preset: str, config: Config, presets: Mapping[str, Config]) -> dict[str, str]:
    """Return the URL query for a config: the settings that differ from ``preset``, and the name of the preset.

    The default preset is the first of ``presets``. The name of the default preset and the number of threads are
    omitted.
    """
    query = {
        name: as_text(value)
        for name, value in config
        if value != getattr(presets[preset], name) and name in _fields(config)
    }
    return query if preset == next(iter(presets)) else query | {"preset": preset}


def spelled(name: str, names: Iterable[str]) -> str:
    """Return ``name``, with underscores instead of hyphens if only this spelling is in ``names``."""
    joined = name.replace("-", "_")
    return joined if name not in names and joined in names else name


def with_suggestion(problem: str, name: str, names: Iterable[str]) -> str:
    """Return the message ``problem``, followed by a suggestion if one of ``names`` is similar to ``name``."""
    joined = name.lower().replace("-", "_")
    by_initials = [known for known in sorted(names) if "".join(word[:1] for word in known.split("_")) == joined]
    likely = by_initials or get_close_matches(joined, sorted(names), n=1)
    if not likely:
        return problem
    suggestion = _("Did you mean {name}?").format(name=likely[0])
    return f"{problem} {suggestion}"


def _known_settings(values: Mapping[str, str], config: RunConfig) -> tuple[dict[str, str], list[str]]:
    """Return the settings in the query ``values``, by their current names, and the unknown names."""
    fields, renamed = _fields(config), type(config).renamed
    known, unknown = dict[str, str](), list[str]()
    for name, value in values.items():
        current = spelled(name, fields | set(renamed))
        current = renamed.get(current, current)
        if current in fields:
            known[current] = value
        elif name not in OTHER_NAMES and name not in type(config).model_fields:
            unknown.append(name)
    return known, unknown


def _fields(config: RunConfig) -> set[str]:
    """Return the names of the settings that a URL may contain: all except the number of threads of the machine."""
    return set(type(config).model_fields) - {"threads"}
