"""Tools: short runs that examine the settings of another run. A subfolder is a tool if it contains a topic.py."""

from pathlib import Path


def names() -> tuple[str, ...]:
    """Return the names of all tools in alphabetical order, without importing the tools."""
    return tuple(sorted(file.parent.name for folder in __path__ for file in Path(folder).glob("*/topic.py")))
