"""The downloads of a run's weights and of its curves."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

import safetensors.torch
import streamlit as st

from core.engine.run import CurrentWeights
from core.export import event_files, networks
from core.export.curves import Curves, history_csv
from core.export.figures import figure
from core.export.own_process import in_own_process
from core.topics import Topic
from pages.components.run.run_view import RunView
from pages.components.text import _
from pages.registry import specs


def draw_weights(
    run_view: RunView,
    topic: Topic,
    *,
    titles: Mapping[Any, str],
    draw_safetensors: Callable[[], None] | None = None,
) -> None:
    """Draw download buttons for the current weights of a run, in several formats.

    ``titles`` maps names of networks to labels. ``draw_safetensors`` draws the page's own button for safetensors, if it
    has one.
    """
    current = None if run_view.is_untrained else run_view.run.current_weights()
    if current is None:
        st.markdown(_("**Weights**"))
        st.caption(
            _(
                "No weights are available yet. Depending on the page, they become available after the first update or "
                "at the end of the run."
            )
        )
        return
    final = run_view.run.status.state.final
    st.markdown(_("**Weights**") if final else _("**Weights** after update {step:,}").format(step=current.step))
    name = _file_name(run_view)
    with st.container(horizontal=True):
        _download(
            _("PyTorch (.pt)"),
            lambda: networks.state_dict(current.weights),
            f"{name}.pt",
            icon=":material/deployed_code:",
            help=_("A `state_dict`. Read it with `torch.load(file, weights_only=True)`."),
        )
        if len(topic.networks) == 1:
            _draw_network(run_view, topic, current, *topic.networks, file_name=name)
        if draw_safetensors:
            draw_safetensors()
        else:
            _download(
                _("safetensors"),
                current.weights,
                f"{name}.safetensors",
                icon=":material/deployed_code:",
                help=_("The same weights in a format that never contains code."),
            )
    if topic.choices(run_view.config):
        st.caption(_("The files contain one network: the first of those with the lowest validation loss."))
    if len(topic.networks) > 1:
        names = list(topic.networks)
        chosen = st.selectbox(
            _("Network"), names, format_func=lambda each: titles.get(each, each), key=f"{topic.name}.exported_network"
        )
        with st.container(horizontal=True):
            _draw_network(run_view, topic, current, chosen, file_name=f"{name}-{chosen}")


def _draw_network(run_view: RunView, topic: Topic, current: CurrentWeights, chosen: str, *, file_name: str) -> None:
    """Draw download buttons for a network together with its weights. The files are made after a click."""
    config = run_view.config
    about = {"topic": topic.name, "settings": config.model_dump_json()}

    def network() -> networks.TrainedNetwork:
        return topic.networks[chosen](config, safetensors.torch.load(current.weights))

    _download(
        _("ONNX"),
        lambda: in_own_process(networks.onnx, network(), about),
        f"{file_name}.onnx",
        icon=":material/account_tree:",
        help=_(
            "The network with its weights, for programs without PyTorch, such as ONNX Runtime. Creating the file "
            "takes a few seconds."
        ),
    )
    _download(
        _("torch.export (.pt2)"),
        lambda: in_own_process(networks.torch_program, network(), about),
        f"{file_name}.pt2",
        icon=":material/account_tree:",
        help=_(
            "The network with its weights. PyTorch reads it without the code of the network: "
            "`torch.export.load(file).module()`."
        ),
    )


def draw_curves(
    run_view: RunView, topic: Topic, *, preset: str, titles: Mapping[Any, str], colours: Mapping[Any, str]
) -> None:
    """Draw download buttons for the metrics of a run: tables, figures, and event files.

    ``preset`` is the label of the run's preset. ``titles`` maps names of curves to labels, and ``colours`` maps them to
    colors.
    """
    history, config, name = run_view.history, run_view.run.config, _file_name(run_view)
    page = next((spec.title() for spec in specs() if topic.name in spec.topics), topic.name)
    title = _("{page}: {preset}").format(page=page, preset=preset)
    curves = [_translated(chart, titles) for chart in topic.curves(config)]
    shades = {titles.get(each, each): shade for each, shade in colours.items()}

    def drawing(format: Literal["svg", "png"]) -> Callable[[], bytes]:
        return lambda: figure(curves, history, title=title, format=format, colours=shades)

    def as_json() -> str:
        events = [{"step": event.step, "total": event.total, "metrics": dict(event.metrics)} for event in history]
        changes = [change._asdict() for change in run_view.run.changes]
        return json.dumps({"config": config.model_dump(), "changes": changes, "history": events})

    st.markdown(_("**Curves**"))
    if run_view.is_untrained:
        st.caption(_("There are no curves yet. Train the network first."))
        return
    with st.container(horizontal=True):
        _download(
            _("Table (CSV)"),
            lambda: history_csv(history),
            f"{name}.csv",
            icon=":material/table:",
            help=_("All metrics, for a spreadsheet or for pandas: one row for each measurement."),
        )
        if curves:
            _download(_("Figure (PNG)"), drawing("png"), f"{name}.png", icon=":material/image:")
            _download(
                _("Figure (SVG)"),
                drawing("svg"),
                f"{name}.svg",
                icon=":material/image:",
                help=_("Sharp at any size, for a report."),
            )
        _download(
            _("TensorBoard (zip)"),
            lambda: event_files.events_zip(name, history, settings=config.model_dump()),
            f"{name}-tensorboard.zip",
            icon=":material/show_chart:",
            help=_("Unpack the file, then run `tensorboard --logdir FOLDER`."),
        )
        _download(
            _("History (JSON)"),
            as_json,
            f"{name}.json",
            icon=":material/data_object:",
            help=_("All settings, changes, and metrics."),
        )


def _translated(chart: Curves, titles: Mapping[Any, str]) -> Curves:
    lines = {titles.get(name) or _(name): metrics for name, metrics in chart.lines.items()}
    return replace(chart, title=_(chart.title), x_title=_(chart.x_title), y_title=_(chart.y_title), lines=lines)


def _file_name(run_view: RunView) -> str:
    """Return the name of a run's files, without an extension. The id of a recording starts with its topic."""
    return run_view.run.id if run_view.recorded else f"{run_view.run.topic}-{run_view.run.id}"


def _download(
    label: str, data: bytes | Callable[[], bytes | str], file_name: str, *, icon: str, help: str | None = None
) -> None:
    st.download_button(label, data, file_name=file_name, icon=icon, on_click="ignore", help=help)
