"""The speed of a DataLoader: a measurement on this server, on request, and its explanation."""

import streamlit as st

from core.topics.workflow import loader_speed
from core.topics.workflow.loader_speed import BATCH_SIZES, SETTINGS, TRANSFORMS, WORKERS, Measurement, Setting
from pages.components import source
from pages.components.charts import bars
from pages.components.run import fragments
from pages.components.text import _, duration, pgettext


class _Server:
    """The latest measurement on this server. All sessions share it, so that at most one runs at a time."""

    measurement: Measurement | None = None

    @property
    def running(self) -> bool:
        """Whether a measurement is running."""
        return self.measurement is not None and self.measurement.state == "running"


@st.cache_resource(show_spinner=False)
def _server() -> _Server:
    return _Server()


def draw() -> None:
    """Draw an expander with a button that measures the speed of a DataLoader, and with the results."""
    server = _server()
    with st.expander(_("Why is a DataLoader slow?"), icon=":material/speed:"):
        fragments.redraw(lambda: _draw_measurement(server), is_live=lambda: server.running, interval=lambda: 1.0)


def _draw_measurement(server: _Server) -> None:
    st.markdown(
        _(
            "A DataLoader can be slower than the network that it feeds. This experiment reads training digits with "
            "different settings, and counts the samples per second. It takes about 20 seconds, in a process of its "
            "own. It stops if you leave the page. If the server is busy, the numbers are less accurate."
        )
    )
    if st.button(
        pgettext("button", "Measure"),
        icon=":material/timer:",
        key="workflow.loader_speed.measure",
        disabled=server.running,
    ):
        if not server.running:
            server.measurement = Measurement()
        st.rerun()
    measurement = server.measurement
    if not measurement:
        return
    if measurement.state == "running":
        measurement.watch()
        st.progress(
            measurement.progress,
            text=_("Measuring: {done} of {total}").format(done=measurement.n_measured, total=measurement.n_results),
        )
    elif measurement.state != "finished":
        st.warning(_problems()[measurement.state])
    if len(measurement.speeds) == len(SETTINGS):
        _draw_speeds(measurement)
    if measurement.state == "finished":
        _explain(measurement)


def _problems() -> dict[str, str]:
    return {
        "failed": _("The measurement failed. The server's log contains the error."),
        "too_slow": _("The measurement took more than a minute, so it was stopped. The server may be busy: try again."),
        "abandoned": _("The measurement was stopped, because nobody was viewing it."),
    }


def _draw_speeds(measurement: Measurement) -> None:
    indexed = _("no DataLoader,\nbatch indexed")
    names = {"image": _("transforms\nper image"), "batch": _("transforms\nper batch"), "indexed": indexed}
    charts: list[tuple[str, str, dict[str, Setting]]] = [
        ("workers", _("num_workers (batch size 64)"), {str(each.num_workers): each for each in WORKERS}),
        ("batch_sizes", _("batch size (num_workers=0)"), {str(each.batch_size): each for each in BATCH_SIZES}),
        ("transforms", _("transforms (batch size 64)"), {names[each.transforms]: each for each in TRANSFORMS}),
    ]
    for column, (name, title, settings) in zip(st.columns([1, 1.2, 1.2]), charts, strict=True):
        with column:
            st.markdown(f"**{title}**")
            speeds = {label: measurement.speeds[setting].samples_per_second for label, setting in settings.items()}
            rows = "; ".join(f"{label}: {speed:,.0f}" for label, speed in speeds.items()).replace("\n", " ")
            bars.amounts(
                speeds,
                y=_("samples per second"),
                key=f"workflow.loader_speed.{name}",
                alt=_("Samples per second. {title}: {rows}").format(title=title, rows=rows),
            )


def _explain(measurement: Measurement) -> None:
    """Say what the measured numbers mean."""
    default, indexed = measurement.speeds[Setting()], measurement.speeds[Setting(transforms="indexed")]
    best = max((measurement.speeds[setting] for setting in WORKERS), key=lambda speed: speed.samples_per_second)
    workers = measurement.speeds[WORKERS[-1]]
    st.markdown(
        _(
            "- **Python code for each image is slow.** With a transform per image, each image takes {per_image:.0f} µs "
            "of Python calls: read, convert, normalize. One transform for the whole batch is {batch:.0f} times as "
            "fast, because one call processes all images. Without a DataLoader, it is {indexed:.0f} times as fast.\n"
            "- **A larger batch saves little**, because the work for each image stays the same. Batch size 1 is "
            "slower, because the fixed work for a batch is then done for each image."
        ).format(
            per_image=1e6 / default.samples_per_second,
            batch=_ratio(measurement, Setting(transforms="batch")),
            indexed=_ratio(measurement, Setting(transforms="indexed")),
        )
    )
    ratio = best.samples_per_second / default.samples_per_second
    if ratio > 1.1:
        sentence = _(
            "- **Worker processes share the work**: with `num_workers={count}`, loading is {ratio:.1f} times as fast "
            "as without workers. But starting workers costs time: with two workers, the first batch took {seconds:.2f} "
            "s, again in each epoch. On Windows and macOS, a start takes seconds."
        )
    else:
        sentence = _(
            "- **Worker processes do not help here.** They need free processor cores, and each batch must be sent to "
            "the main process. Starting workers costs time too: with two workers, the first batch took {seconds:.2f} "
            "s, again in each epoch. On Windows and macOS, a start takes seconds."
        )
    st.markdown(sentence.format(count=best.setting.num_workers, ratio=ratio, seconds=workers.first_batch_seconds))
    st.markdown(
        _(
            "All of MNIST ({count:,} digits) takes {slow} with a transform per image, and {fast} without a DataLoader. "
            "Small images that fit into memory need no DataLoader. For large images that must be read from files and "
            "decoded, workers are worth their cost."
        ).format(
            count=60_000,
            slow=duration(60_000 / default.samples_per_second),
            fast=duration(60_000 / indexed.samples_per_second),
        )
    )
    source.show_columns(
        (_("Transforms per image"), source.source(loader_speed.Digits)),
        (_("Transforms per batch"), source.source(loader_speed.transform_batch)),
    )


def _ratio(measurement: Measurement, setting: Setting) -> float:
    """Return how many times as fast a setting is as the default setting."""
    return measurement.speeds[setting].samples_per_second / measurement.speeds[Setting()].samples_per_second
