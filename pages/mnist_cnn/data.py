"""The tab with the training digits, and the effect of the transforms on them."""

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from core.data import datasets
from core.data.torchvision_compat import v2
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.transforms import (
    TransformSpec,
    apply,
    code,
    pipeline,
)
from core.training.rng import Stream, generator
from pages.components import source
from pages.components.charts import bars, images
from pages.components.run.controls import Settings
from pages.components.text import _, number
from pages.mnist_cnn import labels as names

_N_SAMPLE = 60
"""Digits of a sample."""
_EXAMPLES = (13, 1, 5, 7, 2, 0, 18, 4)
"""Indices of the training digits that go through the transforms: 6, 0, 2, 3, 4, 5, 6, 9."""

_SETTINGS = {
    "resize": ("resize",),
    "center_crop": ("crop",),
    "random_crop": ("crop", "crop_padding"),
    "horizontal_flip": ("flip",),
    "vertical_flip": ("flip",),
    "rotation": ("rotation",),
    "affine": ("rotation", "translate", "scale", "shear"),
    "noise": (),  # see _explain_noise
    "erasing": ("erasing",),
    "normalize": ("mean", "std", "three_means"),
}


def draw(settings: Settings) -> None:
    """Draw the tab."""
    digits, numbers = st.columns([1.4, 1], gap="large")
    with digits:
        _draw_sample()
    with numbers:
        _draw_statistics()
    st.subheader(_("Transforms"))
    st.markdown(
        _(
            "What happens to every digit before the network sees it, **in the order in which you choose it**. What "
            "you choose is what the next training uses; what is random is drawn anew for every digit, every time."
        )
    )
    controls, results = st.columns([1, 3.2], gap="large")
    with controls:
        settings.draw("transforms", options=names.options()["transforms"])
        _draw_transform_settings(settings)
        settings.show_problems()
    settings.write_address()
    with results:
        _draw_transformed(settings.config)
    _draw_conversions()


def _draw_sample() -> None:
    data = datasets.load("mnist", "train")
    choice = st.pills(_("Digit"), range(10), key="mnist_cnn.class", format_func=str)
    sample = st.session_state.setdefault("mnist_cnn.sample", 0)
    candidates = torch.arange(len(data.labels)) if choice is None else (data.labels == choice).nonzero().flatten()
    order = torch.randperm(len(candidates), generator=generator(sample, Stream.MNIST_CNN_SHOWN_SAMPLE))[:_N_SAMPLE]
    chosen = candidates[order]
    labels = data.labels[chosen].numpy()
    images.show(
        images.classified_digits(data.images[chosen].numpy() / 255, labels, labels, columns=12),
        alt=_("{count} training digits with their labels: {labels}").format(
            count=len(chosen), labels=", ".join(map(str, labels))
        ),
    )
    st.button(_("Another sample"), icon=":material/casino:", key="mnist_cnn.another", on_click=_sample_anew)


def _sample_anew() -> None:
    st.session_state["mnist_cnn.sample"] += 1


@st.cache_data(show_spinner=False)
def _statistics() -> tuple[float, float, np.ndarray]:
    """Return the mean and the standard deviation of the training pixels in 0..1, and a histogram of 256 bins."""
    counts = torch.bincount(datasets.load("mnist", "train").images.flatten().int(), minlength=256).double()
    values = torch.arange(256).double() / 255
    mean = (counts * values).sum() / counts.sum()
    std = ((counts * (values - mean) ** 2).sum() / counts.sum()).sqrt()
    return float(mean), float(std), counts.numpy()


def _draw_statistics() -> None:
    mean, std, counts = _statistics()
    st.markdown(
        _(
            "**60,000 training digits**, 28 × 28 pixels each. Mean {mean:.4f}, deviation {deviation:.4f}: with those "
            "numbers Normalize gives mean 0 and deviation 1. The tutorial takes 0.5 and 0.5, which gives pixels from "
            "−1 to 1 with mean {shifted:.2f} and deviation {scaled:.2f}. Both train."
        ).format(mean=mean, deviation=std, shifted=(mean - 0.5) / 0.5, scaled=std / 0.5)
    )
    shares = counts.reshape(16, 16).sum(axis=1)
    bars.histogram(
        shares,
        np.linspace(0, 1, 17),
        x=_("ink on a pixel (0 is paper, 1 is ink)"),
        key="mnist_cnn.histogram",
        alt=_("How many pixels of the training digits have how much ink: most have none, some are full of it"),
    )
    st.caption(
        _(
            "{empty:.0%} of all pixels are empty paper. Normalised or not, this is no normal distribution: Normalize "
            "shifts and stretches, it does not change the shape."
        ).format(empty=counts[0] / counts.sum())
    )


def _draw_transform_settings(settings: Settings) -> None:
    chosen = settings.config.transforms
    fields = list(dict.fromkeys(field for name in chosen for field in _SETTINGS[name]))
    settings.draw_all(*fields)
    if "noise" in chosen:
        _explain_noise(settings.config)


