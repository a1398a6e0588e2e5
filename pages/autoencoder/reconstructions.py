"""The main view: corrupted, reconstructed and clean test images; the sidebar sets how the images are corrupted."""

import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from core.engine import State
from core.topics.autoencoder.config import AutoencoderConfig, CorruptionLevels
from core.topics.autoencoder.quality import Comparison, FilterResult
from pages.autoencoder import corruption_controls, labels, quality_cache
from pages.autoencoder.selected_model import SelectedModel, current_model
from pages.components.charts import images
from pages.components.run import keyframes
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView
from pages.components.text import _


class Reconstructions:
    """Test images and their reconstructions by the network on the screen.

    While it trains they are those of the training's own corruption; else of the one that the sidebar sets.
    """

    def __init__(self, panel: RunPanel):
        self._panel = panel
        self._model: SelectedModel | None = None
        self._data, self._levels = "", CorruptionLevels()

    def draw_controls(self) -> None:
        """Draw the choice of the test images and of their corruptions. Call it before `draw`."""
        run_view = self._panel.run_view()
        st.markdown(_("**Test images**"))
        if run_view.complete or (run_view.run.status.state is State.PAUSED and run_view.step):
            model = self._model = current_model(self._panel)
            name = run_view.run.id if model.config == run_view.config else str(hash(model.key))
            self._data, self._levels = _choose(model.config, name=name)
        else:
            _choose(run_view.config, name=run_view.run.id, disabled=True)

    def draw(self, run_view: RunView) -> None:
        """Draw the main view."""
        keyframes.draw(run_view, self._draw_frame, key="reconstructions")

    def _draw_frame(self, run_view: RunView) -> None:
        if self._model is None or run_view.is_keyframe:
            draw_live(run_view)
        else:
            _draw_reconstructed(self._model, self._data, self._levels, run_view)


def draw_live(run_view: RunView) -> None:
    """Draw the latest reconstructions of a run or a recording."""
    config: AutoencoderConfig = run_view.config
    corrupted, clean = quality_cache.displayed_images(config.data, config.corruption_levels)
    reconstructed = run_view.latest("restored")
    _verdict_line(run_view).markdown(
        _("**Update {step:,}** · corrupted as in training: {levels}").format(
            step=run_view.step, levels=labels.corruption_levels(config.corruption_levels)
        )
    )
    quality = quality_cache.corrupted_quality(config.data, config.corruption_levels)
    _row(_("Corrupted"), corrupted).markdown(_figures(_("Corrupted"), quality.psnr, quality.ssim))
    if reconstructed is not None:
        heading = _row(_("Reconstructed"), torch.tensor(reconstructed).unsqueeze(1) / 255)
        psnr, ssim = run_view.metric("some/psnr"), run_view.metric("some/ssim")
        if psnr is not None and ssim is not None:
            heading.markdown(_figures(_("Reconstructed"), psnr, ssim))
    _row(_("Clean"), clean)
    _draw_filtered(quality_cache.filter_quality(config.data, config.corruption_levels))


def _draw_reconstructed(model: SelectedModel, data: str, levels: CorruptionLevels, run_view: RunView) -> None:
    corrupted, clean = quality_cache.displayed_images(data, levels)
    verdict = _verdict_line(run_view)
    verdict.markdown(_("**Corrupted, reconstructed, clean**"))
    corrupted_label = _row(_("Corrupted"), corrupted)
    reconstructed_label = _row(_("Reconstructed"), model.reconstruct(corrupted))
    _row(_("Clean"), clean)
    # The images are drawn: now what takes longer
    corrupted_quality, own = (
        quality_cache.corrupted_quality(data, levels),
        quality_cache.network_quality(model, data, levels),
    )
    corrupted_label.markdown(_figures(_("Corrupted"), corrupted_quality.psnr, corrupted_quality.ssim))
    reconstructed_label.markdown(_figures(_("Reconstructed"), own.psnr, own.ssim))
    filtered = quality_cache.filter_quality(data, levels)
    _draw_filtered(filtered)
    is_trained = (data, levels) == (model.config.data, model.config.corruption_levels)
    comparison = Comparison(corrupted_quality.psnr, filtered.quality.psnr, own.psnr)
    text, current = _verdict(comparison, is_trained=is_trained), run_view.run.last_weights()
    if not current or model.weights != current.weights:
        text = _("By {title}, not by the run on the screen. {text}").format(title=model.title, text=text)
    verdict.markdown(text)


def _verdict_line(run_view: RunView) -> DeltaGenerator:
    step = run_view.step if run_view.is_keyframe else "newest"
    return st.container(key=f"verdict_{step}").empty()


def _draw_filtered(filtered: FilterResult) -> None:
    name = _("Best filter ({filter})").format(filter=labels.filter_(filtered.filter))
    _row(name, filtered.images).markdown(_figures(name, filtered.quality.psnr, filtered.quality.ssim))


def _verdict(comparison: Comparison, *, is_trained: bool) -> str:
    """Return the comparison in words; ``is_trained``: whether the network was trained for these corruptions."""
    sentences = {
        "uncorrupted": _("**These images are not corrupted.** The network copies them with {reconstructed}."),
        "harmful": _("The network does **harm**: {harm:.1f} dB worse than doing nothing."),
        "worse_than_filter": _("The network is **{less:.1f} dB worse** than the best classical filter."),
        "best": _(
            "The network is **{gain:.1f} dB better** than the best classical filter, and {more:.1f} dB better than "
            "doing nothing."
        ),
    }
    text = sentences[comparison.verdict].format(
        reconstructed=labels.decibels(comparison.reconstructed),
        harm=-comparison.gain,
        less=-comparison.gain_over_filter,
        gain=comparison.gain_over_filter,
        more=comparison.gain,
    )
    if comparison.is_beaten and not is_trained:
        return _("{verdict} It was not trained for this.").format(verdict=text)
    return text


def _figures(name: str, psnr: float, ssim: float) -> str:
    return _("**{name}** · PSNR {psnr}, SSIM {ssim:.2f}").format(name=name, psnr=labels.decibels(psnr), ssim=ssim)


def _row(label: str, row: torch.Tensor) -> DeltaGenerator:
    """Draw a row of images (N, 1, 28, 28) below its label; return the element of the label, for more words."""
    heading = st.empty()
    heading.markdown(f"**{label}**")
    images.show(
        images.greys(row[:, 0].numpy()),
        alt=_("{count} test images: {label}").format(count=len(row), label=label),
    )
    return heading


def _choose(config: AutoencoderConfig, *, name: str, disabled: bool = False) -> tuple[str, CorruptionLevels]:
    """Draw the choice of the test images and of their corruptions; return both.

    Until something is moved, they are those of the training of the network with that name.
    """
    key, widget = f"autoencoder.test.{name}", {"disabled": disabled}
    levels = st.container()
    with st.popover(_("Other test images"), width="stretch"):
        kinds = corruption_controls.choose_corruptions(
            _("Corruptions of the test images"), config, key=f"{key}.corruptions", **widget
        )
        data = corruption_controls.choose_dataset(_("Test images"), config, key=f"{key}.data", **widget)
    with levels:
        if not kinds:
            st.caption(_("The test images are not corrupted: the network only has to copy them."))
        return data, tuple(
            (kind, corruption_controls.choose_level(_("{level}, test"), kind, config, key=f"{key}.{kind}", **widget))
            for kind in kinds
        )
