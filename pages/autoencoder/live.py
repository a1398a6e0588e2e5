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
    """Draw the run as far as it has come, an earlier run beside it."""
    loss, psnr, ssim = st.columns(3, gap="large")
    with loss:
        _draw_loss(run_view, previous)
    with psnr:
        _draw_quality(run_view, previous, "psnr", _("**PSNR** of {count} new pictures: higher is better"), _("dB"))
    with ssim:
        _draw_quality(run_view, previous, "ssim", _("**SSIM** of {count} new pictures: 1 is identical"), _("SSIM"))
    _draw_result(run_view)


def _draw_loss(run_view: RunView, previous: Run | None) -> None:
    earlier = _("earlier run")
    series = {_("this run"): points(run_view.history, "loss")}
    if previous:
        series[earlier] = points(previous.history(), "loss")
    st.markdown(_("**Loss** of every batch"))
    line_chart.draw(
        series,
        x=_("update"),
        y=labels.options()["loss"][run_view.config.loss],
        key="autoencoder.loss",
        alt=_("Training loss over the updates"),
        log=True,
        height=230,
        dashed=[earlier],
        domain=[_("this run"), earlier],
        marks=change_marks(run_view),
        x_end=run_view.total,
        run=run_view.run.id,
    )


def _draw_quality(run_view: RunView, previous: Run | None, metric: str, title: str, unit: str) -> None:
    config: AutoencoderConfig = run_view.config
    restored, noisy, filtered, earlier = _("restored"), _("corrupted"), _("best filter"), _("earlier run")
    st.markdown(title.format(count=EVAL_SUBSET))
    last = max(run_view.step, 1)
    levels = {noisy: getattr(quality_cache.corrupted_quality(config.data, config.corruption_levels), metric)}
    levels[filtered] = getattr(quality_cache.filter_quality(config.data, config.corruption_levels).quality, metric)
    series = {restored: points(run_view.history, f"some/{metric}")}
    series |= {name: [(0, level), (last, level)] for name, level in levels.items() if np.isfinite(level)}
    if previous:
        series[earlier] = points(previous.history(), f"some/{metric}")
    line_chart.draw(
        series,
        x=_("update"),
        y=unit,
        key=f"autoencoder.{metric}",
        alt=_(
            "{unit} of restored test pictures over the updates, beside the corrupted ones and the best filter"
        ).format(unit=unit),
        height=230,
        dashed=[noisy, filtered, earlier],
        domain=[restored, noisy, filtered, earlier],
        x_end=run_view.total,
        run=run_view.run.id,
    )


def _draw_result(run_view: RunView) -> None:
    psnr, ssim = run_view.metric("test/psnr"), run_view.metric("test/ssim")
    if psnr is None or ssim is None:
        return
    text = _("All 10,000 test pictures: {psnr:.2f} dB, SSIM {ssim:.3f}, mean squared error {mse}.").format(
        psnr=psnr, ssim=ssim, mse=number(run_view.metric("test/mse"))
    )
    if "input/psnr" in run_view.run.metrics:  # of all; while it trains, only that of some is known
        noisy = run_view.run.metrics["input/psnr"]
        text = _("{text} The corrupted ones: {noisy}.").format(
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
        st.warning(_("**So far this network gives back the same picture, whatever it gets.**"))
        return run_view.complete
    st.error(
        _(
            "**This network is stuck**: whatever picture it gets, it gives back the same one. Too long a step has "
            "pushed its sigmoid to where its slope is zero, and nothing leads back from there."
        ),
        icon=":material/heart_broken:",
    )
    return True
