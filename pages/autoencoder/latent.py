"""The tab of the latent space: the codes of images in a plane over which a marker is dragged."""

import streamlit as st

from core.data import datasets
from core.topics.autoencoder.latent import PROJECTIONS, Plane, Projection, bounding_box
from core.topics.autoencoder.model import PIXELS, Autoencoder
from pages.autoencoder import interpolation, latent_cache
from pages.autoencoder.selected_model import SelectedModel, describe
from pages.components.charts import image_plane
from pages.components.run.fragments import redraw
from pages.components.text import _


def draw(model: SelectedModel) -> None:
    """Draw the tab."""
    if not isinstance(model.network, Autoencoder):
        st.info(
            _(
                "This network has no code to look at: its skip connections carry the image past the bottleneck, and "
                "so there is no place where all that it knows of an image is a few numbers."
            ),
            icon=":material/block:",
        )
        return
    describe(model)
    with st.spinner(_("Encoding {count:,} test images…").format(count=latent_cache.COUNT), show_time=False):
        codes = latent_cache.codes(model)
    st.markdown(_size(codes.shape[1]).format(code=codes.shape[1], pixels=PIXELS, times=codes.shape[1] / PIXELS))
    if not bool(codes.isfinite().all()):
        st.warning(_("Some numbers of its codes are not finite: there is nothing to be drawn."))
        return
    redraw(lambda: _draw_plane(model))
    redraw(lambda: interpolation.draw(model))
    redraw(lambda: interpolation.draw_directions(model))


def _size(code: int) -> str:
    if code >= PIXELS:
        return _(
            "**The code of an image has {code:,} numbers, the image itself {pixels}.** That is {times:.0f} times as "
            "many: nothing is compressed, and no bottleneck forces the network to find what images have in common."
        )
    return _(
        "**The code of an image has {code:,} numbers, the image itself {pixels}.** All that the decoder knows of "
        "an image is in those numbers."
    )


# ---- The plane


def _draw_plane(model: SelectedModel) -> None:
    st.markdown(_("#### {count:,} test images, by their codes").format(count=latent_cache.COUNT))
    name = _choose_projection(model)
    with st.spinner(_("Placing {count:,} codes…").format(count=latent_cache.COUNT), show_time=False):
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
        words=_words(model, name, projection),
        key="autoencoder.plane",
    )


def _choose_projection(model: SelectedModel) -> str:
    """Draw the choice of the projection, and its meaning."""
    numbers = latent_cache.codes(model).shape[1]
    names = {"direct": _("The code itself"), "pca": _("PCA"), "tsne": _("t-SNE")}
    choices = [name for name in PROJECTIONS if name != "direct" or numbers == 2]
    key = "ae.projection"
    if st.session_state.get(key) not in choices:
        st.session_state[key] = choices[0]
    chosen = st.segmented_control(
        _("Two dimensions"),
        choices,
        format_func=names.__getitem__,
        key=key,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    name = chosen or choices[0]  # one is always chosen
    remarks = {
        "direct": _("The code has two numbers, and they are the axes: nothing is left out."),
        "pca": _("The plane in which the codes differ most, through their mean.")
        if numbers > 2
        else _("The code has two numbers: PCA only turns the plane."),
        "tsne": _(
            "Each code near those that it is close to. The axes mean nothing, and nor do the sizes of the groups and "
            "the distances between them."
        ),
    }
    st.caption(remarks[name])
    return name


def _words(model: SelectedModel, name: str, projection: Projection) -> image_plane.Words:
    axes = {
        "direct": (_("first number of the code"), _("second number of the code")),
        "pca": (_("strongest direction"), _("second strongest direction")),
        "tsne": ("", ""),
    }
    alt = _("The codes of {count:,} test images as points in a plane, coloured by class. Arrow keys move the marker.")
    if isinstance(projection, Plane):
        map_title = _("Map of the plane: what the decoder draws at each place")
        decoded, note = _("Decoded from this place"), _note(model, projection)
    else:
        map_title = _("Test images at their places in the plane")
        decoded, note = (
            "",
            _(
                "No place of this plane can be decoded: t-SNE only places the codes that it is given, and there is no "
                "way back from a place to a code. So this is the test image nearest to it."
            ),
        )
    return image_plane.Words(
        alt=alt.format(count=latent_cache.COUNT),
        map_alt=map_title,
        map_title=map_title,
        x=axes[name][0],
        y=axes[name][1],
        place=_("Drag the marker. At ({x}, {y}), nearest test image: {class}"),
        decoded=decoded,
        nearest=_("Nearest test image: {class}"),
        restored=_("Its reconstruction, from its whole code"),
        note=note,
        marked=_(
            "The code at this place has negative numbers. No image has such a code, as it is the output of a ReLU; the "
            "decoder draws something all the same."
        ),
    )


def _note(model: SelectedModel, projection: Plane) -> str:
    text = _("The decoder drew {side} × {side} places of this plane; between them the image is interpolated.").format(
        side=latent_cache.DECODED_SIDE
    )
    if latent_cache.codes(model).shape[1] == 2:
        return text
    return _(
        "{text} These two directions show {share:.0%} of the variance of the codes: images that lie on each other here "
        "may be far apart in the others."
    ).format(text=text, share=projection.variance_ratio)
