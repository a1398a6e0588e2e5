"""The page "MNIST CNN" as the server draws it: runs, settings, predictions, and invalid input."""

import base64
import html
import io
import json
import re
import zlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import numpy as np
import pytest
import safetensors.torch
import streamlit as st
import torch
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash
from torch.nn import functional as F

from core.data import datasets, digit_photos
from core.data.torchvision_compat import v2
from core.engine import Run, State
from core.evaluation.inspection import feature_maps, logits
from core.evaluation.metrics import confusion_cell, confusion_matrix, misclassified
from core.evaluation.model_files import ModelCard, write
from core.evaluation.occlusion import occlusion_map
from core.paths import CHECKPOINTS
from core.topics.mnist_cnn import model
from core.topics.mnist_cnn.config import PRESETS
from core.topics.mnist_cnn.data import N_SHOWN
from core.topics.mnist_cnn.train import estimate_seconds
from core.topics.mnist_cnn.transforms import apply, largest_trained_level, pipeline
from core.training import device
from core.training.progress import Progress
from pages.components.run import machine
from pages.components.run.run_view import RunView
from pages.components.server import recording
from pages.components.text import duration, number
from pages.mnist_cnn import epoch_table, live, robustness
from tests.image_files import encoded
from tests.pages import helpers
from tests.pages.conftest import session
from tests.pages.helpers import (
    button,
    component,
    components,
    line_charts,
    lines_of,
    points_of,
    progress,
    rows,
    run_of,
    select,
    send,
    table,
    text,
    trained,
    trigger,
    widget,
)
from tests.waiting import wait_for

RECORDED = [preset for preset in PRESETS if (CHECKPOINTS / f"mnist_cnn-{preset}").exists()]
SHORT = {"samples": "500", "epochs": "1", "batch_size": "128", "network": "own", "channels": "2", "linear": "16"}
SHIPPED = "Predictions by the compact network that comes with the app"
FIRST = {f"mnist_cnn.field.{name}" for name in ("network", "learning_rate", "epochs", "noise", "samples")}

ONE = [[[0.5, 0.1], [0.5, 0.9]]]
ZERO = [[[0.5 + 0.2 * np.sin(angle), 0.5 - 0.35 * np.cos(angle)] for angle in np.linspace(0, 2 * np.pi, 30)]]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch) -> Iterator[None]:
    """Use one thread, also in runs: small operations are faster without a second one on a busy machine."""
    set_threads, threads = torch.set_num_threads, torch.get_num_threads()
    set_threads(1)
    monkeypatch.setattr(torch, "set_num_threads", lambda count: None)
    yield
    set_threads(threads)


@pytest.fixture
def open_cnn(start, monkeypatch) -> Callable[..., AppTest]:
    """Opens the page on a tab, its recording played to the end. No network is measured before it is trained.

    The lesson costs nothing to draw; it is open where a test says no other one.
    """
    monkeypatch.setattr("core.training.cpu_optimizations._measure", lambda tuner, config, batch: 0.001)
    monkeypatch.setattr(robustness, "_MAX_WORK", 6e9)  # 200 digits for the compact network

    def open_it(tab: str = "Lesson", **address: str) -> AppTest:
        app = session("mnist_cnn", **address)
        app.session_state["mnist_cnn.tab"] = tab
        app.run()
        assert not app.exception
        return app

    return open_it


def open_tab(app: AppTest, tab: str) -> AppTest:
    return helpers.open_tab(app, "mnist_cnn", tab)


def config(app: AppTest):
    return app.session_state["mnist_cnn.settings"].config


def settings(drawn) -> set[str]:
    """Return the keys of the settings in a part of the page."""
    kinds = ("selectbox", "select_slider", "slider", "toggle", "multiselect", "number_input")
    widgets = [widget for kind in kinds for widget in getattr(drawn, kind)]
    return {widget.key for widget in widgets if str(widget.key).startswith("mnist_cnn.field.")}


def change(app: AppTest, **values: object) -> AppTest:
    """Change settings by their widgets, one after the other."""
    for name, value in values.items():
        kinds = (app.multiselect, app.slider, app.select_slider, app.selectbox, app.toggle)
        next(widget for kind in kinds for widget in kind if widget.key == f"mnist_cnn.field.{name}").set_value(
            value
        ).run()
    assert not app.exception
    return app


def remarks(app: AppTest) -> str:
    return "\n".join(caption.value for caption in app.caption)


def alts(app: AppTest) -> list[str]:
    """Return the text alternatives of the images."""
    return [image.alt for pictures in app.get("image") for image in pictures.proto.imgs]


def chart(app: AppTest, alt: str):
    """Return the chart whose text alternative starts with this text."""
    return next(chart.proto for chart in app.get("vega_lite_chart") if chart.proto.alt.startswith(alt))


def row(app: AppTest) -> dict:
    """Return the data of the network row that the browser receives."""
    return component(app, "network_row")


def shares(app: AppTest, alt: str = "") -> list[float]:
    """Return the probabilities beside the network, or those of the chart with this text alternative."""
    return [point["share"] for point in rows(chart(app, alt))] if alt else row(app)["newest"]["probabilities"]


def explain(app: AppTest, layer: str, index: int = 0) -> AppTest:
    """Click a feature map, a unit or a probability."""
    (drawn,) = (each for each in components(app) if each.component_name == "network_row")
    trigger(app, drawn.id, "chosen", {"layer": layer, "index": index})
    assert not app.exception
    return app


def digits(app: AppTest) -> list[str]:
    """Return the text alternatives of the test digits: the newest first, then earlier updates."""
    bodies = [each.proto.body for each in app.get("html") if 'class="test-digits"' in each.proto.body]
    return [html.unescape(re.search('aria-label="([^"]*)"', body)[1]) for body in bodies]


def answer(app: AppTest) -> int:
    return int(np.argmax(shares(app)))


def diagram_of(app: AppTest) -> str:
    """Return the HTML of the network diagram."""
    return next(each.proto.body for each in app.get("html") if 'class="network-diagram"' in each.proto.body)


def loss_lines(app: AppTest) -> dict[str, str]:
    return lines_of(next(chart for chart in line_charts(app) if chart["alt"].startswith("Training loss")))


def cpu_optimizations_of(run: Run) -> str:
    """Return the displayed list of the CPU optimizations of a run."""
    words = {
        "channels_last": "channels last",
        "fused": "fused optimizer",
        "pool_first": "pooling before the activation",
    }
    chosen = [word for cpu_optimization, word in words.items() if cpu_optimization in run.config.cpu_optimizations]
    return ", ".join(
        ["16-bit multiplications" if "bfloat16" in run.config.cpu_optimizations else "32-bit multiplications", *chosen]
    )


def code(app: AppTest) -> str:
    """Return the last piece of code on the page."""
    bodies = [each.proto.body for each in app.get("html") if not each.proto.body.lstrip().startswith("<style>")]
    return html.unescape(re.sub("<[^>]*>", "", bodies[-1])).strip()


# ---- Training


TABS = {
    "Feature maps": "layer by layer, with the most active feature maps first",
    "Misclassified": "The most confident errors",
    "Robustness": "How much does the accuracy fall",
    "Data": "60,000 training digits",
    "Network": "The compact network is fixed",
    "Lesson": "What the tutorial gets wrong",
    "Code": "One update. Highlighted: clear the gradients",
    "Export": "No code in the file is executed",
}


