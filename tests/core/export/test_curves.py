"""The curves of a run as CSV, as figures, and as event files for TensorBoard."""

import csv
import io
import zipfile
from xml.etree import ElementTree

import numpy as np
import pandas
import pytest
from matplotlib import image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from core.engine import RunStore
from core.export.curves import Curves, history_csv
from core.export.event_files import events_zip, write_events
from core.export.figures import figure
from core.paths import CHECKPOINTS
from core.topics import names, topic
from core.training.progress import Progress

HISTORY = [
    Progress(0, 4, {"loss": 2.5, "accuracy/test": 0.1}),
    Progress(2, 4, {"loss": None}),
    Progress(4, 4, {"loss": 0.123456789012345, "epoch": 1.0, "accuracy/test": 0.9}),
]
WITH_CURVES = [name for name in names() if topic(name).curves(topic(name).presets.get("networks", topic(name).default))]


def recording(name: str):
    return RunStore(CHECKPOINTS).load(name)


def test_pandas_reads_the_table_with_all_digits():
    text = history_csv(HISTORY)
    assert text.splitlines()[0] == "update,epoch,loss,accuracy/test"
    assert text.splitlines()[2] == "2,,nan,"
    table = pandas.read_csv(io.StringIO(text))
    assert table["update"].tolist() == [0, 2, 4]
    assert table["loss"].tolist()[::2] == pytest.approx([2.5, 0.123456789012345], rel=1e-15)
    assert table["accuracy/test"].isna().tolist() == [False, True, False]


def test_a_table_has_all_metrics_of_a_recording():
    run = recording("manual_mlp-digits")
    rows = list(csv.DictReader(io.StringIO(history_csv(run.history()))))
    assert [int(row.pop("update")) for row in rows] == [event.step for event in run.history()]
    read = [{name: float(value) for name, value in row.items() if value} for row in rows]
    assert read == [event.metrics for event in run.history()]


@pytest.mark.parametrize("name", WITH_CURVES)
def test_the_curves_of_a_topic_are_metrics_of_its_runs(name):
    run = recording(f"{name}-{'networks' if name == 'bias_variance' else next(iter(topic(name).presets))}")
    recorded = {metric for event in run.history() for metric in event.metrics}
    for chart in topic(name).curves(run.config):
        assert {metric for metrics in chart.lines.values() for metric in metrics} <= recorded


def test_all_pages_with_runs_have_curves():
    without_page = {"autoencoder.denoising_maps", "transfer_learning.label_efficiency", "transfer_learning.pretraining"}
    assert set(WITH_CURVES) == set(names()) - without_page


CHART = Curves("Loss & more", "cross-entropy", {"training": ("loss",), "seeds": ("a/0", "a/1")}, log=True)


def events(**metrics: list[float | None]) -> list[Progress]:
    columns = {name.replace("_", "/"): values for name, values in metrics.items()}
    (count,) = {len(values) for values in columns.values()}
    return [Progress(step, count, {name: values[step] for name, values in columns.items()}) for step in range(count)]


def test_a_figure_has_titles_axes_and_a_legend():
    history = events(loss=[1.0, 0.1, None], a_0=[0.2, 0.4, 0.6], a_1=[0.4, 0.6, 0.8])
    svg = figure([CHART, CHART], history, title="A run", format="svg")
    root = ElementTree.fromstring(svg)
    comments = svg.decode()
    for text in ("A run", "Loss &amp; more", "cross-entropy", "update", "training", "seeds"):
        assert f"<!-- {text} -->" in comments
    assert root.tag.endswith("svg")
    assert comments.count("<!-- A run -->") == 1
    assert comments.count("<!-- cross-entropy -->") == 2


def test_figures_are_drawn_for_print_and_keep_the_colours_of_the_page():
    history = events(loss=[1.0, 0.1, 0.01], a_0=[0.2, 0.4, 0.6], a_1=[0.4, 0.6, 0.8])
    png = figure([CHART], history, title="A run", format="png", colours={"seeds": "#FF0000"})
    pixels = image.imread(io.BytesIO(png))[..., :3]
    assert pixels.shape[1] > 1000
    for colour in ((0, 0x72 / 255, 0xB2 / 255), (1, 0, 0)):
        assert (np.abs(pixels - colour).max(axis=2) < 0.01).sum() > 300, colour


def test_curves_that_coincide_are_one_curve():
    same = [1.0, 0.1, 0.01]
    chart = Curves("Loss", "loss", {"one": ("a",), "two": ("b",), "three": ("c",)})
    svg = figure([chart], events(a=same, b=same, c=[2.0, 1.0, 0.5]), title="", format="svg").decode()
    assert "<!-- one, two -->" in svg
    assert "<!-- three -->" in svg


def test_tensorboard_reads_the_metrics_and_the_settings(tmp_path):
    run = recording("transfer_learning-other_digits")
    write_events(tmp_path, run.history(), settings=run.config.model_dump())
    accumulator = EventAccumulator(str(tmp_path)).Reload()
    assert set(accumulator.Tags()["scalars"]) == {name for event in run.history() for name in event.metrics}
    for name in accumulator.Tags()["scalars"]:
        expected = [(event.step, event.metrics[name]) for event in run.history() if name in event.metrics]
        read = [(scalar.step, scalar.value) for scalar in accumulator.Scalars(name)]
        np.testing.assert_allclose(read, expected, rtol=1e-6)
    (text,) = accumulator.Tensors("settings/text_summary")
    assert "| labels | 10 |" in text.tensor_proto.string_val[0].decode()


def test_a_loss_that_is_not_finite_is_nan_in_the_zip_for_tensorboard(tmp_path):
    with zipfile.ZipFile(io.BytesIO(events_zip("a run", HISTORY, settings={}))) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"a run"}
        archive.extractall(tmp_path)
    scalars = EventAccumulator(str(tmp_path / "a run")).Reload().Scalars("loss")
    np.testing.assert_allclose([scalar.value for scalar in scalars], [2.5, np.nan, 0.123456789], rtol=1e-6)
