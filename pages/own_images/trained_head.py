"""What this session's network has learnt: features once for each picture, and a head on them."""

from collections.abc import Callable, Hashable
from typing import NamedTuple, TypeVar

import streamlit as st
import torch
from torch import Tensor

from core.topics.own_images.backbones import Backbone, load
from core.topics.own_images.config import OwnPicturesConfig
from core.topics.own_images.examples import examples
from core.topics.own_images.labelled_images import (
    Album,
    Picture,
    check,
    inputs,
    labels,
    pictures,
)
from core.topics.own_images.linear_probe import Examples, Trained, train_head
from pages.components.text import _
from pages.own_images import session_dataset

_FEATURES = "own_images.features"
_AT_ONCE = 16  # pictures between two moves of the bar

Value = TypeVar("Value")


class Taught(NamedTuple):
    """The classes, what was learnt from, and the head."""

    album: Album
    config: OwnPicturesConfig
    backbone: Backbone
    examples: Examples
    trained: Trained

    @property
    def classes(self) -> list[str]:
        """Their names."""
        return session_dataset.titles(self.album)

    @property
    def key(self) -> Hashable:
        """What tells it from what was taught otherwise; noise is on new pictures only."""
        return _key(self.album, self.config)


def teach(config: OwnPicturesConfig) -> Taught:
    """Teach what is on the shelf; nothing is computed twice. Raises what `check` and `load` raise."""
    album = session_dataset.album()
    check(album)

    def taught() -> Taught:
        backbone = load(config.backbone)
        shown = Examples.of(_features(backbone, pictures(album)), labels(album))
        return Taught(album, config, backbone, shown, train_head(shown, len(album), config))

    return once("own_images.taught", _key(album, config), taught)._replace(config=config)


def once(name: str, key: Hashable, compute: Callable[[], Value]) -> Value:
    """What this session has computed last by that name, computed anew for another key."""
    known = st.session_state.get(name)
    if known is None or known[0] != key:
        known = st.session_state[name] = key, compute()
    return known[1]


def _key(album: Album, config: OwnPicturesConfig) -> Hashable:
    return album, config.changed(noise=0.0)


def _features(backbone: Backbone, of: list[Picture]) -> Tensor:
    """Those of the pictures, (N, features); only those are computed that this session has not seen."""
    known: dict[tuple[str, str], Tensor] = st.session_state.setdefault(_FEATURES, {})
    missing = [picture for picture in of if (backbone.name, picture.key) not in known]
    if missing and {picture.key for picture in missing} <= {picture.key for picture in pictures(examples())}:
        found = _example_features(backbone.name)
        known |= {(backbone.name, picture.key): found[picture.key] for picture in missing}
    elif missing:
        bar = st.progress(0.0)
        for first in range(0, len(missing), _AT_ONCE):
            some = missing[first : first + _AT_ONCE]
            text = _("{done} of {all} pictures seen").format(done=first, all=len(missing))
            bar.progress(first / len(missing), text=text)
            found = backbone.features(inputs(some))
            known |= {(backbone.name, picture.key): row for picture, row in zip(some, found, strict=True)}
        bar.empty()
    return torch.stack([known[backbone.name, picture.key] for picture in of])


@st.cache_resource(show_spinner=False)
def _example_features(name: str) -> dict[str, Tensor]:
    """The features of the examples, by the pictures' keys; of these alone all sessions share them."""
    shipped = pictures(examples())
    return dict(zip((picture.key for picture in shipped), load(name).features(inputs(shipped)), strict=True))