@pytest.mark.parametrize("preset", RECORDED)
def test_every_preset_opens_with_its_recording(open_cnn, preset):
    app = open_cnn(preset=preset)
    assert config(app) == PRESETS[preset]
    recorded = recording(f"mnist_cnn-{preset}")
    history = recorded.history()
    assert re.match(r"Recording of “.+” · (update [\d,]+ of )?[\d,]+", progress(app))
    reached = f"**{recorded.metrics['accuracy/test']:.2%} accuracy** · update"
    lost = f"**Outputs are NaN** · update {recorded.metrics.get('diverged_at')} ·"
    assert [reached in text(app), lost in text(app)] == [preset != "break", preset == "break"]
    assert ["Diverged at update" in error.value for error in app.error] == [True] * (preset == "break")
    shown = (event.arrays["probabilities"] for event in reversed(history) if event.arrays)
    answers = next(each for each in shown if np.isfinite(each).all()).argmax(axis=1)
    right = int((answers == datasets.load("mnist", "test").labels[:60].numpy()).sum())
    assert digits(app)[0] == f"60 test digits with the network's predictions, {right} correct"
    losses = [point["y"] for point in points_of(app, "cross-entropy")]
    assert len(losses) >= min(20, history[-1].step // 2)
    assert set(losses) <= {float(f"{event.metrics['loss']:.7g}") for event in history if event.metrics.get("loss")}
    accuracies = [point for point in points_of(app, "accuracy") if point["line"] == "test"]
    assert accuracies[0]["y"] == pytest.approx(history[0].metrics["some/test"])
    # The axis starts at 0.9 only if no important line is below: "overfit" has one near 0.9
    start = line_charts(app)[1]["y"]["from"]
    assert start == (None if preset in ("overfit", "break") else 0.9)
    assert ("**Accuracy** on training and test digits (the axis starts at 90%)" in text(app)) is (start is not None)
    epochs = [event for event in history if "epoch" in event.metrics]
    shown_epochs = [row["epoch"] for row in table(app)]
    assert shown_epochs == [str(epoch + 1) for epoch in range(len(epochs))] or len(shown_epochs) == 6 < len(epochs)
    if epochs:
        assert table(app)[-1]["test"] == f"{epochs[-1].metrics['accuracy/test']:.2%}"
    if preset in ("digits", "break"):
        evaluating = ["Feature maps", "Misclassified", "Robustness"]
        for tab in TABS if preset == "digits" else evaluating:
            assert TABS[tab] in text(open_tab(app, tab)), tab
            assert ("Predictions by" in text(app)) is (tab in evaluating)
            # A network that has diverged is not evaluated
            assert (SHIPPED in text(app)) is (tab in evaluating and preset == "break")


@pytest.mark.parametrize(
    ("gpu", "address", "offered"),
    [
        (None, {}, []),
        ("cuda", {}, ["Automatic", "CPU", "NVIDIA GPU (cuda)"]),
        ("mps", {}, ["Automatic", "CPU", "Apple GPU (mps)"]),
        (None, {"device": "cuda"}, ["Automatic", "CPU", "NVIDIA GPU (cuda)"]),
    ],
)
def test_a_device_can_be_chosen_where_there_is_a_choice(open_cnn, monkeypatch, gpu, address, offered):
    monkeypatch.setattr(machine, "gpu", lambda: gpu)
    app = open_cnn(**address)

    found = [box.options for box in app.selectbox if box.label == "Device"]
    assert found == ([offered] if offered else [])


def test_a_device_that_this_machine_does_not_have_is_named(open_cnn, engine, monkeypatch):
    monkeypatch.setattr(device, "gpu", lambda: None)
    app = open_cnn(**SHORT, device="cuda")
    button(app, "Train").click().run()
    run = run_of(app, engine)
    wait_for(lambda: run.status.state.final)
    app.run()

    assert [error.value for error in app.error] == [
        "PyTorch cannot use the device “cuda” on this machine. Choose “Automatic” in “More settings”."
    ]


def test_train_starts_a_run_and_the_tabs_evaluate_its_network(open_cnn, engine):
    app = open_cnn("Feature maps", **SHORT)
    assert "Predictions by the network of the recording: accuracy 99." in text(app)
    run = trained(app, engine)
    assert (run.config.samples, run.config.epochs) == (500, 1)
    assert progress(app).startswith("Done · 4 updates")
    # 500 digits, although there were 4 batches of 128
    speed = f"{500 / run.elapsed:,.0f} digits per second, including evaluation · {cpu_optimizations_of(run)}"
    assert speed in remarks(app)
    reached = f"{run.metrics['accuracy/test']:.2%}"
    assert f"**{reached} accuracy** · update 4" in text(app)
    assert table(app) == [
        {
            "epoch": "1",
            "batch loss": f"{run.metrics['loss']:.3g}",
            "training": f"{run.metrics['accuracy/train']:.2%}",
            "test": reached,
        }
    ]
    assert f"Predictions by the trained network: accuracy {reached} on the 10,000 test digits." in text(app)
    assert row(app)["newest"]["title"] == "the trained network (update 4)"
    x, _label = datasets.load("mnist", "test").batch(torch.tensor([0]))
    with torch.inference_mode():
        asked = model.load(run.config, run.result.weights)((x - 0.1307) / 0.3081).softmax(dim=1)[0]
    assert shares(app) == pytest.approx(asked.tolist(), abs=6e-5)
    assert "previous" in loss_lines(app)  # the recording that was on the screen before
    button(app, "Hide the previous run").click().run()
    assert "previous" not in loss_lines(app)
    button(app, "Show the recording").click().run()
    assert "Predictions by the network of the recording: accuracy 99." in text(app)


def test_a_network_is_evaluated_while_it_trains_and_after_it_was_stopped(open_cnn, engine):
    app = open_cnn("Misclassified", **SHORT | {"epochs": "200"})
    button(app, "Train").click().run()
    run = run_of(app, engine)
    wait_for(lambda: run.latest and run.latest.step)
    assert "Predictions by the network at update" in text(app.run())
    assert "the network at update" in row(app)["newest"]["title"]
    button(app, "Pause").click().run()
    wait_for(lambda: run.status.state is State.PAUSED)
    run.current_weights()
    wait_for(lambda: f"Predictions by the network at update {run.latest.step:,}" in text(app.run()))
    assert progress(app).startswith("Paused")
    run.stop()
    wait_for(lambda: run.status.state.final)
    assert "Predictions by the trained network" in text(app.run())


def test_validation_and_the_tutorials_mistake_have_their_columns(open_cnn, engine):
    app = open_cnn(**SHORT, dropout="0.5", early_stopping="True", without_eval="True")
    run = trained(app, engine)
    ((event,), (row,)) = [event for event in run.history() if "epoch" in event.metrics], table(app)
    columns = {"training": "train", "test": "test", "validation": "validation", "without eval()": "without_eval"}
    assert list(row) == ["epoch", "batch loss", *columns]
    assert [row[name] for name in columns] == [f"{event.metrics[f'accuracy/{of}']:.2%}" for of in columns.values()]
    assert row["test"] != row["without eval()"]
    assert "Dropout still sets randomly chosen units to zero. A prediction should" in remarks(app)
    assert f"{450 / run.elapsed:,.0f} digits per second, including evaluation" in remarks(app)


def test_the_explanation_of_eval_depends_on_the_layers(open_cnn):
    told = {
        "compact": epoch_table.explain_without_eval({layer.kind for layer in model.summary(PRESETS["digits"])}),
        "tutorial": epoch_table.explain_without_eval({layer.kind for layer in model.summary(PRESETS["tutorial"])}),
        "norm": epoch_table.explain_without_eval({"Conv2d", "BatchNorm2d"}),
        "best": epoch_table.explain_without_eval({layer.kind for layer in model.summary(PRESETS["best"])}),
    }
    words = ("neither dropout nor batch norm", "Dropout still", "Batch norm uses")
    assert [[word in text for word in words] for text in told.values()] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
        [False, True, True],
    ]


def test_divergence_is_explained_and_the_next_run_has_a_tenth_of_the_rate(open_cnn, engine):
    # Not with ReLU: a large update can also make all units die, and then the loss stays finite
    app = open_cnn("Misclassified", preset="break", samples="300", epochs="1", channels="8", learning_rate="5")
    run = trained(app, engine)
    (told,) = (error.value for error in app.error)
    assert f"**Diverged at update {run.metrics['diverged_at']:.0f}**" in told
    assert "The learning rate is 5. " in told
    worst = max(event.metrics.get("loss") or 0 for event in run.history())
    assert f"The highest loss before divergence was {number(worst)}." in told
    assert "**Outputs are NaN**" in text(app)
    assert f"% accuracy** · update {run.latest.step}" not in text(app)
    assert SHIPPED in text(app)
    button(app, "Train with learning rate ÷ 10").click().run()
    tenth = run_of(app, engine)
    assert tenth is not run
    assert tenth.config == run.config.changed(learning_rate=0.5)
    assert config(app).learning_rate == 0.5
    assert app.query_params["learning_rate"] == "0.5"
    # Choices resolved for this machine do not become settings of the page
    assert (config(app).device, config(app).cpu_optimizations) == ("automatic", ("automatic",))
    assert "device" not in app.query_params


