"""The "PyTorch workflow" page: one program, and the object that each of its lines makes."""

import streamlit as st
from torch import Tensor
from torch.nn.functional import cross_entropy

from core.topics.workflow import graph
from core.topics.workflow.config import WorkflowConfig
from core.topics.workflow.data import first_batch
from core.topics.workflow.model import initial_network
from core.topics.workflow.topic import TOPIC
from pages.components import layout
from pages.components.run import downloads
from pages.components.run.controls import Settings
from pages.components.run.divergence import explain_divergence
from pages.components.run.fragments import tabs
from pages.components.run.panel import RunPanel
from pages.components.text import _, lesson
from pages.workflow import graph_view, labels, live, loader_speed_view, saving_view, shapes_view, transforms_view


def main() -> None:
    """Draw the "PyTorch workflow" page."""
    settings = Settings(TOPIC.name, TOPIC.presets)
    layout.draw_header(
        _("PyTorch workflow"),
        _("A complete program. Run it line by line, and see what each line makes."),
        guide="workflow",
    )
    panel = RunPanel(settings, TOPIC, titles=labels.presets())
    panel.draw(
        draw_settings=lambda: _draw_first_settings(settings, panel),
        draw_more_settings=lambda: settings.draw_all("samples", "seed"),
        draw_main=lambda run_view, previous: live.draw_main(settings, run_view, previous),
        draw_tabs=lambda: _draw_tabs(panel),
        explain_failure=explain_divergence,
    )


def _draw_first_settings(settings: Settings, panel: RunPanel) -> None:
    settings.choose_preset(labels.presets(), on_choice=panel.preset_chosen)
    settings.draw_all("shuffle", "batch_size")
    st.caption(labels.gradient_descent(settings.config))
    settings.draw_all("noise", "learning_rate", "epochs")


def _draw_tabs(panel: RunPanel) -> None:
    tabs(
        {
            "lesson": lambda: lesson("workflow"),
            "transforms": _draw_transforms,
            "model": lambda: shapes_view.draw(_first_batch(panel.settings.config)[0]),
            "computational_graph": lambda: _draw_graph(panel.settings.config),
            "save_and_load": saving_view.draw,
            "export": lambda: downloads.draw(panel),
        },
        titles={
            "transforms": _("Transforms"),
            "model": _("Model"),
            "computational_graph": _("Computational graph"),
            "save_and_load": _("Save and load"),
        },
        key=f"{TOPIC.name}.tab",
    )


def _draw_transforms() -> None:
    transforms_view.draw()
    loader_speed_view.draw()


def _draw_graph(config: WorkflowConfig) -> None:
    """Draw the computational graph of the first batch and the initial network."""
    images, targets = _first_batch(config)
    graph_view.draw(graph.stages(initial_network(config.seed), cross_entropy, images, targets))


def _first_batch(config: WorkflowConfig) -> tuple[Tensor, Tensor]:
    """Return at most 64 images and labels of the first batch."""
    return first_batch(config.changed(batch_size=min(config.batch_size, 64), epochs=1))


main()
