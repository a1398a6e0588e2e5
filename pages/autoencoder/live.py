"""The view that grows while the network trains: its loss, and how well it restores."""

import numpy as np
import streamlit as st

from core.engine import Run
from core.topics.autoencoder.config import AutoencoderConfig
from core.topics.autoencoder.data import SOME
from pages.autoencoder import labels, quality
from pages.components.charts import lines
from pages.components.run.divergence import explain_divergence
from pages.components.run.view import RunView, points
from pages.components.text import _, number

_YOUNG = 50  # updates before which a network that gives back the same for all is only young


def draw(shown: RunView, previous: Run | None) -> None:
    """Draw the run as far as it has come, an earlier run beside it."""
    loss, psnr, ssim = st.columns(3, gap="large")
    with loss:
        _draw_loss(shown, previous)
    with psnr:
        _draw_quality(shown, previous, "psnr", _("**PSNR** of {count} new pictures: higher is better"), _("dB"))
    with ssim:
        _draw_quality(shown, previous, "ssim", _("**SSIM** of {count} new pictures: 1 is identical"), _("SSIM"))
    _draw_result(shown)


def _draw_loss(shown: RunView, previous: Run | None) -> None:
    earlier = _("earlier run")
    series = {_("this run"): points(shown.history, "loss")}
    if previous:
        series[earlier] = points(previous.history(), "loss")
    st.markdown(_("**Loss** of every batch"))
    lines.lines(
        series,
        x=_("update"),
        y=labels.options()["loss"][shown.run.config.loss],
        key="autoencoder.loss",
        alt=_("Training loss over the updates"),
        log=True,
        height=230,
        dashed=[earlier],
        domain=[_("this run"), earlier],
    )


def _draw_quality(shown: RunView, previous: Run | None, metric: str, title: str, unit: str) -> None:
    config: AutoencoderConfig = shown.run.config
    restored, noisy, filtered, earlier = _("restored"), _("corrupted"), _("best filter"), _("earlier run")
    st.markdown(title.format(count=SOME))
    last = max(shown.step, 1)
    levels = {noisy: getattr(quality.of_nothing(config.data, config.steps), metric)}
    levels[filtered] = getattr(quality.of_filter(config.data, config.steps).quality, metric)
    series = {restored: points(shown.history, f"some/{metric}")}
    series |= {name: [(0, level), (last, level)] for name, level in levels.items() if np.isfinite(level)}
    if previous:
        series[earlier] = points(previous.history(), f"some/{metric}")
    lines.lines(
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
    )


def _draw_result(shown: RunView) -> None:
    psnr, ssim = shown.metric("test/psnr"), shown.metric("test/ssim")
    if psnr is None or ssim is None:
        return
    text = _("All 10,000 test pictures: {psnr:.2f} dB, SSIM {ssim:.3f}, mean squared error {mse}.").format(
        psnr=psnr, ssim=ssim, mse=number(shown.metric("test/mse"))
    )
    if "input/psnr" in shown.run.metrics:  # of all; while it trains, only that of some is known
        noisy = shown.run.metrics["input/psnr"]
        text = _("{text} The corrupted ones: {noisy}.").format(
            text=text, noisy=_("identical") if noisy is None else _("{value:.2f} dB").format(value=noisy)
        )
    st.caption(text)


def explain_failure(shown: RunView) -> bool:
    """Say at which update the loss ceased to be finite, or that the output is stuck; returns whether it is so."""
    if explain_divergence(shown):
        return True
    restored = shown.latest("restored")
    if restored is None or shown.step < _YOUNG or np.ptp(restored, axis=0).max() > 0:
        return False
    if not shown.run.config.ends_in_sigmoid:  # there is more than one cause, and it may pass
        st.warning(_("**So far this network gives back the same picture, whatever it gets.**"))
        return shown.complete
    st.error(
        _(
            "**This network is stuck**: whatever picture it gets, it gives back the same one. Too long a step has "
            "pushed its sigmoid to where its slope is zero, and nothing leads back from there."
        ),
        icon=":material/heart_broken:",
    )
    return True
