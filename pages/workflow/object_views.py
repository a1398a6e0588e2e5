"""What the page shows of the object that a line of the program has made or changed."""

from core.topics.workflow.trace import TracedLine
from pages.workflow import data_views, model_views, optimize_views, save_views
from pages.workflow.blocks import Block

_VIEWS = data_views.VIEWS | model_views.VIEWS | optimize_views.VIEWS | save_views.VIEWS


def blocks(line: TracedLine) -> list[Block]:
    """Return the blocks of a traced line. Some lines have none."""
    view = _VIEWS.get(line.role)
    return view(line.facts) if view else []
