"""Corrupted, reconstructed and clean images at the top: live while a network trains, then at any level of noise."""

import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from core.engine import State
from core.topics.autoencoder.config import AutoencoderConfig, CorruptionLevels
from core.topics.autoencoder.data import EVAL_SUBSET
from core.topics.autoencoder.quality import Comparison, FilterResult
from pages.autoencoder import corruption_controls, labels, quality_cache
from pages.autoencoder.selected_model import SelectedModel, current_model
from pages.components.charts import images
from pages.components.run.panel import RunPanel
from pages.components.run.run_view import RunView
from pages.components.text import _


def draw(panel: RunPanel, run_view: RunView) -> None:
    """Draw the images, and below them the choice of their corruptions."""
    pictures = st.container()
    paused = run_view.run.status.state is State.PAUSED and run_view.step
    if run_view.complete or paused:
        model = current_model(panel)
        # A recording that was just cut short keeps its sliders
        name = run_view.run.id if model.config == run_view.config else str(hash(model.key))
        data, levels = _choose(model.config, name=name)
        with pictures:
            current = run_view.run.last_weights()
            if not current or model.weights != current.weights:
                st.caption(_("Restored by {title}, not by the run on the screen.").format(title=model.title))
            _draw_restored(model, data, levels)
    else:
        _choose(run_view.config, name=run_view.run.id, disabled=True)
        with pictures:
            draw_live(run_view)


def draw_live(run_view: RunView) -> None:
    """Draw the latest reconstructions of a run or a recording."""
    config: AutoencoderConfig = run_view.config
    corrupted, clean = quality_cache.displayed_images(config.data, config.corruption_levels)
    restored = run_view.latest("restored")
    st.markdown(_("**At update {step:,}**").format(step=run_view.step))
    corrupted_quality = quality_cache.corrupted_quality(config.data, config.corruption_levels)
    _row(_("Corrupted"), corrupted).markdown(_figures(_("Corrupted"), corrupted_quality.psnr, corrupted_quality.ssim))
    if restored is not None:
        heading = _row(_("Restored"), torch.tensor(restored).unsqueeze(1) / 255)
        psnr, ssim = run_view.metric("some/psnr"), run_view.metric("some/ssim")
        if psnr is not None and ssim is not None:
            heading.markdown(_figures(_("Restored"), psnr, ssim))
    _row(_("Clean"), clean)
    _draw_filtered(quality_cache.filter_quality(config.data, config.corruption_levels))


def _draw_restored(model: SelectedModel, data: str, levels: CorruptionLevels) -> None:
    corrupted, clean = quality_cache.displayed_images(data, levels)
    verdict = st.empty()
    verdict.markdown(_("**Corrupted, restored, clean**"))
    corrupted_label, restored = _row(_("Corrupted"), corrupted), _row(_("Restored"), model.reconstruct(corrupted))
    _row(_("Clean"), clean)
    # The images are drawn: now what takes longer
    corrupted_quality, own = (
        quality_cache.corrupted_quality(data, levels),
        quality_cache.network_quality(model, data, levels),
    )
    corrupted_label.markdown(_figures(_("Corrupted"), corrupted_quality.psnr, corrupted_quality.ssim))
    restored.markdown(_figures(_("Restored"), own.psnr, own.ssim))
    filtered = quality_cache.filter_quality(data, levels)
    _draw_filtered(filtered)
    trained = (data, levels) == (model.config.data, model.config.corruption_levels)
    verdict.markdown(_verdict(Comparison(corrupted_quality.psnr, filtered.quality.psnr, own.psnr), trained=trained))


def _draw_filtered(filtered: FilterResult) -> None:
    name = _("Best filter ({filter})").format(filter=labels.filter_(filtered.filter))
    _row(name, filtered.images).markdown(_figures(name, filtered.quality.psnr, filtered.quality.ssim))
    st.caption(
        _("The figures are those of {count} test pictures; these are the first of them.").format(count=EVAL_SUBSET)
    )


def _verdict(comparison: Comparison, *, trained: bool) -> str:
    """Return the comparison in words; ``trained``: whether the network was trained for these corruptions."""
    sentences = {
        "uncorrupted": _("**Nothing was done to these pictures.** The network copies them with {restored}."),
        "harmful": _("The network does **harm**: {harm:.1f} dB worse than doing nothing."),
        "worse_than_filter": _("The network is **{less:.1f} dB worse** than the best classical filter."),
        "best": _(
            "The network is **{gain:.1f} dB better** than the best classical filter, and {more:.1f} dB better than "
            "doing nothing."
        ),
    }
    text = sentences[comparison.verdict].format(
        restored=labels.decibels(comparison.reconstructed),
        harm=-comparison.gain,
        less=-comparison.gain_over_filter,
        gain=comparison.gain_over_filter,
        more=comparison.gain,
    )
    if comparison.is_beaten and not trained:
        return _("{verdict} It was not trained for this.").format(verdict=text)
    return text


def _figures(name: str, psnr: float, ssim: float) -> str:
    return _("**{name}**  \n{psnr}, SSIM {ssim:.2f}").format(name=name, psnr=labels.decibels(psnr), ssim=ssim)


def _row(label: str, pictures: torch.Tensor) -> DeltaGenerator:
    """Draw a row of images (N, 1, 28, 28) beside its label; return the element of the label, for more words."""
    words, tiles = st.columns([1, 6.5], gap="small", vertical_alignment="center")
    heading = words.empty()
    heading.markdown(f"**{label}**")
    with tiles:
        images.show(
            images.greys(pictures[:, 0].numpy()),
            alt=_("{count} test pictures: {label}").format(count=len(pictures), label=label),
        )
    return heading


def _choose(config: AutoencoderConfig, *, name: str, disabled: bool = False) -> tuple[str, CorruptionLevels]:
    """Draw the choice of the test images and of their corruptions; return both.

    Until something is moved, they are those of the training of the network with that name.
    """
    key, widget = f"autoencoder.test.{name}", {"disabled": disabled}
    sliders, choice = st.columns([1, 1.6], gap="large")
    with choice:
        kinds = corruption_controls.choose_corruptions(
            _("What is done to the test pictures"), config, key=f"{key}.corruptions", **widget
        )
        data = corruption_controls.choose_dataset(_("Test pictures"), config, key=f"{key}.data", **widget)
    with sliders:
        if not kinds:
            st.caption(_("Nothing is done to the pictures: the network only has to copy them."))
        return data, tuple(
            (kind, corruption_controls.choose_level(_("{level}, test"), kind, config, key=f"{key}.{kind}", **widget))
            for kind in kinds
        )