def _explain_noise(config: CNNConfig) -> None:
    """Say how much noise is added: its slider is among the first ones of the page."""
    slider = _(CNNConfig.model_fields["noise"].title or "")
    if config.noise:
        st.caption(
            _(
                "**Noise** has the standard deviation {noise}, from the slider “{slider}” at the top of the page."
            ).format(noise=number(config.noise), slider=slider)
        )
    else:
        st.warning(
            _("Noise is chosen, but none is added: the slider “{slider}” at the top of the page is at 0.").format(
                slider=slider
            )
        )


def _draw_transformed(config: CNNConfig) -> None:
    if st.button(_("Draw new random numbers"), icon=":material/casino:", key="mnist_cnn.draws"):
        st.session_state["mnist_cnn.draw"] = st.session_state.get("mnist_cnn.draw", 0) + 1
    pictures, labels = datasets.load("mnist", "train").batch(torch.tensor(_EXAMPLES))
    specs = pipeline(config, training=True)
    after = apply(specs, pictures, st.session_state.get("mnist_cnn.draw", 0))
    before_column, after_column, code_column = st.columns([1, 1, 1.2], gap="medium")
    with before_column:
        _show_pictures(_("**Before**"), pictures, labels)
    with after_column:
        _show_pictures(_("**After**: what the network gets"), after, labels)
    with code_column:
        source.show(code(specs), title=_("The same as code, as it runs"))
    _warn(specs, config)


def _show_pictures(title: str, x: Tensor, labels: Tensor) -> None:
    st.markdown(title)
    low, high = float(x.min()), float(x.max())
    # Scale the darkest and the lightest value of all to paper and ink
    scaled = ((x - low) / max(high - low, 1e-9)).movedim(1, -1).expand(-1, -1, -1, 3)
    tiles = (255 - scaled * 255).round().to(torch.uint8).numpy()
    images.show(
        images.tile(tiles, columns=4, scale=4, gap=1),
        alt=_("Eight digits: {labels}").format(labels=", ".join(map(str, labels.tolist()))),
    )
    st.caption(
        _("shape {shape} · from {low:.2f} to {high:.2f} · mean {mean:.3f}, deviation {deviation:.3f}").format(
            shape=" × ".join(map(str, x.shape[1:])), low=low, high=high, mean=float(x.mean()), deviation=float(x.std())
        )
    )


def _warn(specs: list[TransformSpec], config: CNNConfig) -> None:
    kinds = [spec.kind for spec in specs]
    if config.three_means and "Normalize" in kinds:
        st.warning(
            _(
                "Three means made **three channels** of one, silently: version 2 of the transforms stretches the "
                "picture, version 1 gave an error. A network that expects one channel refuses it: see the tab “The "
                "network”. One mean and one deviation are right for grey pictures."
            )
        )
    if "GaussianNoise" in kinds and "Normalize" in kinds[: kinds.index("GaussianNoise")]:
        st.warning(
            _(
                "Noise after Normalize cuts every number to 0…1, as if it were a pixel: paper that Normalize has made "
                "negative is 0 again, and ink above 1 is 1. Choose Noise before Normalize."
            )
        )
    if {"RandomVerticalFlip", "RandomHorizontalFlip"}.intersection(kinds):
        st.warning(
            _(
                "A flipped digit is often none, or another one: a 6 upside down looks like a 9 in a mirror, a flipped "
                "2 like a 5. The label stays what it was. Augmentation has to leave the meaning as it is: try it, and "
                "compare the accuracy."
            )
        )
    if {"RandomRotation", "RandomAffine"}.intersection(kinds) and config.rotation > 45:
        st.warning(
            _(
                "Turned by up to {angle} degrees, digits can become others: near 90 degrees a 1 is a dash and a 3 an m "
                "or a w, near 180 degrees a 6 is a 9. The label stays what it was."
            ).format(angle=config.rotation)
        )


def _draw_conversions() -> None:
    """Draw a table of the conversions ToTensor and ToPILImage, with shapes, types and ranges."""
    st.subheader(_("From a picture to a tensor, and back"))
    picture = v2.functional.to_pil_image(datasets.load("mnist", "train").images[_EXAMPLES[0]])
    tensor = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])(picture)
    back = v2.ToPILImage()(tensor)
    same = np.array_equal(np.asarray(picture), np.asarray(back))
    low, high = picture.getextrema()
    rows = [
        [_("what"), _("type"), _("shape"), _("range")],
        ["---"] * 4,
        [_("picture"), f"`PIL.Image`, {picture.mode}", " × ".join(map(str, picture.size)), f"{low} … {high}"],
        [
            _("after **ToTensor**"),
            f"`{tensor.dtype}`",
            " × ".join(map(str, tensor.shape)),
            f"{float(tensor.min()):g} … {float(tensor.max()):g}",
        ],
        [
            _("after **ToPILImage**"),
            f"`PIL.Image`, {back.mode}",
            " × ".join(map(str, back.size)),
            _("the same picture") if same else _("another picture"),
        ],
    ]
    st.markdown("\n".join("| " + " | ".join(row) + " |" for row in rows))
    st.caption(
        _(
            "ToTensor is today written as `ToImage()` and `ToDtype(torch.float32, scale=True)`. Scale, which the "
            "tutorial uses, was removed from torchvision; it is Resize."
        )
    )
