"""The chip in the run bar that opens the findings of the health checks, each with a chart and a button."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import streamlit as st

from core.engine import Run
from core.topics import topic
from core.training.config import RunConfig
from core.training.health import ADVICE, TITLES, Finding, Series, describe, findings
from pages.components.charts import line_chart
from pages.components.run.run_view import RunView
from pages.components.text import _, ngettext, number

INTERVAL = 4.0
"""Seconds between two checks during training."""
_CHART_HEIGHT = 150
_COLORS = {"error": "red", "warning": "orange"}
_LIMIT = "limit {number}"


def draw(run_view: RunView, *, key: str, apply: Callable[[Mapping[str, object]], None], draw_button: Callable) -> None:
    """Draw the chip for the displayed run, with the number of findings. A click opens the findings.

    ``key`` identifies the chip in the session state. ``apply`` starts a run with changed settings. ``draw_button``
    is `Buttons.draw_button`. While a run trains that fails on purpose, the chip does not open.
    """
    if not run_view.history or run_view.is_untrained:
        return
    if fails_on_purpose(run_view) and not run_view.complete:
        st.button(_("Findings after the run"), key=f"{key}.later", type="tertiary", disabled=True)
        return
    found = _findings(run_view.run, len(run_view.history), finished=run_view.complete)
    if not found:
        label, icon = _("No findings"), "check_circle"
    else:
        label = ngettext("{count} finding", "{count} findings", len(found)).format(count=len(found))
        icon = found[0].severity
        label = f":{_COLORS[found[0].severity]}[{label}]"
    with st.popover(label, icon=f":material/{icon}:", type="tertiary", key=f"{key}.chip"):
        if not found:
            st.markdown(_("**The health checks of this run have found no problem.** They check the following:"))
            st.caption(", ".join(_(title) for title in TITLES.values()))
        for finding in found:
            _draw_finding(finding, run_view, key=f"{key}.{finding.code}", apply=apply, draw_button=draw_button)


def fails_on_purpose(run_view: RunView) -> bool:
    """Return whether the displayed run has the settings of a preset that shows a problem on purpose."""
    run = run_view.run
    of_run = topic(run.topic)
    return any(of_run.presets[name].matches(run.config) for name in of_run.fails_on_purpose)


@lru_cache(maxsize=64)  # all sessions that show a recording share its findings
def _findings(run: Run, n_events: int, *, finished: bool) -> Sequence[Finding]:
    signals = topic(run.topic).signals
    history = run.history()[:n_events]
    if not (signals and history):
        return ()
    measured = signals(run.settings, history)
    return findings(replace(measured, finished=True) if finished else measured, run.settings)


def _draw_finding(finding: Finding, run_view: RunView, *, key: str, apply: Callable, draw_button: Callable) -> None:
    icon = f":{_COLORS[finding.severity]}[:material/{finding.severity}:"
    title, advice_text = TITLES[finding.code], ADVICE[finding.code]
    st.markdown(f"{icon} **{_(title)}**]  \n{describe(finding, _)}")
    _draw_evidence(finding, run_view, key)
    st.caption(_(advice_text))
    if finding.changes:
        label = _("Train with {changes}").format(changes=_changes_text(run_view.config, finding.changes))
        if draw_button(f"fix.{finding.code}", label, "healing", lambda: apply(finding.changes)):
            st.rerun()


def _draw_evidence(finding: Finding, run_view: RunView, key: str) -> None:
    series: dict[str, Series] = dict(finding.evidence)
    if not any(len(points) > 1 for points in series.values()):
        return
    titles, end = _curve_titles(), max(run_view.step, 1)
    limits: dict[str, Series] = {
        _LIMIT.format(number=index): ((0, limit), (end, limit)) for index, limit in enumerate(finding.limits)
    }
    values = [value for points in (*series.values(), *limits.values()) for _step, value in points if value is not None]
    is_log = bool(values) and min(values) > 0 and max(values) > 30 * min(values)
    line_chart.draw(
        series | limits,
        titles={name: titles.get(name, _("layer {layer}").format(layer=name)) for name in series}
        | dict.fromkeys(limits, _("limit")),
        x=_("update"),
        y="",
        key=f"{key}.chart",
        alt=_("The measurements behind this finding, and its limits as dashed lines"),
        log=is_log,
        height=_CHART_HEIGHT,
        dashed=list(limits),
        colours=dict.fromkeys(limits, "#888888"),
        x_end=end,
    )


def _curve_titles() -> dict[str, str]:
    return {
        "loss": _("training loss"),
        "train_loss": _("training loss"),
        "test_loss": _("test loss"),
        "train_accuracy": _("training accuracy"),
        "test_accuracy": _("test accuracy"),
        "output_spread": _("standard deviation of the outputs"),
    }


def _changes_text(config: RunConfig, changes: Mapping[str, object]) -> str:
    """Return changed settings as text, for example "Learning rate: 0.003"."""
    fields = type(config).model_fields
    return ", ".join(
        _("{setting}: {value}").format(setting=_(fields[name].title or name), value=_value_text(value))
        for name, value in changes.items()
    )


def _value_text(value: object) -> str:
    if isinstance(value, bool):
        return _("on") if value else _("off")
    return number(value) if isinstance(value, float) else str(value)
