"""The main view: the network of a run and its losses. Users can change the network and the data in the view."""

from collections.abc import Callable, Mapping
from functools import partial

from pydantic import ValidationError

from core.engine import Run
from core.topics.playground.comparison import has_comparable_losses, has_same_start
from core.topics.playground.config import PRESETS, PlaygroundConfig
from core.topics.playground.own_points import with_consequences
from core.topics.playground.train import WEIGHT, initial_event, turned_weights
from core.training.progress import Progress
from pages.components.charts.line_chart import thin
from pages.components.run.controls import Settings
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView, change_marks, points
from pages.components.run.state import is_active
from pages.components.run.validation import validation_message
from pages.components.text import _, number
from pages.foundations.playground import charts, labels, network_canvas, own_data
from pages.foundations.playground.diagnosis import draw_remarks

KEY = "playground.playground"


def draw(
    settings: Settings[PlaygroundConfig],
    panel: RunPanel,
    run_view: RunView[PlaygroundConfig],
    previous: Run[PlaygroundConfig] | None,
) -> None:
    """Draw the displayed run or an untrained network.

    The untrained network is drawn if there is no run, or if the run has ended and the current settings describe a
    different initial network or different points. ``previous`` is the previous run for comparison, or None.
    """
    active = not run_view.is_untrained and is_active(run_view.run)
    is_new = _is_new(settings, run_view)
    if is_new:
        config, events, run, complete = settings.config, [initial_event(settings.config)], repr(settings.config), True
        previous = None if run_view.is_untrained else run_view.run
    else:
        config, run, complete = run_view.config, run_view.run.id, run_view.complete
        events = list(run_view.history or [initial_event(config)])
    is_own = not active or panel.can_change()  # changed settings restart the training
    changes = network_canvas.Changes(
        settings=partial(_change, settings) if is_own else None,
        weight=_turn(panel, events[-1]) if not is_new and panel.can_change() else None,
        points=partial(own_data.receive, settings) if is_own and not _trains(run_view) else None,
    )
    comparable = previous and has_comparable_losses(config, previous.config)
    network_canvas.draw(
        config,
        events,
        run=run,
        complete=complete,
        key=KEY,
        alt=describe(config, events[-1]),
        recorded=run_view.recorded and not is_new,
        data=labels.data(),
        changes=changes,
        turned={} if is_new else turned_weights(panel.later_changes()),
        own=own_data.on_plane(settings.config) if config.data == "own" else None,
        previous=thin(points(previous.history(), "test_loss")) if previous and comparable else (),
        marks=() if is_new else change_marks(run_view),
        untrained=is_new,
    )


def draw_charts(
    settings: Settings[PlaygroundConfig],
    run_view: RunView[PlaygroundConfig],
    previous: Run[PlaygroundConfig] | None,
) -> None:
    """Draw the charts below the main view (gradient norms and accuracies), and remarks about the run.

    The charts are also drawn before training, so that the parts of the page below the charts do not move later.
    """
    config, history = run_view.config, run_view.history or [initial_event(run_view.config)]
    is_new = _is_new(settings, run_view) and not run_view.is_untrained
    if is_new:
        title = labels.presets().get(run_view.run.title, run_view.run.title)
        text = _("**{title}, previous run**: the charts below show the run with the previous settings.")
        charts.draw_note(text.format(title=title))
    charts.draw(config, history, dimmed=is_new, marks=change_marks(run_view), run=run_view.run.id)
    if not is_new and not run_view.is_untrained:
        draw_remarks(config, history[-1].metrics)


def _is_new(settings: Settings[PlaygroundConfig], run_view: RunView[PlaygroundConfig]) -> bool:
    """Return whether to draw the untrained network of the settings instead of the network of the run."""
    if run_view.is_untrained:
        return True
    return not is_active(run_view.run) and not has_same_start(run_view.config, settings.config)


def _trains(run_view: RunView[PlaygroundConfig]) -> bool:
    return not run_view.is_untrained and is_active(run_view.run) and not run_view.run.command.paused


def _turn(panel: RunPanel, event: Progress) -> Callable[[int, float], None]:
    """Return a callback that receives a weight's index and new value, and changes the weight in the run.

    ``event`` is the newest event of the run.
    """

    def turn(index: int, value: float) -> None:
        panel.change(f"{WEIGHT}{index}", value, is_old=value == event.arrays["weights"][index])

    return turn


def _change(settings: Settings[PlaygroundConfig], changes: Mapping[str, object]) -> None:
    """Apply the user's changes in the main view to the settings: all of them, or none."""
    preset = PRESETS[settings.preset]
    try:
        settings.change(**with_consequences(changes, settings.config, train_share=preset.train_share))
    except ValidationError as error:
        name, value = next(iter(changes.items()), ("", ""))
        settings.report(validation_message(error, name, value))


def describe(config: PlaygroundConfig, event: Progress) -> str:
    """Return the alternative text of the main view for the network at ``event``."""
    loss = number(event.metrics.get("test_loss"))
    sizes = " – ".join(f"{size}" for size in config.layer_sizes)
    return _("Network with layer sizes {sizes} at update {step:,}. Test loss: {loss}.").format(
        sizes=sizes, step=event.step, loss=loss
    )
