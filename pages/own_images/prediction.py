"""The prediction for a new image: its class probabilities, and the parts that are important for it."""

import math
from collections.abc import Callable, Hashable
from html import escape

import numpy as np
import streamlit as st
import torch
from PIL import Image

from core.topics.own_images import explanation
from core.topics.own_images.examples import held_out
from core.topics.own_images.explanation import (
    MIN_DROP,
    as_pixels,
    noisy_input,
    novelty,
    occluded_inputs,
    occlusion,
    shade,
)
from core.topics.own_images.labelled_images import PreparedImage
from core.topics.own_images.trained_head import TrainedHead
from pages.components.charts import images
from pages.components.text import _
from pages.own_images import new_image
from pages.own_images.session_dataset import class_titles
from pages.own_images.trained_head import cached, of_examples


def draw(trained: TrainedHead) -> None:
    """Draw the new image, the prediction, and the widgets that select another image."""
    image, true_class = new_image.current()
    x = noisy_input(image.pixels, trained.config.noise)
    class_probabilities = trained.head(_image_features(trained, image, trained.config.noise)).softmax(dim=1)[0]
    if bool(class_probabilities.isfinite().all()):
        _draw_prediction(trained, image, x, class_probabilities, true_class)
    else:
        st.warning(_("The outputs are not finite: the learning rate is too high."))
        new_image.draw_choice(image)


def _draw_prediction(
    trained: TrainedHead,
    image: PreparedImage,
    x: torch.Tensor,
    class_probabilities: torch.Tensor,
    true_class: str | None,
) -> None:
    classes, confidence = class_titles(trained.dataset), float(class_probabilities.max())
    predicted = classes[int(class_probabilities.argmax())]
    with st.container(key="prediction"):
        _draw_headline(predicted, confidence, true_class)
        with st.container(key="input"):
            images.show(Image.fromarray(as_pixels(x)), alt=_("The new image, as input of the network"))
            _draw_novelty(trained, image)
            new_image.draw_upload_notes(image)
        _draw_probabilities(dict(zip(classes, class_probabilities.tolist(), strict=True)))
        parts = st.container(key="parts")
    new_image.draw_choice(image)
    with parts, st.spinner(_("Blurring parts of it…"), show_time=False):  # takes a second
        features = occluded_features(trained, image, x)
        importance, least = occlusion(trained.head, features, (x.shape[2], x.shape[3]))
        _draw_importance(as_pixels(x), importance.numpy(), predicted, confidence, least)


def _draw_headline(predicted: str, confidence: float, true_class: str | None) -> None:
    text = _("Prediction: <b>{predicted}</b>, {confidence:.0%}").format(
        predicted=escape(predicted), confidence=confidence
    )
    if true_class is not None and true_class != predicted:
        text = _("{prediction}. Label: {label}").format(prediction=text, label=escape(true_class))
    st.html(f'<p class="headline">{text}</p>')


def _draw_probabilities(shares: dict[str, float]) -> None:
    highest = max(shares.values())
    rows = "".join(
        f'<span title="{escape(name)}">{escape(name)}</span>'
        f'<div class="{"highest" if share == highest else ""}" style="--share:{share:.4f}"><i></i>{share:.0%}</div>'
        for name, share in shares.items()
    )
    alt = _("The probability of each class: {shares}").format(
        shares=", ".join(f"{name}: {share:.2%}" for name, share in shares.items())
    )
    st.html(f'<div class="shares" role="img" aria-label="{escape(alt)}">{rows}</div>')


def occluded_features(trained: TrainedHead, image: PreparedImage, x: torch.Tensor) -> torch.Tensor:
    """Return the features of the `occluded_inputs` of an image."""
    key = (trained.backbone.name, image.key, trained.config.noise, explanation.PATCH, explanation.STRIDE)
    return _kept("occluded", image, key, lambda: trained.backbone.features(occluded_inputs(x)))


def _image_features(trained: TrainedHead, image: PreparedImage, noise: float) -> torch.Tensor:
    """Return the features of an image with noise."""
    key = (trained.backbone.name, image.key, noise)
    return _kept(
        "noisy" if noise else "clean", image, key, lambda: trained.backbone.features(noisy_input(image.pixels, noise))
    )


def _kept(what: str, image: PreparedImage, key: Hashable, compute: Callable[[], torch.Tensor]) -> torch.Tensor:
    """Compute something about an image, unless it is kept: by the session, of the app's own images for all sessions."""
    if any(image is each for _class_name, each in held_out()):
        return of_examples(f"{what} {key}", compute)
    return cached(f"own_images.{what}", key, compute)


def _draw_importance(
    pixels: np.ndarray, importance: np.ndarray, predicted: str, confidence: float, least: float
) -> None:
    if confidence - least < MIN_DROP:
        dark = Image.fromarray(shade(pixels, np.zeros_like(importance)))
        images.show(dark, alt=_("The new image, dark: no single part was important"))
        st.caption(
            _("No single part is important: with any of them blurred, at least {least:.0%}").format(
                least=math.floor(100 * least) / 100
            )
        )
    else:
        shaded = Image.fromarray(shade(pixels, importance))
        images.show(shaded, alt=_("The new image, bright where it was important"))
        st.caption(
            _("Bright: blurred there, {predicted} falls from {whole:.0%} to {least:.0%}").format(
                predicted=predicted, whole=confidence, least=least
            )
        )


def _draw_novelty(trained: TrainedHead, image: PreparedImage) -> None:
    """Say whether the head was trained on the image or on a copy of it."""
    features = _image_features(trained, image, noise=0.0)
    texts = {
        "trained": _("A training image"),
        "copy": _("A near copy of a training image"),
        "new": _("A new image, not used in training"),
    }
    st.caption(texts[novelty(image, features, trained.dataset, trained.data.features)])