@pytest.mark.parametrize(
    ("metrics", "told"),
    [
        ({"accuracy/test": 0.9731}, "97.31% accuracy"),
        ({"accuracy/test": 0.098, "diverged_at": 7.0}, "Outputs are NaN"),
        ({"accuracy/test": None}, "Outputs are NaN"),
        # Early stopping has restored the network of the third epoch
        ({"accuracy/test": 0.9731, "epoch": 3.0, "diverged_at": 70.0}, "97.31% accuracy"),
    ],
)
def test_only_finite_outputs_are_counted(metrics, told):
    run = Run("0", "mnist_cnn", PRESETS["digits"], title="")
    run.state, run.metrics = State.DONE, metrics
    assert f"**{told}**" in live._headline(RunView(run, [], recorded=False))


SMALL = {"network": "own", "conv_layers": "3", "channels": "2", "linear": "16", "samples": "1000", "epochs": "1"}


@pytest.mark.parametrize(("share", "told"), [(1.0, "99.2% to 100.0%"), (0.9, "87.1% to 92.3%")])
def test_an_accuracy_on_few_digits_has_an_interval(share, told):
    run = Run("0", "mnist_cnn", PRESETS["digits"], title="")
    run_view = RunView(run, [Progress(8, 90, {"some/test": share})], recorded=False)
    accuracy = f"**{share:.1%} accuracy** on 500 test digits · update 8"
    assert live._headline(run_view) == f"{accuracy}  \n95% confidence interval {told}"


def test_the_selection_of_the_hardest_digits_is_shown_until_it_is_over():
    run = Run("0", "mnist_cnn", PRESETS["fast"], title="")
    history = [Progress(0, 9, {"some/test": 0.1}), Progress(0, 9, {"sifted": 0.25}), Progress(1, 9, {"loss": 2.3})]
    told = [live._headline(RunView(run, history[:end], recorded=False)) for end in (1, 2, 3)]
    assert told[0] == told[2].replace("update 1", "update 0")
    assert told[1] == "**A compact network trains first** to select the hardest digits: 25% done"


def test_the_hardest_digits_are_shown(open_cnn, engine, monkeypatch):
    monkeypatch.setattr("core.topics.mnist_cnn.config.PROXY_SAMPLES", 1_000)
    app = open_cnn(**SMALL, keep_fraction="0.2", label_smoothing="0.1")
    assert not [alt for alt in alts(app) if "highest loss" in alt]
    run = trained(app, engine)
    assert "**The hardest 60 of the 200 digits that this network trains on**" in text(app)
    assert "The 60 training digits on which the compact network has the highest losses" in alts(app)
    assert f"{200 / run.elapsed:,.0f} digits per second" in remarks(app)
    assert "(at least 0.50 with label smoothing)" in text(app)


@pytest.fixture
def drawn(monkeypatch) -> list[tuple[str, str]]:
    """Record the message boxes of `live`: the kind and the text of each."""
    boxes: list[tuple[str, str]] = []
    for kind in ("error", "info"):
        monkeypatch.setattr(live.st, kind, lambda text, icon, kind=kind: boxes.append((kind, text)))
    monkeypatch.setattr("pages.components.text._language", lambda: "en")
    return boxes


def evaluations(*differences: tuple[int, float]) -> list[Progress]:
    """Return events with these differences between the probabilities of digits, and one without an evaluation."""
    pictures = np.eye(N_SHOWN, 10, dtype=np.float16)
    events = [Progress(step, 60, {"loss": 2.3}, {"probabilities": pictures * each}) for step, each in differences]
    return sorted([*events, Progress(59, 60, {"loss": 2.3})], key=lambda event: event.step)


@pytest.mark.parametrize(
    ("history", "failed", "told"),
    [
        (
            evaluations((0, 0.1), (60, 0.0)),
            True,
            ("error", "**This network has died**: its output is the same for every digit."),
        ),
        (
            evaluations((0, 0.0), (60, 0.0)),
            False,
            ("info", "**This network has not learned yet**: its output is nearly the same"),
        ),
        # The probabilities were equal at update 40, but not at update 60
        (evaluations((0, 0.1), (40, 0.0), (60, 0.1)), False, None),
        (evaluations((0, 0.1), (40, 0.0)), False, None),
    ],
)
def test_a_network_that_has_died_or_not_learned_yet_is_explained(drawn, history, failed, told):
    run = Run("0", "mnist_cnn", PRESETS["digits"], title="")
    assert live.explain_failure(RunView(run, history, recorded=False)) is failed
    assert [(kind, text.startswith(told[1])) for kind, text in drawn] == ([(told[0], True)] if told else [])


# ---- Settings and the address


def test_five_settings_come_first(open_cnn):
    app = open_cnn()
    more = settings(app.expander[0])
    assert app.expander[0].label == "More settings"
    assert len(more) == 10
    assert settings(app) - more == FIRST
    assert dict(app.query_params) == {}


def test_the_time_to_train_is_that_of_the_settings(open_cnn):
    def told() -> str:
        return next(caption for caption in remarks(app).splitlines() if caption.startswith("Training time: "))

    app, seen = open_cnn(cpu_optimizations=""), set()
    for changes in ({}, {"epochs": 200}, {"samples": 5_000}):
        change(app, **changes)
        assert told() == f"Training time: {duration(estimate_seconds(config(app)))}", changes
        seen.add(told())
    assert len(seen) == 3


def test_what_differs_from_the_preset_is_in_the_address_and_comes_back(open_cnn):
    app = open_cnn("Network")
    change(app, network="own", noise=0.5, pooling="average")
    app.button_group(key="mnist_cnn.field.cpu_optimizations").set_value(["fused", "bfloat16"]).run()
    address = dict(app.query_params)
    changed = {"network": "own", "noise": "0.5", "pooling": "average", "cpu_optimizations": "fused,bfloat16"}
    assert address == changed | {"tab": "network"}
    other = open_cnn("Network", **changed)
    assert config(other) == config(app)
    assert dict(other.query_params) == address
    assert not other.warning
    app.selectbox(key="mnist_cnn.preset.widget").set_value("overfit").run()
    assert dict(app.query_params) == {"preset": "overfit", "tab": "network"}


BAD = {
    "preset=better": "There is no preset “better”",
    "network=alexnet": "“network = alexnet” cannot be used: it must be one of",
    "learning_rate=nan": "“learning_rate = nan” cannot be used",
    "noise=-0.1": "“noise = -0.1” cannot be used: it must be at least 0",
    "epochs=2.5": "“epochs = 2.5” cannot be used: it must be a whole number",
    "samples=99999999999999999999": "“samples = 99999999999999999999” cannot be used",
    "transforms=normalize,scale": "“transforms = normalize,scale” cannot be used: it must be one of",
    "cpu_optimizations=automatic,fused": "choose either “automatic” or specific",
    "batch_size=1": "the limit is 100,000 updates. Use larger batches or fewer epochs",
    "std=0": "“std = 0” cannot be used: it must be at least 0.01",
    "three_means=perhaps": "“three_means = perhaps” cannot be used: it must be true or false",
    "run=0123456789abcdef": "There is no run “0123456789abcdef”",
}


@pytest.mark.parametrize(
    "bad", [BAD, {"learning_rate=100": "“learning_rate = 100” cannot be used: it must be at most 10"}]
)
def test_an_invalid_address_gives_a_warning_and_the_page_works(open_cnn, bad):
    app = open_cnn(**dict(field.split("=") for field in bad))
    assert [told for told in bad.values() if told not in text(app)] == []
    assert progress(app).startswith("Recording")
    assert config(app) == PRESETS["digits"]
    links = [told for name, told in bad.items() if not name.startswith("run=")]
    assert [told for told in links if told not in text(app.run())] == []  # they stay until they are closed
    button(app, "Close").click().run()
    assert [told for told in bad.values() if told in text(app)] == []
    assert not app.exception


# ---- Data


