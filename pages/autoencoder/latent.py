"""The tab of the latent space: the codes of images in a plane that can be clicked."""

import streamlit as st
import torch
from torch import Tensor

from core.data import datasets
from core.topics.autoencoder.latent import (
    PROJECTIONS,
    Plane,
    Projection,
    bounding_box,
    nearest,
)
from core.topics.autoencoder.model import PIXELS, Autoencoder
from pages.autoencoder import interpolation, latent_cache
from pages.autoencoder.selected_model import SelectedModel, describe
from pages.components.charts import image_scatter, images
from pages.components.run.fragments import redraw
from pages.components.text import _, number


def draw(model: SelectedModel) -> None:
    """Draw the tab."""
    if not isinstance(model.network, Autoencoder):
        st.info(
            _(
                "This network has no code to look at: its skip connections carry the picture past the bottleneck, and "
                "so there is no place where all that it knows of a picture is a few numbers."
            ),
            icon=":material/block:",
        )
        return
    describe(model)
    with st.spinner(_("Encoding {count:,} test pictures…").format(count=latent_cache.COUNT), show_time=False):
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
            "**The code of a picture has {code:,} numbers, the picture itself {pixels}.** That is {times:.0f} times as "
            "many: nothing is compressed, and no bottleneck forces the network to find what pictures have in common."
        )
    return _(
        "**The code of a picture has {code:,} numbers, the picture itself {pixels}.** All that the decoder knows of a "
        "picture is in those numbers."
    )


# ---- The plane


def _draw_plane(model: SelectedModel) -> None:
    st.markdown(_("#### {count:,} test pictures, by their codes").format(count=latent_cache.COUNT))
    name = _choose_projection(model)
    with st.spinner(_("Placing {count:,} codes…").format(count=latent_cache.COUNT), show_time=False):
        projection = latent_cache.projection(model, name)
    left, right = st.columns([1.15, 1], gap="large")
    with left:  # a click draws nothing else again
        redraw(lambda: _draw_position(model, projection, _draw_points(model, name, projection)))
    with right:
        _draw_map(model, name, projection)


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


def _draw_points(model: SelectedModel, name: str, projection: Projection) -> image_scatter.Selection | None:
    data = datasets.load(model.config.data, "test")
    low, high = bounding_box(projection.points)
    axes = {
        "direct": (_("first number of the code"), _("second number of the code")),
        "pca": (_("strongest direction"), _("second strongest direction")),
        "tsne": (None, None),
    }
    clicked = image_scatter.draw(
        projection.points.numpy(),
        latent_cache.data_urls(model.config.data),
        data.labels[: latent_cache.COUNT].numpy(),
        classes=[_(label) for label in data.classes],
        low=low.numpy(),
        high=high.numpy(),
        x=axes[name][0],
        y=axes[name][1],
        key=f"ae.plane.{name}.{hash(model.key)}",
        alt=_("The codes of {count:,} test pictures as points in a plane, coloured by class").format(
            count=latent_cache.COUNT
        ),
    )
    if isinstance(projection, Plane) and latent_cache.codes(model).shape[1] > 2:
        st.caption(
            _(
                "These two directions show **{share:.0%} of the variance** of the codes: pictures that lie on each "
                "other here may be far apart in the others."
            ).format(share=projection.variance_ratio)
        )
    return clicked


def _draw_position(model: SelectedModel, projection: Projection, clicked: image_scatter.Selection | None) -> None:
    """Draw what is at the position that was clicked, or in the middle."""
    if clicked:
        position = torch.tensor(clicked.position)
        title = _("**At ({x},\u00a0{y})**")
    else:
        position = projection.points.mean(dim=0)
        title = _("**Click anywhere in the plane.** Until then, in the middle of the points, at ({x},\u00a0{y}):")
    x, y = map(_coordinate, position)
    if isinstance(projection, Plane):
        st.markdown(title.format(x=x, y=y))
    elif clicked:
        st.markdown(_("**Where you clicked**"))
    else:
        st.markdown(_("**Click anywhere in the plane.** Until then, in the middle of the points:"))
    near = clicked.point if clicked and clicked.point is not None else nearest(projection.points, position)
    data = datasets.load(model.config.data, "test")
    label = _(data.classes[int(data.labels[near])])
    with st.container(horizontal=True):
        if isinstance(projection, Plane):
            code = projection.invert(position.unsqueeze(0))
            latent_cache.show(
                latent_cache.decode(model, code)[0],
                alt=_("What the decoder draws at ({x}, {y})").format(x=x, y=y),
                caption=_("**drawn by the decoder** from this place"),
            )
        latent_cache.show(
            latent_cache.pictures(model.config.data)[near],
            alt=_("The nearest test picture: {label}").format(label=label),
            caption=_("the nearest **test picture**: {label}").format(label=label),
        )
        latent_cache.show(
            latent_cache.decode(model, latent_cache.codes(model)[near : near + 1])[0],
            alt=_("The nearest test picture, restored"),
            caption=_("**restored** from its code"),
        )
    if not isinstance(projection, Plane):
        st.caption(
            _(
                "**No place of this plane can be decoded**: t-SNE only places the codes that it is given, and there is "
                "no way back from a place to a code. So this is the picture nearest to it."
            )
        )
    elif latent_cache.rectified(model) and bool((code < 0).any()):
        st.caption(
            _(
                "The code at this place has negative numbers. No picture has such a code, as it is the output of a "
                "ReLU; the decoder draws something all the same."
            )
        )


def _coordinate(value: Tensor) -> str:
    return number(round(float(value), 3) + 0.0)  # without a sign of zero


def _draw_map(model: SelectedModel, name: str, projection: Projection) -> None:
    if isinstance(projection, Plane):
        alt = _("Map of the plane: what the decoder draws at {side} × {side} places")
        caption = _("**Map of the plane**: what the decoder draws at {side} × {side} places, from edge to edge.")
    else:
        alt = _("Test pictures at their places in the plane, in {side} × {side} cells")
        caption = _(
            "**Test pictures at their places**: in each of {side} × {side} cells the one nearest to its middle."
        )
    images.show(
        images.greys(latent_cache.map_images(model, name), columns=latent_cache.SIDE, scale=2),
        alt=alt.format(side=latent_cache.SIDE),
    )
    st.caption(caption.format(side=latent_cache.SIDE))
