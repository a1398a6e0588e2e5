"""The tools in the menu of the run bar: short runs that examine the settings of a page, each in a dialog."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import streamlit as st

from core import topics
from core.engine import Run
from core.errors import CoreError
from core.tools.config import ToolConfig
from pages.components.errors import explain
from pages.components.run.current_run import CurrentRun
from pages.components.run.fragments import redraw
from pages.components.run.state import is_active
from pages.components.run.tools import dry_run, finder, overfitting
from pages.components.server import engine
from pages.components.text import _

_SECONDS = 10.0  # the usual duration of a tool's run


class Tool(NamedTuple):
    """A tool in the menu."""

    title: str
    icon: str
    explanation: str
    draw: Callable[[Run, float | None], None]
    """Draws the results of a run so far, given the current learning rate."""


def tools() -> Mapping[str, Tool]:
    """Return the tools of the menu by name."""
    return {
        "learning_rate_finder": Tool(
            _("Learning-rate finder"),
            "speed",
            _(
                "The network trains with these settings while the learning rate rises, until the loss explodes. "
                "Three short runs then check the suggestion. The run on the page stays as it is."
            ),
            finder.draw,
        ),
        "overfit_one_batch": Tool(
            _("Overfit one batch"),
            "target",
            _(
                "The network trains on a single small batch, without noise, augmentation, and regularization. "
                "A network without a mistake can memorize this batch: the loss falls to almost 0."
            ),
            overfitting.draw,
        ),
        "dry_run": Tool(
            _("Dry run"),
            "fact_check",
            _("The network makes a few updates with these settings. The tables show the first of them."),
            dry_run.draw,
        ),
    }


class Tools:
    """The tools of a page: their entries in the menu, and the dialog of the open tool."""

    def __init__(self, current: CurrentRun):
        self.current, self.state = current, current.state

    def open(self, name: str) -> None:
        """Open the dialog of a tool, and start its run. Call this in a callback.

        Raises the errors of `Engine.submit` and of `core.topics.Topic.resolve`.
        """
        current = self.current
        self.close()
        if not self._obstacle(name):
            config = ToolConfig.of(current.topic, current.topic.resolve(current.settings.config))
            topic = topics.topic(name)
            run = engine().submit(
                topic, config, title=name, owner=current.owner, short=True, estimated_seconds=_SECONDS
            )
            self.state.tool_run = run.id
        self.state.tool = name
        self.state.tools_opened += 1

    def close(self) -> None:
        """Close the dialog, and stop the run of its tool."""
        if run := self._run():
            run.stop()
        self.state.tool = self.state.tool_run = None

    def draw(self) -> None:
        """Draw the dialog of the open tool, if there is one."""
        if self.state.tool:
            tool = tools()[self.state.tool]
            st.dialog(tool.title, width="large", icon=f":material/{tool.icon}:", on_dismiss=self.close)(
                lambda: self._draw(tool)
            )()

    def _draw(self, tool: Tool) -> None:
        st.caption(tool.explanation)
        if obstacle := self._obstacle(self.state.tool or ""):
            st.info(obstacle)
            return
        redraw(lambda: self._draw_run(tool), is_live=lambda: is_active(self._run()))

    def _draw_run(self, tool: Tool) -> None:
        if self.state.tool is None:
            st.rerun()  # a button has closed the dialog
        run = self._run()
        if run is None:
            return
        latest = run.latest
        active = is_active(run)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(latest.step / latest.total if active and latest else float(not active))
            st.button(_("Cancel"), key=f"{self.current.page}.tool.cancel", disabled=not active, on_click=self.close)
        if run.error:
            st.error(explain(run.error))
        rate = self.current.settings.config.model_dump().get("learning_rate")
        tool.draw(run, rate)
        recommendation = run.metrics.get("recommendation")
        if recommendation is not None:
            st.button(
                _("Use this learning rate"),
                key=f"{self.current.page}.tool.use",
                type="primary",
                on_click=self._use,
                args=(recommendation,),
            )

    def _use(self, learning_rate: float) -> None:
        self.close()
        self.current.settings.change(learning_rate=learning_rate)

    def _run(self) -> Run | None:
        try:
            return engine().find(self.state.tool_run) if self.state.tool_run else None
        except CoreError:
            return None

    def _obstacle(self, name: str) -> str | None:
        """Return the reason why a tool has nothing to examine, or None."""
        if name == "learning_rate_finder" and "learning_rate" not in self.current.settings.config.live:
            return _(
                "This page trains at many learning rates at once. Its chart of the loss at each learning rate shows "
                "more than this test: compare the learning rates there."
            )
        return None