def before_and_after(app: AppTest) -> list[SimpleNamespace]:
    """Return the displayed statistics of the digits before and after the transforms."""
    value = r"(-?[\d.]+)"
    pattern = rf"shape ([\d × ]+) · from {value} to {value} · mean {value}, standard deviation {value}"
    return [
        SimpleNamespace(shape=shape, low=float(low), high=float(high), mean=float(mean), deviation=float(deviation))
        for shape, low, high, mean, deviation in re.findall(pattern, remarks(app))
    ]


def test_the_transforms_of_the_address_keep_their_order(open_cnn):
    for chosen in (["normalize", "rotation", "resize"], ["resize", "rotation", "normalize"]):
        app = open_cnn("Data", transforms=",".join(chosen))
        assert widget(app, "mnist_cnn.field.transforms").value == chosen
        kinds = {"normalize": "Normalize", "rotation": "RandomRotation", "resize": "Resize"}
        assert re.findall(r"v2\.(\w+)\(", code(app))[-3:] == [kinds[link] for link in chosen]
    app.multiselect(key="mnist_cnn.field.transforms").set_value(["rotation", "noise"]).run()
    assert config(app).transforms == ("rotation", "noise")
    assert app.query_params["transforms"] == "rotation,noise"
    assert re.findall(r"v2\.(\w+)\(", code(app))[-2:] == ["RandomRotation", "GaussianNoise"]


def test_only_the_chosen_transforms_have_settings(open_cnn):
    app = open_cnn("Data")
    others = FIRST | settings(app.expander[0]) | {"mnist_cnn.field.transforms"}
    for transforms, fields in (
        (["normalize"], {"mean", "std", "three_means"}),
        (["resize", "noise"], {"resize"}),
        (["random_crop", "center_crop"], {"crop", "crop_padding"}),
        (["affine", "rotation", "vertical_flip"], {"rotation", "translate", "scale", "shear", "flip"}),
        ([], set()),
    ):
        change(app, transforms=transforms)
        assert {key.removeprefix("mnist_cnn.field.") for key in settings(app) - others} == fields, transforms


def test_the_displayed_statistics_are_those_of_the_code(open_cnn):
    app = open_cnn("Data")
    (labels,) = {alt.removeprefix("Eight digits: ") for alt in alts(app) if alt.startswith("Eight digits")}
    data, indices = datasets.load("mnist", "train"), [13, 1, 5, 7, 2, 0, 18, 4]
    assert labels == ", ".join(str(int(label)) for label in data.labels[indices])
    pictures = [Image.fromarray(image.numpy()) for image in data.images[indices]]
    plain = torch.stack([v2.functional.to_dtype(v2.functional.to_image(p), scale=True) for p in pictures])
    for changes, expected in (
        ({"transforms": ["normalize"], "mean": 0.5, "std": 0.5}, "1 × 28 × 28"),
        ({"transforms": ["resize", "normalize"], "resize": 14}, "1 × 14 × 14"),
        ({"transforms": ["normalize", "center_crop"], "crop": 20}, "1 × 20 × 20"),
        ({"transforms": ["normalize"], "three_means": True}, "3 × 28 × 28"),
        ({"transforms": []}, "1 × 28 × 28"),
    ):
        before, after = before_and_after(change(app, **changes))
        compose = eval(code(app), {"v2": v2, "torch": torch})
        for said, x in ((before, plain), (after, torch.stack([compose(picture) for picture in pictures]))):
            assert said.shape == " × ".join(map(str, x.shape[1:])), changes
            assert (said.low, said.high) == pytest.approx((float(x.min()), float(x.max())), abs=0.006), changes
            assert (said.mean, said.deviation) == pytest.approx((float(x.mean()), float(x.std())), abs=0.0006), changes
        assert after.shape == expected, changes
        if "mean" in changes:
            assert (after.low, after.high) == (-1, 1)
            assert after.mean == pytest.approx(2 * before.mean - 1, abs=0.002)
            assert after.deviation == pytest.approx(2 * before.deviation, abs=0.002)


def test_new_random_numbers_are_drawn_for_every_digit(open_cnn):
    app = open_cnn("Data", transforms="rotation", rotation="90")
    first = app.get("image")[-1].proto.imgs[0].url
    assert app.run().get("image")[-1].proto.imgs[0].url == first
    button(app, "Generate new random numbers").click().run()
    assert app.get("image")[-1].proto.imgs[0].url != first


def test_harmful_transforms_give_a_warning(open_cnn):
    app = open_cnn("Data", rotation="90", noise="0.25", three_means="True")
    for transforms, told in (
        (["normalize"], "Normalize with three means turned one channel into **three channels**"),
        (["vertical_flip"], "A flipped digit often does not look like a digit"),
        (["rotation"], "A digit that is rotated by up to 90° can look like something else"),
        (["affine"], "A digit that is rotated by up to 90° can look like something else"),
        (["noise"], None),
    ):
        change(app, transforms=transforms)
        warnings = [warning.value for warning in app.warning]
        assert [bool(told) and told in warning for warning in warnings] == [True] * bool(told), transforms
    change(app, transforms=["rotation"], rotation=45)
    assert not app.warning


def test_noise_says_where_its_slider_is_and_what_normalize_does_to_it(open_cnn):
    def warnings() -> list[str]:
        return [warning.value for warning in app.warning]

    app = open_cnn("Data", transforms="noise,normalize")
    (told,) = warnings()
    assert told.startswith("The Noise transform has no effect, because the “Pixel noise” slider in the sidebar")
    change(app, noise=0.3)
    assert "The **Noise** transform adds noise with standard deviation 0.3" in remarks(app)
    assert "use the “Pixel noise” slider" in remarks(app)
    assert not warnings()
    assert before_and_after(app)[1].low == pytest.approx(-0.1307 / 0.3081, abs=0.01)
    change(app, transforms=["normalize", "noise"])
    (told,) = warnings()
    assert told.startswith("The Noise transform clips every value to the range from 0 to 1")
    _before, after = before_and_after(app)
    assert (after.low, after.high) == (0, 1)


def test_a_sample_of_one_digit_is_shown(open_cnn):
    def labels(app: AppTest) -> list[str]:
        (alt,) = (alt for alt in alts(app) if "training digits with their labels" in alt)
        return alt.split(": ")[1].split(", ")

    app = open_cnn("Data")
    assert len(set(labels(app))) == 10
    before = labels(app)
    button(app, "Another sample").click().run()
    assert len(labels(app)) == 60
    assert labels(app) != before
    app.button_group(key="mnist_cnn.class").set_value(7).run()
    assert labels(app) == ["7"] * 60


def test_the_statistics_of_the_training_digits_are_the_published_ones(open_cnn):
    app = open_cnn("Data")
    assert "The pixel values have mean 0.1307 and standard deviation 0.3081" in text(app)
    assert "| after **ToTensor** | `torch.float32` | 1 × 28 × 28 | 0 … 1 |" in text(app)
    assert "| after **ToPILImage** | `PIL.Image`, L | 28 × 28 | the same image |" in text(app)
    assert sum(row["count"] for row in rows(chart(app, "Histogram of the pixel intensities"))) == 60_000 * 28 * 28


def test_a_browser_that_has_lost_its_choice_of_preset_changes_nothing(open_cnn):
    app = open_cnn(preset="overfit")
    app.selectbox(key="mnist_cnn.preset.widget").set_value(None).run()
    assert not app.exception
    assert config(app) == PRESETS["overfit"]
    assert widget(app, "mnist_cnn.preset.widget").value == "overfit"


def test_a_browser_that_sends_its_choice_of_preset_again_changes_nothing(open_cnn, monkeypatch):
    """A browser does this when it returns from another view while the server is busy."""
    app, draw, calls = open_cnn(preset="overfit", epochs="2"), st.selectbox, []

    def draw_and_call_back(label, *arguments, on_change=None, **options):
        drawn = draw(label, *arguments, on_change=on_change, **options)
        if label.startswith("Preset"):  # followed by “changed”
            calls.append(on_change())
        return drawn

    monkeypatch.setattr(st, "selectbox", draw_and_call_back)
    app.run()
    assert calls
    assert config(app) == PRESETS["overfit"].changed(epochs=2)


