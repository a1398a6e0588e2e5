"""The transforms that the tutorial names: a digit before and after each of them."""

import streamlit as st
from PIL import ImageOps

from core.data import datasets
from core.topics.workflow import transforms
from core.topics.workflow.transforms import EXAMPLES, Description, Result
from pages.components import source, tables
from pages.components.charts import images
from pages.components.text import _, number

_DIGIT = 13
"""Index of the training digit: a 6, which a flip or a crop changes visibly."""
_SCALE = 6
"""Pixels on the screen per pixel of the image. It is the same for all images, so that their sizes can be compared."""


def draw() -> None:
    """Draw a choice of transforms, and a digit before and after the chosen transform."""
    titles = {name: name for name in EXAMPLES} | {"NormalizeFirst": _("Normalize before ToTensor")}
    name = st.pills(
        _("Transform"),
        list(EXAMPLES),
        format_func=titles.__getitem__,
        default=next(iter(EXAMPLES)),
        required=True,
        key="workflow.transforms.name",
        label_visibility="collapsed",
    )
    example = EXAMPLES[name]
    draw_number = st.session_state.get("workflow.transforms.draw", 0)
    result = transforms.apply(name, datasets.load("mnist", "train").images[_DIGIT], draw=draw_number)
    source.show(example.code)
    pictures, statistics = st.columns([1, 1.6], gap="medium")
    with pictures, st.container(horizontal=True, gap="small"):
        _draw_image(_("**Before**"), result.before, alt=_("The digit before the transform"))
        if result.after:
            _draw_image(_("**After**"), result.after, alt=_("The digit after the transform"))
    with statistics:
        _draw_statistics(result)
    if result.error:
        st.code(result.error, language=None, wrap_lines=True)
    if example.is_random:
        st.button(
            _("New random numbers"), icon=":material/casino:", key="workflow.transforms.again", on_click=_draw_again
        )
        if result.unchanged:
            st.caption(_("This time, the random number left the image unchanged."))
    st.markdown(_meanings()[name])


def _draw_again() -> None:
    st.session_state["workflow.transforms.draw"] = st.session_state.get("workflow.transforms.draw", 0) + 1


def _draw_image(title: str, description: Description, *, alt: str) -> None:
    picture = ImageOps.expand(images.pixel_intensities(description.pixels, scale=_SCALE), border=1, fill=128)
    with st.container(width=28 * _SCALE + 2):
        st.markdown(title)
        images.show(picture, alt=alt, width=picture.width)


def _draw_statistics(result: Result) -> None:
    """Draw a table of the type, the shape, and the values of a digit before and after a transform."""
    columns = [result.before] + ([result.after] if result.after else [])
    rows = [
        [_("type"), *(each.kind for each in columns)],
        [_("shape"), *(_shape(each) for each in columns)],
        [_("range"), *(_("{low} to {high}").format(low=number(each.low), high=number(each.high)) for each in columns)],
        [_("mean"), *(number(each.mean) for each in columns)],
        [_("standard deviation"), *(number(each.std) for each in columns)],
    ]
    tables.show(["", _("before"), _("after")][: 1 + len(columns)], rows)


def _shape(description: Description) -> str:
    """Return the attribute with the shape: (C, H, W) of a tensor, (width, height) of an image."""
    attribute = "shape" if description.kind.startswith("Tensor") else "size"
    return f"{attribute} = {description.shape}"


def _meanings() -> dict[str, str]:
    """Return an explanation of each transform."""
    return {
        "Resize": _("Scales the image. A single size is the length of the shorter side."),
        "Scale": _(
            "`Scale` was an old name of `Resize`. It was removed from torchvision, so old programs with this line fail "
            "today. Write `Resize`: the arguments are the same."
        ),
        "CenterCrop": _("Keeps the center of the image, without scaling it."),
        "RandomCrop": _(
            "Keeps a random part of the image. In each epoch, the network gets a different part: data augmentation. "
            "Part of the digit may be lost."
        ),
        "RandomHorizontalFlip": _(
            "Mirrors the image from left to right, with probability 0.5. This helps with photos of animals. A "
            "mirrored digit is usually not a digit, but its label stays the same."
        ),
        "RandomVerticalFlip": _(
            "Mirrors the image from top to bottom, with probability 0.5. A 6 then looks like a mirrored 9, but its "
            "label stays 6."
        ),
        "ToTensor": _(
            "Makes a tensor from an image: the type becomes float32, the range 0 to 255 becomes 0 to 1, and the "
            "channels come first. In torchvision's newer `transforms.v2`, `ToImage()` and `ToDtype(torch.float32, "
            "scale=True)` replace it."
        ),
        "ToPILImage": _("The reverse of ToTensor: makes an image from a tensor, for example to display it."),
        "Normalize": _(
            "Subtracts the mean and divides by the standard deviation: (0 − 0.5) / 0.5 = −1 and (1 − 0.5) / 0.5 = 1. "
            "The image looks the same: only the scale of the numbers is different. The tutorial's 0.5 and 0.5 are not "
            "the mean and the standard deviation of MNIST (0.1307 and 0.3081), so the result does not have mean 0 and "
            "standard deviation 1."
        ),
        "NormalizeFirst": _(
            "Order matters: Normalize needs a tensor, so it comes after ToTensor. Transforms of images, such as Resize "
            "and the crops, usually come first."
        ),
    }
