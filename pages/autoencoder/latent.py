"""The "Latent space" tab: the latent codes of test images as points in a plane, with a draggable marker."""

import streamlit as st

from core.data import datasets
from core.topics.autoencoder.latent import PROJECTIONS, Plane, Projection, bounding_box
from core.topics.autoencoder.model import PIXELS, Autoencoder
from pages.autoencoder import interpolation, latent_cache
from pages.autoencoder.selected_model import SelectedModel, describe
from pages.components.charts import image_plane
from pages.components.run.fragments import redraw
from pages.components.text import _, ngettext


def draw(model: SelectedModel) -> None:
    """Draw the "Latent space" tab for a network, or explain that the network has no latent code."""
    if not isinstance(model.network, Autoencoder):
        st.info(
            _(
                "This network has no latent code. Its skip connections carry image details around the bottleneck, so "
                "no small set of numbers determines the whole output."
            ),
            icon=":material/block:",
        )
        return
    describe(model)
    with st.spinner(_("Encoding the test images…"), show_time=False):
        codes = latent_cache.codes(model)
    st.markdown(_dimension(codes.shape[1]))
    if not bool(codes.isfinite().all()):
        st.warning(_("Some values of the codes are not finite, so the codes cannot be drawn."))
        return
    redraw(lambda: _draw_plane(model))
    redraw(lambda: interpolation.draw(model))
    redraw(lambda: interpolation.draw_directions(model))


def _dimension(code: int) -> str:
    """Return text that compares the code dimension with the number of pixels."""
    if code >= PIXELS:
        text = _(
            "**The code dimension is {code:,}, and an image has {pixels} pixels**. The code is {times:.0f} times as "
            "large as the image: nothing is compressed. No bottleneck forces the network to find what images have in "
            "common."
        )
    else:
        text = _(
            "**The code dimension is {code:,}, and an image has {pixels} pixels**. The decoder computes the whole "
            "image from these {code:,} numbers."
        )
    return text.format(code=code, pixels=PIXELS, times=code / PIXELS)


# ---- The plane


def _draw_plane(model: SelectedModel) -> None:
    title = ngettext("#### The code of {count:,} test image", "#### The codes of {count:,} test images", _count())
    st.markdown(title.format(count=_count()))
    name = _choose_projection(model)
    with st.spinner(_("Projecting the codes…"), show_time=False):
        projection, grid = latent_cache.projection(model, name), latent_cache.grid(model, name)
    data = datasets.load(model.config.data, "test")
    low, high = bounding_box(projection.points)
    image_plane.draw(
        projection.points.numpy(),
        data.labels[: latent_cache.COUNT].numpy(),
        [_(label) for label in data.classes],
        low=low.numpy(),
        high=high.numpy(),
        sheets={
            "nearest": latent_cache.image_sheet(model.config.data),
            "restored": latent_cache.reconstructed_sheet(model),
        },
        grid=grid,
        words=_texts(model, name, projection),
        key="autoencoder.plane",
    )


def _choose_projection(model: SelectedModel) -> str:
    """Draw a widget for choosing the projection, with an explanation. Return the name of the projection."""
    dimension = latent_cache.codes(model).shape[1]
    titles = {"direct": _("The code itself"), "pca": _("PCA"), "tsne": _("t-SNE")}
    choices = [name for name in PROJECTIONS if name != "direct" or dimension == 2]
    key = "ae.projection"
    if st.session_state.get(key) not in choices:
        st.session_state[key] = choices[0]
    chosen = st.segmented_control(
        _("Projection to two dimensions"),
        choices,
        format_func=titles.__getitem__,
        key=key,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    name = chosen or choices[0]  # a projection is always chosen
    remarks = {
        "direct": _("The two dimensions of the code are the axes of the plane, so no information is lost."),
        "pca": _("The plane contains the mean code. It is spanned by the two directions in which the codes vary most.")
        if dimension > 2
        else _("The code has two dimensions, so PCA only shifts, rotates, or mirrors the plane."),
        "tsne": _(
            "t-SNE tries to keep neighboring codes together. The axes, the cluster sizes, and the distances between "
            "clusters have no meaning."
        ),
    }
    st.caption(remarks[name])
    return name


def _count() -> int:
    return latent_cache.COUNT


def _texts(model: SelectedModel, name: str, projection: Projection) -> image_plane.Words:
    """Return the texts around the plane: axis titles, captions, and notes."""
    axes = {
        "direct": (_("first dimension of the code"), _("second dimension of the code")),
        "pca": (_("first principal component"), _("second principal component")),
        "tsne": ("", ""),
    }
    alt = ngettext(
        "The code of {count:,} test image as a point in a plane, colored by class. Arrow keys move the marker.",
        "The codes of {count:,} test images as points in a plane, colored by class. Arrow keys move the marker.",
        _count(),
    )
    if isinstance(projection, Plane):
        map_title = _("Map of the plane: the decoder's output at each point")
        decoded, note = _("Decoded from this point"), _note(model, projection)
    else:
        map_title = _("Test images at their positions in the plane")
        decoded, note = (
            "",
            _(
                "Points in this plane cannot be decoded: t-SNE has no inverse that maps a point to a code. So you see "
                "the nearest test image instead."
            ),
        )
    return image_plane.Words(
        alt=alt.format(count=_count()),
        map_alt=map_title,
        map_title=map_title,
        x=axes[name][0],
        y=axes[name][1],
        place=_("Drag the marker. Test image nearest to ({x}, {y}): {class}"),
        decoded=decoded,
        nearest=_("Nearest test image: {class}"),
        restored=_("This image, reconstructed from its full code"),
        note=note,
        marked=_(
            "The code at this point has negative values. No image has a code with negative values, because the code is "
            "the output of a ReLU. The decoder still outputs an image."
        ),
    )


def _note(model: SelectedModel, projection: Plane) -> str:
    """Return text that states how the images in the plane are computed and how much variance the plane captures."""
    if latent_cache.codes(model).shape[1] == 2:
        text = _("{side} × {side} points in this plane are decoded. Between these points, images are interpolated.")
    else:
        text = _(
            "{side} × {side} points in this plane are decoded. Between these points, images are interpolated. The "
            "plane captures {ratio:.0%} of the variance of the codes. Codes that coincide in this plane can be far "
            "apart in other dimensions."
        )
    return text.format(side=latent_cache.DECODED_SIDE, ratio=projection.variance_ratio)