# ---- Network


@pytest.mark.parametrize(
    ("address", "layer", "message", "explained"),
    [
        ({"network": "tutorial", "padding": "0"}, "fc1", "(256x18432 and 25088x1024)", "14 × 14 × 128 = 25,088 inputs"),
        ({"transforms": "resize", "resize": "14"}, "fc1", "(256x288 and 1568x128)", "7 × 7 × 32 = 1,568 inputs"),
        (
            {"network": "own", "conv_layers": "4", "kernel": "9"},
            "conv3",
            "Kernel size can't be greater than actual input size",
            "kernel size − 1 − 2 · padding = 6,",
        ),
        (
            {"network": "own", "batch_norm": "1", "conv_layers": "3", "kernel": "4", "padding": "0", "samples": "257"},
            "norm3",
            "Expected more than 1 value per channel",
            "The last batch of an epoch contains only one image",
        ),
        (
            {"three_means": "True"},
            "conv1",
            "to have 1 channels, but got 3 channels",
            "Normalize transform with three means",
        ),
    ],
)
def test_a_network_that_does_not_fit_is_explained_and_not_trained(open_cnn, engine, address, layer, message, explained):
    app = open_cnn("Network", **address)
    assert [error.value for error in app.error] == [
        f"This network cannot be built: PyTorch raises an error in layer {layer}. See the “Network” tab.",
        f"PyTorch raises an error in layer **{layer}**:",
    ]
    (code_,) = (code.value for code in app.code)
    assert message in code_
    assert explained in text(app)
    assert "does not match the shape of its input" in diagram_of(app)
    assert [button(app, name).disabled for name in ("Train", "Step", "Reset", "New seed")] == [True] * 3 + [False]
    assert progress(app).startswith("Recording")
    app.session_state["mnist_cnn.settings"].config = PRESETS["digits"]
    app.run()
    assert not app.error
    assert not button(app, "Train").disabled


def test_a_network_that_is_too_large_is_not_trained(open_cnn):
    app = open_cnn(network="own", pooling="none", channels="128", linear="2048")
    assert ["parameters. The limit is 60,000,000." in error.value for error in app.error] == [True]
    assert button(app, "Train").disabled


def test_the_diagram_shows_the_users_own_network(open_cnn):
    def diagram(app: AppTest) -> str:
        return re.sub("<[^>]*>", " ", diagram_of(app))

    app = open_cnn("Network", network="own", channels="8", kernel="5", padding="2", linear="32")
    weights = (8 * 25 + 8) + (16 * 8 * 25 + 16) + (32 * 16 * 49 + 32) + (10 * 32 + 10)
    products = 784 * 8 * 25 + 196 * 16 * 8 * 25 + 32 * 16 * 49 + 10 * 32
    assert f"{weights:,} parameters · {products / 1e6:.1f} million multiply-adds" in diagram(app)
    assert "norm1" not in diagram(app)
    app.toggle(key="mnist_cnn.field.batch_norm").set_value(True).run()
    assert f"{weights + 2 * 8 + 2 * 16:,} parameters" in diagram(app)
    app.slider(key="mnist_cnn.field.padding").set_value(1).run()
    app.selectbox(key="mnist_cnn.field.network").set_value("tutorial").run()
    assert "25,775,882 parameters · 84 million multiply-adds" in diagram(app)
    app.selectbox(key="mnist_cnn.field.network").set_value("compact").run()
    assert "207,178 parameters" in diagram(app)
    assert "For conv1: ⌊(28 + 2 · 2 − 5) / 2⌋ + 1 = 14." in remarks(app)
    assert settings(app) == FIRST | settings(app.expander[0])


def sent(app: AppTest) -> SimpleNamespace:
    """Return the data for the explanation of a pixel that the browser receives."""
    return SimpleNamespace(**component(app, "convolution"))


def floats(packed: str) -> torch.Tensor:
    return torch.from_numpy(np.frombuffer(base64.b64decode(packed), "<f4").copy())


def test_the_explanation_of_a_pixel_has_the_values_of_image_and_network(open_cnn):
    app = open_cnn("Feature maps")
    button(app, "Test digit").click().run()
    explain(app, "conv1", 3)
    x, _label = datasets.load("mnist", "test").batch(torch.tensor([18]))
    torch.testing.assert_close(floats(sent(app).inputs), ((x - 0.1307) / 0.3081).flatten())
    explain(app, "conv2", 7)
    app.slider(key="mnist_cnn.detail.index.conv2").set_value(30).run()
    found, weights = sent(app), recording("mnist_cnn-digits").result.weights
    assert found.names == ["relu1", "conv2, feature map 30"]
    torch.testing.assert_close(floats(found.weights), weights["conv2.weight"][29].flatten())
    inputs = F.conv2d((x - 0.1307) / 0.3081, weights["conv1.weight"], weights["conv1.bias"], 2, 2).relu()
    outputs = F.conv2d(inputs, weights["conv2.weight"][29:30], weights["conv2.bias"][29:30], padding=1)
    torch.testing.assert_close(floats(found.outputs), outputs.flatten(), atol=1e-4, rtol=1e-4)


def test_the_explanation_of_a_pixel_ends_before_batch_norm(open_cnn):
    app = explain(open_cnn(preset="best"), "conv2", 19)
    found, weights = sent(app), recording("mnist_cnn-best").result.weights
    inputs = floats(found.inputs).view(1, found.channels, found.rows, found.columns)
    outputs = F.conv2d(inputs, weights["conv2.weight"][19:20], weights["conv2.bias"][19:20], padding=1)
    torch.testing.assert_close(floats(found.outputs), outputs.flatten(), atol=1e-4, rtol=1e-4)
    window = component(explain(app, "norm2", 19), "window_value")
    norm = [weights[f"norm2.{name}"] for name in ("running_mean", "running_var", "weight", "bias")]
    expected = F.batch_norm(outputs, *(value[19:20] for value in norm))
    torch.testing.assert_close(floats(window["outputs"]), expected.flatten(), atol=1e-4, rtol=1e-4)


# ---- Drawing


def draw(app: AppTest, strokes: list, *, version: int = 0) -> AppTest:
    """Draw on the pad as the browser does."""
    drawn = {"version": version, "drawing": {"strokes": strokes, "pen": 0.08}}
    return send(app, drawn, "pad")


def upload(app: AppTest, data: bytes, name: str = "digit.png") -> AppTest:
    uploader = next(uploader for uploader in app.file_uploader if uploader.label == "A photo of a digit")
    uploader.set_value((name, data, "image/png")).run()
    assert not app.exception
    return app


def digit(index: int) -> Image.Image:
    return Image.fromarray(datasets.load("mnist", "test").images[index].numpy())


def photo(index: int = 0, mode: str = "L") -> Image.Image:
    """Return an image of a test digit as a dark drawing on larger, light paper."""
    paper = Image.new("L", (200, 300), 230)
    paper.paste(digit(index).resize((140, 140)).point(lambda ink: 230 - 0.8 * ink), (30, 80))
    return paper.convert(mode)


def origin(app: AppTest) -> str:
    """Return the displayed origin of the input image."""
    (said,) = (caption.value for caption in app.caption if caption.value.startswith("28 × 28 pixels: "))
    return said.removeprefix("28 × 28 pixels: ")


def test_a_drawing_is_classified(open_cnn):
    app = open_cnn("Feature maps")
    assert origin(app) == "a digit from the test set"
    for strokes, expected in ((ONE, 1), (ZERO, 0)):
        draw(app, strokes)
        assert answer(app) == expected
        assert shares(app)[expected] == max(shares(app)) > 0.9
        assert origin(app) == "your drawing, centered and scaled like an MNIST digit"
    assert answer(open_tab(open_tab(app, "Network"), "Feature maps")) == 0
    draw(app, [])
    assert origin(app) == "a digit from the test set"


