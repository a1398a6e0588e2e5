"""The network of a run at work, with its charts below; the network can be changed in the picture itself."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from pydantic import ValidationError

from core.engine import Run
from core.topics.playground.comparison import has_same_start
from core.topics.playground.config import PRESETS, PlaygroundConfig
from core.topics.playground.own_points import with_consequences
from core.topics.playground.train import WEIGHT, initial_event, turned_weights
from core.training.progress import Progress
from pages.components.run.controls import Settings
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView, change_marks
from pages.components.run.state import is_active
from pages.components.run.validation import validation_message
from pages.components.text import _, number
from pages.foundations.playground import charts, labels, network_canvas
from pages.foundations.playground.diagnosis import draw_remarks


def draw(settings: Settings, panel: RunPanel, run_view: RunView, previous: Run | None) -> None:
    """Draw the run as far as it has come; or an untrained network, if the settings ask for another one by now."""
    active = is_active(run_view.run)
    config, history = run_view.config, run_view.history or [initial_event(run_view.config)]
    network_config, events = config, history
    options: dict[str, Any] = {"run": run_view.run.id, "complete": run_view.complete}
    is_new_network = not active and not has_same_start(config, settings.config)
    if is_new_network:
        network_config, events = settings.config, [initial_event(settings.config)]
        options = {"run": repr(network_config), "complete": True, "step": _("new settings, untrained")}
    network_canvas.draw(
        network_config,
        events,
        key="playground.playground",
        alt=describe(network_config, events[-1]),
        data=labels.data(),
        on_change=None if active else lambda changes: _change(settings, changes),
        on_turn=_turn(panel, history[-1]) if not is_new_network and panel.can_change() else None,
        turned={} if is_new_network else turned_weights(panel.later_changes()),
        **options,
    )
    if is_new_network:
        title = labels.presets().get(run_view.run.title, run_view.run.title)
        st.markdown(
            _(
                "**{title}, earlier run**: the charts below, and the line above the picture, are of the settings "
                "before. The network in the picture is new, and untrained."
            ).format(title=title)
        )
    previous = None if is_new_network else previous
    marks, run = change_marks(run_view), run_view.run.id
    charts.draw(config, history, previous, dimmed=is_new_network, marks=marks, run=run)
    if not is_new_network:
        draw_remarks(config, history[-1].metrics)


def _turn(panel: RunPanel, event: Progress) -> Callable[[int, float], None]:
    """Return what lets the run train on from a weight that was changed by hand, after its newest event."""

    def turn(index: int, value: float) -> None:
        panel.change(f"{WEIGHT}{index}", value, is_old=value == event.arrays["weights"][index])

    return turn


def draw_network(run_view: RunView) -> None:
    """Draw the network of a run, without the controls that change it."""
    config, history = run_view.config, run_view.history or [initial_event(run_view.config)]
    network_canvas.draw(
        config,
        history,
        run=run_view.run.id,
        complete=run_view.complete,
        key=f"{run_view.run.id}.playground",
        alt=describe(config, history[-1]),
    )


def _change(settings: Settings, changes: Mapping[str, object]) -> None:
    """Change the settings as the reader has changed the picture."""
    preset = PRESETS[settings.preset]
    changes = with_consequences(changes, settings.config, train_share=preset.train_share)
    for name, value in changes.items():
        try:
            settings.change(**{name: value})
        except ValidationError as error:
            settings.report(validation_message(error, name, value))


def describe(config: PlaygroundConfig, event: Progress) -> str:
    """Return the text alternative of the picture."""
    loss = number(event.metrics.get("test_loss"))
    sizes = " – ".join(f"{size}" for size in config.layer_sizes)
    return _("A network of {sizes} units after {step:,} updates. Its loss on the test points is {loss}.").format(
        sizes=sizes, step=event.step, loss=loss
    )
