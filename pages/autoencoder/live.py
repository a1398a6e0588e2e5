"""The view that grows while the network trains: its loss, and the quality of its reconstructions."""

import numpy as np
import streamlit as st

from core.engine import Run
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.data import EVAL_SUBSET
from core.topics.autoencoder.quality import is_constant
from pages.autoencoder import labels, quality_cache
from pages.components.charts import line_chart
from pages.components.run.divergence import explain_divergence
from pages.components.run.run_view import RunView, change_marks, points
from pages.components.text import _, number


def draw(run_view: RunView, previous: Run | None) -> None:
    """Draw the run as far as it has come, the previous run beside it."""
    loss, psnr, ssim = st.columns(3, gap="large")
    with loss:
        _draw_loss(run_view, previous)
    with psnr:
        _draw_quality(
            run_view, previous, "psnr", _("**PSNR** of {count} test images, corrupted as in training"), _("dB")
        )
    with ssim:
        _draw_quality(
            run_view, previous, "ssim", _("**SSIM** of {count} test images, corrupted as in training"), _("SSIM")
        )
    _draw_result(run_view)


def _draw_loss(run_view: RunView, previous: Run | None) -> None:
    previous_run = _("previous run")
    series = {_("this run"): points(run_view.history, "loss")}
    if previous:
        series[previous_run] = points(previous.history(), "loss")
    st.markdown(_("**Loss** of each batch"))
    line_chart.draw(
        series,
        x=_("update"),
        y=labels.options()["loss"][run_view.config.loss],
        key="autoencoder.loss",
        alt=_("Training loss over the updates"),
        log=True,
        height=230,
        dashed=[previous_run],
        colours={_("this run"): "#0072B2", previous_run: "#888888"},
        marks=change_marks(run_view),
        x_end=run_view.total,
        run=run_view.run.id,
    )


def _draw_quality(run_view: RunView, previous: Run | None, metric: str, title: str, unit: str) -> None:
    config: AutoencoderConfig = run_view.config
    reconstructed, noisy = _("reconstructed"), _("corrupted")
    filtered, previous_run = _("best filter"), _("previous run")
    st.markdown(title.format(count=EVAL_SUBSET))
    last = max(run_view.total or 0, 1)
    levels = {noisy: getattr(quality_cache.corrupted_quality(config.data, config.corruption_levels), metric)}
    levels[filtered] = getattr(quality_cache.filter_quality(config.data, config.corruption_levels), metric)
    series = {reconstructed: points(run_view.history, f"some/{metric}")}
    series |= {name: [(0, level), (last, level)] for name, level in levels.items() if np.isfinite(level)}
    if previous:
        series[previous_run] = points(previous.history(), f"some/{metric}")
    line_chart.draw(
        series,
        x=_("update"),
        y=unit,
        key=f"autoencoder.{metric}",
        alt=_(
            "{unit} of reconstructed test images over the updates, beside the corrupted ones and the best filter"
        ).format(unit=unit),
        height=230,
        dashed=[noisy, filtered, previous_run],
        colours={reconstructed: "#0072B2", noisy: "#D55E00", filtered: "#009E73", previous_run: "#888888"},
        x_end=run_view.total,
        run=run_view.run.id,
    )


def _draw_result(run_view: RunView) -> None:
    psnr, ssim = run_view.metric("test/psnr"), run_view.metric("test/ssim")
    if psnr is None or ssim is None:
        return
    text = _("All 10,000 test images: {psnr:.2f} dB, SSIM {ssim:.3f}, mean squared error {mse}.").format(
        psnr=psnr, ssim=ssim, mse=number(run_view.metric("test/mse"))
    )
    if "input/psnr" in run_view.run.metrics:  # of all; while it trains, only that of some is known
        noisy = run_view.run.metrics["input/psnr"]
        text = _("{text} The corrupted images: {noisy}.").format(
            text=text, noisy=_("identical") if noisy is None else _("{value:.2f} dB").format(value=noisy)
        )
    st.caption(text)


def explain_failure(run_view: RunView) -> bool:
    """Say at which update the loss diverged, or that the output is constant; return whether the run has failed."""
    if explain_divergence(run_view):
        return True
    restored = run_view.latest("restored")
    if restored is None or not is_constant(restored, run_view.step):
        return False
    if not run_view.config.ends_in_sigmoid:  # there is more than one cause, and it may pass
        st.warning(_("**So far the output of this network is the same for every image.**"))
        return run_view.complete
    st.error(
        _(
            "**This network is stuck**: its output is the same for every image. An update that was too large has "
            "pushed its sigmoid to where the slope is zero. There the gradient is zero, so nothing changes any more."
        ),
        icon=":material/heart_broken:",
    )
    return True