def pixels(app: AppTest, alt: str, scale: int) -> np.ndarray:
    """Return the pixels (H, W, 3) of the image whose text alternative starts with ``alt``, scaled down by ``scale``."""
    (image,) = (image for pictures in app.get("image") for image in pictures.proto.imgs if image.alt.startswith(alt))
    picture = Image.open(io.BytesIO(base64.b64decode(image.url.partition("base64,")[2])))
    return np.asarray(picture.convert("RGB"), float)[scale // 2 :: scale, scale // 2 :: scale]


def blueness(points: np.ndarray) -> np.ndarray:
    """Return a value above 0 for the color of positive numbers, below 0 for that of negative ones."""
    return points[..., 2] - points[..., 0]


def test_feature_maps_are_those_of_core(open_cnn):
    app, recorded = open_cnn("Feature maps"), recording("mnist_cnn-digits")
    asked = model.load(recorded.config, recorded.result.weights)
    x = (datasets.load("mnist", "test").batch(torch.tensor([0]))[0] - 0.1307) / 0.3081
    maps = feature_maps(asked, x)
    order = maps["conv1"].mean(dim=(1, 2)).argsort(descending=True)
    weights = recorded.result.weights["conv1.weight"][order, 0].numpy()
    tiles = {
        ("The filters of the first layer", 11): weights,
        ("The 16 most active feature maps after conv1", 4): maps["conv1"][order].numpy(),
    }
    for (alt, scale), expected in tiles.items():
        side, found = expected.shape[1], blueness(pixels(app, alt, scale))
        for at, values in enumerate(expected):
            top, left = at // 4 * (side + 1), at % 4 * (side + 1)
            shown_values = found[top : top + side, left : left + side]
            clear = abs(values) > 0.05 * abs(expected).max()
            assert np.array_equal(np.sign(shown_values)[clear], np.sign(values)[clear]), alt
    units = maps["relu3"]
    active = units.argsort(descending=True)[:5].tolist()
    most = ", ".join(f"{unit} ({number(float(units[unit]))})" for unit in active)
    on = int((units > 0).sum())
    assert f"**fc1**: 128 units, {on} with a positive value after the activation. Most active: {most}" in remarks(app)
    shown_units = blueness(pixels(app, "The 128 units of fc1", 12)).flatten()
    assert (shown_units[units > 0.01 * units.max()] > 0).all()
    assert not shown_units[units == 0].any()
    assert "**conv2**: 16 of 32 feature maps, 14\u00a0×\u00a014" in remarks(app)


CROPPED = {"network": "own", "channels": 4, "linear": 16, "transforms": ("normalize", "center_crop")}


@pytest.mark.parametrize(("changes", "side"), [({}, 28), (CROPPED | {"crop": 20}, 20), (CROPPED | {"crop": 36}, 36)])
def test_the_occlusion_map_lies_over_the_input_of_the_network(open_cnn, changes, side):
    config = PRESETS["digits"].changed(**changes)
    asked = model.build(config).eval()
    for weight in asked.parameters():
        weight.data *= 2  # makes the outputs differ
    app = load(open_cnn("Export"), write(asked.state_dict(), ModelCard("mnist_cnn", config, {}, "MNIST", "2026-01-01")))
    open_tab(app, "Feature maps")
    assert "Predictions by the network from your file" in text(app)
    ink = datasets.load("mnist", "test").images[0].double() / 255
    seen = v2.functional.center_crop(ink, [side, side])
    x = ((seen - 0.1307) / 0.3081).float()
    if side == 36:  # the added border has the value of the mean
        frame = torch.full((36, 36), True)
        frame[4:-4, 4:-4] = False
        x[frame], seen[frame] = 0, 0.1307
    caption = f"{side} × {side} pixels: a digit from the test set"
    assert caption in remarks(app)
    shown_ink = 1 - pixels(app, f"The {side} × {side} input pixels", 8)[..., 0] / 255
    assert np.abs(shown_ink - seen.numpy()).max() < 0.01
    x = x.view(1, 1, side, side)
    falls = occlusion_map(asked, x, int(logits(asked, x).argmax()), size=side // 5, fill=-0.1307 / 0.3081).numpy()
    found = pixels(app, "Occlusion map", 8)
    assert found.shape == (side, side, 3)
    clear = np.abs(falls) > 0.1 * np.abs(falls).max()
    assert 0.05 < clear.mean() < 0.95
    assert np.array_equal(np.sign(blueness(found))[clear], np.sign(falls)[clear])
    # The digit is drawn below the colors: dark where its intensity is high
    bright = found.max(axis=-1)[np.abs(falls) < 0.002] / 255
    assert np.abs(bright - (1 - 0.65 * seen.numpy()[np.abs(falls) < 0.002])).max() < 0.05
    assert (
        f"falls, by up to {100 * max(0, falls.max()):.0f} percentage points. Orange: this probability rises."
        in remarks(app)
    )


def test_a_cat_is_classified_as_a_digit(open_cnn):
    app = draw(open_cnn("Feature maps"), ONE)
    before = shares(app)
    button(app, "Cat").click().run()
    assert shares(app) != before
    assert sum(shares(app)) == pytest.approx(1, abs=1e-3)
    assert "**Draw a cat or a house**: the network classifies the drawing as a digit" in text(app)
    pad = component(app, "pad")
    assert len(pad["strokes"]) > 5
    assert pad["pen"] == 0.08  # still the pen of the previous drawing


def test_test_digits_come_with_their_labels(open_cnn):
    app, seen = explain(open_cnn("Feature maps"), "softmax"), []
    for _ in range(3):
        label = int(re.search(r"test digit, label (\d)", row(app)["note"])[1])
        (index,) = (
            index
            for index in (0, 18, 115, 4, 3, 340, 7, 61)
            if np.array_equal(app.session_state["mnist_cnn.picture"].pixels * 255, np.asarray(digit(index)))
        )
        assert label == int(datasets.load("mnist", "test").labels[index])
        assert app.selectbox(key="mnist_cnn.label").value == label
        seen.append(index)
        button(app, "Test digit").click().run()
    assert len(set(seen)) == 3
    draw(app, ONE)
    button(app, "Test digit").click().run()
    assert origin(app) == "a digit from the test set"


def test_an_uploaded_mnist_digit_is_not_changed(open_cnn):
    app = upload(open_cnn("Feature maps"), encoded(digit(61)))
    assert answer(app) == int(datasets.load("mnist", "test").labels[61])
    assert "The photo is used unchanged because it has 28 × 28 pixels, like an MNIST digit." in remarks(app)
    assert np.array_equal(app.session_state["mnist_cnn.picture"].pixels * 255, np.asarray(digit(61)))
    weights = recording("mnist_cnn-digits")
    x = (torch.from_numpy(np.array(digit(61))).view(1, 1, 28, 28) / 255 - 0.1307) / 0.3081
    expected = logits(model.load(weights.config, weights.result.weights), x).softmax(dim=1)[0]
    assert shares(app) == pytest.approx(expected.tolist(), abs=6e-5)


def test_the_newest_image_is_classified(open_cnn):
    app = upload(draw(open_cnn("Feature maps"), ONE), encoded(digit(0)))
    assert answer(app) == 7
    open_tab(open_tab(app, "Misclassified"), "Feature maps")
    assert answer(app) == 7
    assert answer(draw(app, ZERO)) == 0
    assert answer(upload(app, encoded(photo()))) == 7
    assert "Inverted because MNIST digits are light on a dark background." in remarks(app)
    button(app, "Cat").click().run()
    assert origin(app).startswith("your drawing")
    upload(app, encoded(digit(0)))
    button(app, "Test digit").click().run()
    assert origin(app) == "a digit from the test set"
    uploader = next(uploader for uploader in app.file_uploader if uploader.label == "A photo of a digit")
    assert uploader.value is None


def two_digits(paper: int = 230) -> bytes:
    """Return a photo of the test digits 0 and 61, an easy 7 and an 8, side by side on paper of this brightness."""
    sheet = Image.new("L", (400, 200), paper)
    for left, index in ((40, 0), (220, 61)):
        sheet.paste(digit(index).resize((140, 140)).point(lambda ink: paper - 0.8 * ink), (left, 30))
    return encoded(sheet)


def test_all_digits_in_a_photo_are_classified_and_each_can_be_the_input(open_cnn):
    app = upload(open_cnn("Feature maps"), two_digits())
    assert "**2 digits**, classified as 7, 8" in [block.value for block in app.markdown]
    assert "1. Photo: 2 digits found" in remarks(app)
    assert (answer(app), origin(app)) == (7, "digit 1 of 2 in your photo, as network input")
    app.button_group(key="mnist_cnn.photo.digit").set_value(1).run()
    assert (answer(app), origin(app)) == (8, "digit 2 of 2 in your photo, as network input")
    upload(app, two_digits(paper=210))
    assert (answer(app), origin(app)) == (7, "digit 1 of 2 in your photo, as network input")
    upload(app, encoded(photo()))
    assert (answer(app), origin(app)) == (7, "your photo, as network input")


def test_the_choices_for_a_photo_stay_while_it_is_not_drawn(open_cnn):
    app = upload(open_cnn("Feature maps"), two_digits())
    app.button_group(key="mnist_cnn.photo.digit").set_value(1).run()
    app.toggle(key="mnist_cnn.photo.lines").set_value(False).run()
    for page in ("optimizers", "mnist_cnn"):  # Streamlit forgets the widgets of other pages
        app._page_hash, app.query_params = calc_hash(page), {}
        app.run()
    assert origin(app) == "digit 2 of 2 in your photo, as network input"
    assert app.toggle(key="mnist_cnn.photo.lines").value is False


def test_digits_beyond_the_limit_are_counted(open_cnn, monkeypatch):
    monkeypatch.setattr(digit_photos, "MAX_DIGITS", 1)
    app = upload(open_cnn("Feature maps"), two_digits(paper=220))
    assert "1. Photo: 2 digits found" in remarks(app)
    assert "Only 1 of 2 digits are used. Crop the photo to see the others." in [box.value for box in app.warning]


def test_a_step_can_be_left_out(open_cnn):
    """A thin 1 has thicker strokes with the step, and without it those of the photo."""
    paper = Image.new("L", (300, 300), 230)
    ImageDraw.Draw(paper).line((150, 60, 150, 240), fill=40, width=5)
    app = upload(open_cnn("Feature maps"), encoded(paper))
    thick = app.session_state["mnist_cnn.picture"].pixels
    app.toggle(key="mnist_cnn.photo.thicken").set_value(False).run()
    thin = app.session_state["mnist_cnn.picture"].pixels
    assert thin.sum() < 0.6 * thick.sum()
    assert answer(app) == 1


HUGE = b"\x89PNG\r\n\x1a\n" + b"".join(
    len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    for kind, data in (
        (b"IHDR", (60_000).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"),
        (b"IDAT", zlib.compress(b"")),
        (b"IEND", b""),
    )
)


BAD_PICTURES = {
    "text": (b"This is no picture", "This is not an image. Supported formats"),
    "empty": (b"", "This is not an image. Supported formats"),
    "truncated": (encoded(Image.effect_noise((80, 80), 50))[:2000], "This file is incomplete or damaged"),
    "huge header": (HUGE, "This image has more than 50 million pixels"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0", "This image format is not supported"),
    "uniform": (encoded(Image.new("L", (50, 50), 200)), "the image has no contrast"),
    "black": (encoded(Image.new("L", (28, 28))), "the image has no contrast"),
    "large file": (b"\x89PNG" + bytes(20 * 2**20), "This file is too large: the limit is 20 MB"),
}


def test_an_invalid_image_gives_a_warning_and_the_page_works(open_cnn):
    app = draw(open_cnn("Feature maps"), ONE)
    for name, (data, told) in BAD_PICTURES.items():
        upload(app, data)
        assert [told in warning.value for warning in app.warning] == [True], name
        assert row(app)["newest"] is None, name  # no old prediction for a rejected photo
        assert told in row(app)["refused"], name
    assert upload(app, encoded(digit(0))).warning.len == 0
    assert answer(app) == 7


NOTED = {
    "Animated image: only the first frame is used.": encoded(
        photo(mode="RGB"), "GIF", save_all=True, append_images=[Image.new("RGB", (200, 300))]
    ),
    "Converted from print colors (CMYK) to screen colors (RGB).": encoded(photo(mode="CMYK"), "JPEG"),
    "Transparent pixels were made white.": encoded(
        Image.merge("LA", [Image.new("L", (100, 100)), digit(0).resize((100, 100))])
    ),
    "Converted from 16 to 8 bits per channel.": encoded(Image.fromarray(np.asarray(photo(), np.uint16) * 257)),
    "The pixel values need more than 8 bits": encoded(Image.fromarray(np.asarray(photo(), np.float32) * 9), "TIFF"),
    "A very large image was scaled down.": encoded(photo().resize((2000, 3000))),
}


def test_an_image_of_another_kind_is_classified_with_a_note(open_cnn):
    app = open_cnn("Feature maps")
    for note, data in NOTED.items():
        upload(app, data)
        assert [other for other in NOTED if other in remarks(app)] == [note]
        assert answer(app) == 7, note


# ---- From logits to probabilities


def test_moving_a_logit_changes_all_probabilities_by_softmax(open_cnn):
    def sliders() -> torch.Tensor:
        return torch.tensor([app.slider(key=f"mnist_cnn.logit.{digit}").value for digit in range(10)])

    def loss() -> float:
        return float(re.search(r"Cross-entropy: .* = \*\*([\d.]+)\*\*", text(app))[1])

    app = explain(open_cnn("Feature maps"), "softmax")
    own = sliders()
    assert shares(app) == pytest.approx(own.softmax(dim=0).tolist(), abs=0.05)
    for digit, value in ((7, -2.0), (8, 7.5)):
        app.slider(key=f"mnist_cnn.logit.{digit}").set_value(value).run()
        assert sliders()[digit] == value
        expected = sliders().softmax(dim=0)
        assert shares(app, "Softmax") == pytest.approx(expected.tolist(), abs=1e-5)
        right = app.selectbox(key="mnist_cnn.label").value
        assert right == 7
        assert loss() == pytest.approx(-np.log(float(expected[right])), rel=0.006)
    app.selectbox(key="mnist_cnn.label").set_value(8).run()
    assert loss() == pytest.approx(-np.log(float(expected[8])), rel=0.006)
    button(app, "Close").click().run()
    explain(app, "softmax")
    assert torch.equal(sliders(), own)
    app.slider(key="mnist_cnn.logit.0").set_value(30.0).run()
    button(app, "Back to the network's logits").click().run()
    assert torch.equal(sliders(), own)
    draw(app, ONE)
    assert sliders().argmax() == app.selectbox(key="mnist_cnn.label").value == 1


# ---- Misclassified digits


@pytest.fixture(scope="module")
def answered() -> tuple[torch.Tensor, torch.Tensor]:
    """Return the probabilities (10000, 10) of the recorded network for the test digits, and their labels."""
    recorded, data = recording("mnist_cnn-digits"), datasets.load("mnist", "test")
    x = (data.images.unsqueeze(1) / 255 - 0.1307) / 0.3081
    return logits(model.load(recorded.config, recorded.result.weights), x).softmax(dim=1), data.labels


def click_cell(app: AppTest, label: int, answer: int) -> AppTest:
    matrix = chart(app, "Confusion matrix")
    return select(app, matrix.id, "cell", row=str(label), column=str(answer))


def readings(app: AppTest) -> list[tuple[int, int]]:
    """Return the label and the prediction of each displayed digit."""
    (alt,) = (alt for alt in alts(app) if alt.startswith("Test digits with the network's predictions"))
    return [(int(label), int(answer)) for label, answer in re.findall(r"(\d) classified as (\d)", alt)]


def test_the_confusion_matrix_counts_all_test_digits(open_cnn, answered):
    probabilities, labels = answered
    app = open_cnn("Misclassified")
    expected = confusion_matrix(labels, probabilities.argmax(dim=1))
    cells = {(int(row["row"]), int(row["column"])): row["value"] for row in rows(chart(app, "Confusion matrix"))}
    assert len(cells) == 100
    assert all(cells[cell] == int(expected[cell]) for cell in cells)
    wrong = 10_000 - int(expected.trace())
    assert f"**{wrong} of 10,000 test digits are misclassified**" in text(app)
    assert 1 - wrong / 10_000 == pytest.approx(recording("mnist_cnn-digits").metrics["accuracy/test"], abs=1e-4)
    worst = misclassified(probabilities, labels)[:24]
    answers = probabilities.argmax(dim=1)
    assert readings(app) == [(int(labels[index]), int(answers[index])) for index in worst]


def test_a_cell_shows_its_digits(open_cnn, answered):
    probabilities, labels = answered
    app = open_cnn("Misclassified")
    worst = readings(app)
    answers = probabilities.argmax(dim=1)
    off = confusion_matrix(labels, answers).fill_diagonal_(0)
    label, wrong = divmod(int(off.argmax()), 10)
    click_cell(app, label, wrong)
    count = len(confusion_cell(labels, answers, label, wrong))
    images = "image" if count == 1 else "images"
    assert f"**{count} {images} with label {label}, classified as {wrong}**, most confident first" in text(app)
    assert readings(app) == [(label, wrong)] * count
    chosen = {"mnist_cnn.cell.label": label, "mnist_cnn.cell.answer": wrong}
    assert {key: app.selectbox(key=key).value for key in chosen} == chosen
    app.selectbox(key="mnist_cnn.cell.label").set_value(4).run()  # by keyboard, starting from the clicked cell
    app.selectbox(key="mnist_cnn.cell.answer").set_value(9).run()
    assert readings(app) == [(4, 9)] * len(confusion_cell(labels, answers, 4, 9))
    click_cell(app, 4, 4)
    assert f"{len(confusion_cell(labels, answers, 4, 4))} images with label 4, classified correctly**, least" in text(
        app
    )
    assert readings(app) == [(4, 4)] * 36
    button(app, "Back to the most confident errors").click().run()
    assert readings(app) == worst
    app.selectbox(key="mnist_cnn.cell.label").set_value(4).run()
    assert readings(app) == worst
    app.selectbox(key="mnist_cnn.cell.answer").set_value(9).run()
    assert readings(app) == [(4, 9)] * len(confusion_cell(labels, answers, 4, 9))


# ---- Robustness


def marks(app: AppTest) -> list[float]:
    """Return the levels marked as "training level": noise, rotation, shift."""
    return [mark["x"] for chart in line_charts(app) for mark in chart["marks"] if mark["label"] == "training level"]


def test_the_curves_begin_at_the_accuracy_without_a_corruption(open_cnn, answered):
    probabilities, labels = answered
    app = open_cnn("Robustness")
    count = int(re.search(r"\*\*Noise\*\* \((\d+) test digits\)", text(app))[1])
    assert 150 < count < 250
    plain = float((probabilities.argmax(dim=1) == labels)[:count].double().mean())
    for kind in ("standard deviation of the noise", "rotation angle in degrees", "shift in pixels"):
        ((curve,),) = (chart["lines"] for chart in line_charts(app) if chart["x"]["title"] == kind)
        assert (curve["x"][0], curve["y"][0]) == (0, pytest.approx(plain))
        assert curve["y"][-1] < 0.5
    assert marks(app) == [0, 10, pytest.approx(2.8)]
    before = alts(app)[-3:]
    app.select_slider(key="mnist_cnn.level.shift").set_value(8.0).run()
    assert before != alts(app)[-3:]
    assert "a" not in alts(app)[-1].split(": ")[1]


def test_the_levels_in_training_are_marked(open_cnn, monkeypatch):
    monkeypatch.setattr(robustness, "_MAX_WORK", 0)  # 50 digits
    config = PRESETS["digits"].changed(network="own", channels=2, noise=0.4, transforms=("rotation",), rotation=30)
    weights = model.build(config).state_dict()
    app = load(open_cnn("Export"), write(weights, ModelCard("mnist_cnn", config, {}, "MNIST", "2026-01-01")))
    open_tab(app, "Robustness")
    assert marks(app) == [0.4, 30, 0]


@pytest.mark.parametrize(
    ("changes", "pixels"),
    [
        ({"transforms": ("normalize",)}, 0),
        ({"transforms": ("random_crop",), "crop": 24}, 2),
        ({"transforms": ("random_crop",), "crop": 28, "crop_padding": 2}, 2),
        ({"transforms": ("random_crop",), "crop": 40}, 6),
        ({"transforms": ("affine",), "translate": 0.25}, 7),
        ({"transforms": ("affine", "random_crop"), "translate": 0.25, "crop": 40, "crop_padding": 1}, 12),
    ],
)
def test_the_shift_in_training_is_the_largest_distance_of_its_digits(changes, pixels):
    config = PRESETS["digits"].changed(**changes, rotation=0, scale=0)
    assert largest_trained_level(config, "shift") == pixels
    x = torch.zeros(300, 1, 28, 28)
    x[:, :, 13:15, 13:15] = 1
    moved = apply(pipeline(config, training=True), x, 0)[:, 0]
    rows = (moved.sum(dim=2) * torch.arange(moved.shape[1])).sum(dim=1) / moved.sum(dim=(1, 2))
    farthest = (rows - (moved.shape[1] - 1) / 2).abs().max()
    assert float(farthest) == pytest.approx(pixels, abs=0.1 + 0.1 * pixels)


# ---- Export


def load(app: AppTest, data: bytes) -> AppTest:
    app.file_uploader(key="mnist_cnn.weights").set_value(("network.safetensors", data, "")).run()
    assert not app.exception
    return app


def test_a_downloaded_network_is_loaded_again_and_evaluated(open_cnn, engine, downloads):
    app = open_cnn("Export", **SHORT)
    run = trained(app, engine)
    data = downloads[f"mnist_cnn-{run.id}.safetensors"]()
    other = load(open_cnn("Export"), data)
    assert "The other tabs now use the network from your file. Training data: MNIST" in other.success[0].value
    card = json.loads(other.json[0].value)
    assert card["config"]["samples"] == 500
    assert card["metrics"]["accuracy/test"] == run.metrics["accuracy/test"]
    open_tab(other, "Feature maps")
    reached = f"{run.metrics['accuracy/test']:.2%}"
    title = f"Predictions by the network from your file: accuracy {reached} on the 10,000 test digits."
    assert title in text(other)
    assert shares(other) == shares(open_tab(app, "Feature maps"))
    button(open_tab(other, "Export"), "Stop using the uploaded network").click().run()
    assert not other.success
    assert "Predictions by the network of the recording" in text(open_tab(other, "Misclassified"))


def bad_files() -> dict[str, tuple[bytes, str]]:
    recorded = recording("mnist_cnn-digits")
    weights, card = recorded.result.weights, ModelCard("mnist_cnn", recorded.config, {}, "MNIST", "2026-01-01")
    good = write(weights, card)
    infinite = weights | {"fc2.bias": torch.full((10,), float("inf"))}
    overflowing = weights | {"fc2.weight": torch.full((10, 128), 3e38)}
    other = {name: weight for name, weight in weights.items() if name != "fc2.bias"}
    pickled = io.BytesIO()
    torch.save(weights, pickled)
    return {
        "torch.save": (pickled.getvalue(), "Opening it could run code, so it was not opened"),
        "pickle": (b"\x80\x04cos\nsystem\n", "Opening it could run code, so it was not opened"),
        "truncated": (good[:100_000], "This is not a safetensors file, or it is incomplete"),
        "text": (b"hello", "This is not a safetensors file, or it is incomplete"),
        "no card": (safetensors.torch.save(weights), "This file has no model card from this app"),
        "another topic": (
            write(weights, ModelCard("mlp", recorded.config, {}, "MNIST", "")),
            "belong to a different page (mlp)",
        ),
        "another network": (write(other, card), "These weights belong to a different network: fc2.bias is missing."),
        "eight bits": (
            write(weights | {"fc2.bias": torch.zeros(10).to(torch.float8_e4m3fn)}, card),
            "the expected format of fc2.bias is float32, but the file contains float8_e4m3fn (10,).",
        ),
        "infinite": (write(infinite, card), "weights are not finite"),
        "overflowing": (write(overflowing, card), "weights are not finite"),
    }


def test_an_invalid_file_gives_an_error_and_changes_nothing(open_cnn):
    app = open_cnn("Export")
    for name, (data, told) in bad_files().items():
        (error,) = (error.value for error in load(app, data).error)
        assert told in error, name
        assert not app.success
    assert "Predictions by the network of the recording" in text(open_tab(app, "Feature maps"))
    assert not app.error
