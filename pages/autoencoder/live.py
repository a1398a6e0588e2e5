"""The charts of a run: training loss, PSNR, and SSIM."""

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
from pages.components.text import _, ngettext, number


def draw(run_view: RunView, previous: Run | None) -> None:
    """Draw the charts of the run so far. If ``previous`` is given, the previous run is also drawn for comparison."""
    loss, psnr, ssim = st.columns(3, gap="large")
    with loss:
        _draw_loss(run_view, previous)
    with psnr:
        title = ngettext(
            "**PSNR** on {count} test image, corrupted as in training",
            "**PSNR** on {count} test images, corrupted as in training",
            EVAL_SUBSET,
        )
        st.markdown(title.format(count=EVAL_SUBSET))
        alt = _("PSNR of reconstructed, corrupted, and filtered test images during training")
        _draw_quality(run_view, previous, "psnr", unit=_("dB"), alt=alt)
    with ssim:
        title = ngettext(
            "**SSIM** on {count} test image, corrupted as in training",
            "**SSIM** on {count} test images, corrupted as in training",
            EVAL_SUBSET,
        )
        st.markdown(title.format(count=EVAL_SUBSET))
        alt = _("SSIM of reconstructed, corrupted, and filtered test images during training")
        _draw_quality(run_view, previous, "ssim", unit=_("SSIM"), alt=alt)
    _draw_result(run_view)


def _draw_loss(run_view: RunView, previous: Run | None) -> None:
    series = {"this": points(run_view.history, "loss")}
    if previous:
        series["previous"] = points(previous.history(), "loss")
    st.markdown(_("**Training loss** of each batch"))
    line_chart.draw(
        series,
        titles={"this": _("this run"), "previous": _("previous run")},
        x=_("update"),
        y=labels.options()["loss"][run_view.config.loss],
        key="autoencoder.loss",
        alt=_("Training loss at each update"),
        log=True,
        height=230,
        dashed=["previous"],
        colours={"this": "#0072B2", "previous": "#888888"},
        marks=change_marks(run_view),
        x_end=run_view.total,
        run=run_view.run.id,
    )


def _draw_quality(run_view: RunView, previous: Run | None, metric: str, *, unit: str, alt: str) -> None:
    config: AutoencoderConfig = run_view.config
    last = max(run_view.total or 0, 1)
    levels = {
        "corrupted": getattr(quality_cache.corrupted_quality(config.data, config.corruption_levels), metric),
        "filter": getattr(quality_cache.filter_quality(config.data, config.corruption_levels), metric),
    }
    series = {"network": points(run_view.history, f"some/{metric}")}
    series |= {name: [(0, level), (last, level)] for name, level in levels.items() if np.isfinite(level)}
    if previous:
        series["previous"] = points(previous.history(), f"some/{metric}")
    line_chart.draw(
        series,
        titles={
            "network": _("reconstructed"),
            "corrupted": _("corrupted"),
            "filter": _("best filter"),
            "previous": _("previous run"),
        },
        x=_("update"),
        y=unit,
        key=f"autoencoder.{metric}",
        alt=alt,
        height=230,
        dashed=["corrupted", "filter", "previous"],
        colours={"network": "#0072B2", "corrupted": "#D55E00", "filter": "#009E73", "previous": "#888888"},
        x_end=run_view.total,
        run=run_view.run.id,
    )


def _draw_result(run_view: RunView) -> None:
    psnr, ssim = run_view.metric("test/psnr"), run_view.metric("test/ssim")
    if psnr is None or ssim is None:
        return
    text = _("All 10,000 test images: PSNR {psnr:.2f} dB, SSIM {ssim:.3f}, mean squared error {mse}.")
    input_psnr = run_view.run.metrics.get("input/psnr")  # on all test images: available only at the end of the run
    if input_psnr is not None:
        text = _(
            "All 10,000 test images: PSNR {psnr:.2f} dB, SSIM {ssim:.3f}, mean squared error {mse}. PSNR of the "
            "corrupted images: {input_psnr:.2f} dB."
        )
    elif "input/psnr" in run_view.run.metrics:
        text = _(
            "All 10,000 test images: PSNR {psnr:.2f} dB, SSIM {ssim:.3f}, mean squared error {mse}. The input images "
            "are identical to the clean images."
        )
    mse = number(run_view.metric("test/mse"))
    st.caption(text.format(psnr=psnr, ssim=ssim, mse=mse, input_psnr=input_psnr))


def explain_failure(run_view: RunView) -> bool:
    """Show a message if training diverged or if all output images are identical. Return whether the run failed."""
    if explain_divergence(run_view):
        return True
    restored = run_view.latest("restored")
    if restored is None or not is_constant(restored, run_view.step):
        return False
    if not run_view.config.ends_in_sigmoid:  # there are several causes, and the network may recover
        st.warning(_("So far, **this network's output is the same for every image**."))
        return run_view.complete
    st.error(
        _(
            "**This network is stuck**: its output is the same for every image. A large update has saturated the "
            "output sigmoid. The gradient of a saturated sigmoid is almost zero, so the weights no longer change."
        ),
        icon=":material/heart_broken:",
    )
    return True
