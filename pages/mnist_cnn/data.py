"""The "Data" tab: the training digits, and the effect of transforms on them."""

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
"""Number of digits in a sample."""
_EXAMPLES = (13, 1, 5, 7, 2, 0, 18, 4)
"""Indices of the training digits that illustrate the transforms. Labels: 6, 0, 2, 3, 4, 5, 6, 9."""

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
    """Draw the "Data" tab, with the settings of the transforms."""
    digits, numbers = st.columns([1.4, 1], gap="large")
    with digits:
        _draw_sample()
    with numbers:
        _draw_statistics()
    st.subheader(_("Transforms"))
    st.markdown(
        _(
            "Transforms change each digit before it enters the network. They are applied **in the order in which you "
            "choose them**. The next training run uses your choice. Random transforms draw new random numbers for "
            "each digit in each epoch."
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
    """Return the mean and standard deviation of the training pixels, scaled to 0..1, and a histogram with 256 bins."""
    counts = torch.bincount(datasets.load("mnist", "train").images.flatten().int(), minlength=256).double()
    values = torch.arange(256).double() / 255
    mean = (counts * values).sum() / counts.sum()
    std = ((counts * (values - mean) ** 2).sum() / counts.sum()).sqrt()
    return float(mean), float(std), counts.numpy()


def _draw_statistics() -> None:
    mean, std, counts = _statistics()
    st.markdown(
        _(
            "**60,000 training digits**, 28 × 28 pixels each. The pixel values have mean {mean:.4f} and standard "
            "deviation {std:.4f}. With these parameters, Normalize gives pixel values with mean 0 and standard "
            "deviation 1. The tutorial uses 0.5 for both parameters. This gives pixel values from −1 to 1 with mean "
            "{shifted:.2f} and standard deviation {scaled:.2f}. Both choices work."
        ).format(mean=mean, std=std, shifted=(mean - 0.5) / 0.5, scaled=std / 0.5)
    )
    shares = counts.reshape(16, 16).sum(axis=1)
    bars.histogram(
        shares,
        np.linspace(0, 1, 17),
        x=_("pixel intensity (0: background, 1: stroke)"),
        key="mnist_cnn.histogram",
        alt=_("Histogram of the pixel intensities of the training digits: most pixels are 0, and some are close to 1"),
    )
    st.caption(
        _(
            "{empty:.0%} of all pixels are 0, so the pixel values are not normally distributed. Normalize does not "
            "change this: it shifts and scales the values, but keeps the shape of the histogram."
        ).format(empty=counts[0] / counts.sum())
    )


def _draw_transform_settings(settings: Settings) -> None:
    chosen = settings.config.transforms
    fields = list(dict.fromkeys(field for name in chosen for field in _SETTINGS[name]))
    settings.draw_all(*fields)
    if "noise" in chosen:
        _explain_noise(settings.config)


def _explain_noise(config: CNNConfig) -> None:
    """Show how much noise is added. The noise slider is among the main settings of the page."""
    slider = _(str(CNNConfig.model_fields["noise"].title))
    if config.noise:
        st.caption(
            _(
                "The **Noise** transform adds noise with standard deviation {noise}. To change the standard "
                "deviation, use the “{slider}” slider in the sidebar."
            ).format(noise=number(config.noise), slider=slider)
        )
    else:
        st.warning(
            _("The Noise transform has no effect, because the “{slider}” slider in the sidebar is at 0.").format(
                slider=slider
            )
        )


def _draw_transformed(config: CNNConfig) -> None:
    if st.button(_("Generate new random numbers"), icon=":material/casino:", key="mnist_cnn.draws"):
        st.session_state["mnist_cnn.draw"] = st.session_state.get("mnist_cnn.draw", 0) + 1
    before, labels = datasets.load("mnist", "train").batch(torch.tensor(_EXAMPLES))
    specs = pipeline(config, training=True)
    after = apply(specs, before, st.session_state.get("mnist_cnn.draw", 0))
    before_column, after_column, code_column = st.columns([1, 1, 1.2], gap="medium")
    with before_column:
        _show_digits(_("**Before**"), before, labels)
    with after_column:
        _show_digits(_("**After**: the input of the network"), after, labels)
    with code_column:
        source.show(code(specs), title=_("The transforms as code"))
    _warn(specs, config)


def _show_digits(title: str, x: Tensor, labels: Tensor) -> None:
    st.markdown(title)
    low, high = float(x.min()), float(x.max())
    # Map the smallest value to white and the largest value to black
    scaled = ((x - low) / max(high - low, 1e-9)).movedim(1, -1).expand(-1, -1, -1, 3)
    tiles = (255 - scaled * 255).round().to(torch.uint8).numpy()
    images.show(
        images.tile(tiles, columns=4, scale=4, gap=1),
        alt=_("Eight digits: {labels}").format(labels=", ".join(map(str, labels.tolist()))),
    )
    st.caption(
        _("shape {shape} · from {low:.2f} to {high:.2f} · mean {mean:.3f}, standard deviation {std:.3f}").format(
            shape=" × ".join(map(str, x.shape[1:])), low=low, high=high, mean=float(x.mean()), std=float(x.std())
        )
    )


def _warn(specs: list[TransformSpec], config: CNNConfig) -> None:
    kinds = [spec.kind for spec in specs]
    if config.three_means and "Normalize" in kinds:
        st.warning(
            _(
                "Normalize with three means turned one channel into **three channels**, without a warning. (Version 1 "
                "of the transforms raises an error.) A network with one input channel raises an error for this input: "
                "see the “Network” tab. Grayscale images need one mean and one standard deviation."
            )
        )
    if "GaussianNoise" in kinds and "Normalize" in kinds[: kinds.index("GaussianNoise")]:
        st.warning(
            _(
                "The Noise transform clips every value to the range from 0 to 1, but many normalized values are "
                "outside this range. Negative values become 0, and values above 1 become 1. Choose Noise before "
                "Normalize."
            )
        )
    if {"RandomVerticalFlip", "RandomHorizontalFlip"}.intersection(kinds):
        st.warning(
            _(
                "A flipped digit often does not look like a digit, or looks like a different digit: for example, a "
                "flipped 2 looks like a 5. But the label stays the same. Data augmentation must not change the class "
                "of an image. Train with flips, and compare the accuracy."
            )
        )
    if {"RandomRotation", "RandomAffine"}.intersection(kinds) and config.rotation > 45:
        st.warning(
            _(
                "A digit that is rotated by up to {angle}° can look like something else. Near 90°, a 1 looks like a "
                "dash, and a 3 looks like an m or a w. Near 180°, a 6 looks like a 9. But the label stays the same."
            ).format(angle=config.rotation)
        )


def _draw_conversions() -> None:
    """Draw a table of the conversions ToTensor and ToPILImage, with shapes, types, and ranges."""
    st.subheader(_("From an image to a tensor, and back"))
    image = v2.functional.to_pil_image(datasets.load("mnist", "train").images[_EXAMPLES[0]])
    tensor = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])(image)
    back = v2.ToPILImage()(tensor)
    same = np.array_equal(np.asarray(image), np.asarray(back))
    low, high = image.getextrema()
    rows = [
        [_("stage"), _("type"), _("shape"), _("range")],
        ["---"] * 4,
        [_("image"), f"`PIL.Image`, {image.mode}", " × ".join(map(str, image.size)), f"{low} … {high}"],
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
            _("the same image") if same else _("a different image"),
        ],
    ]
    st.markdown("\n".join("| " + " | ".join(row) + " |" for row in rows))
    st.caption(
        _(
            "In version 2 of torchvision's transforms, `ToImage()` and `ToDtype(torch.float32, scale=True)` replace "
            "`ToTensor()`. The tutorial also lists `Scale`, which was removed from torchvision. Use `Resize` instead."
        )
    )
