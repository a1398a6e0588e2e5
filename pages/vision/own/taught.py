"""What this session's network has learnt: features once for each picture, and a head on them."""

from typing import NamedTuple

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from core.own_pictures.album import Album, Picture, check
from core.own_pictures.apply import as_input
from core.own_pictures.backbones import Backbone, load
from core.own_pictures.config import OwnPicturesConfig
from core.own_pictures.examples import examples
from core.own_pictures.head import Examples, Trained, photos, train_head
from pages.components.text import _
from pages.vision.own import shelf

_FEATURES, _TAUGHT = "own_pictures.features", "own_pictures.taught"
_AT_ONCE = 16  # pictures between two moves of the bar


class Taught(NamedTuple):
    """The classes, what was learnt from, and the head."""

    album: Album
    config: OwnPicturesConfig
    backbone: Backbone
    examples: Examples
    trained: Trained

    @property
    def pictures(self) -> list[Picture]:
        """All pictures, in the order of the examples."""
        return [picture for of in self.album for picture in of.pictures]

    @property
    def classes(self) -> list[str]:
        """Their names."""
        return shelf.titles(self.album)


def teach(config: OwnPicturesConfig) -> Taught:
    """Teach what is on the shelf; nothing is computed twice. Raises what `check` and `load` raise."""
    album = shelf.album()
    check(album)
    noiseless = config.changed(noise=0.0)  # that is on new pictures only
    known: Taught | None = st.session_state.get(_TAUGHT)
    if known and known.album == album and known.config == noiseless:
        return known._replace(config=config)
    backbone = load(config.backbone)
    pictures = [picture for of in album for picture in of.pictures]
    features = _features(backbone, pictures)
    labels = torch.tensor([label for label, of in enumerate(album) for _picture in of.pictures])
    found = Examples(features, labels, photos(features))
    known = Taught(album, noiseless, backbone, found, train_head(found, len(album), config))
    st.session_state[_TAUGHT] = known
    return known._replace(config=config)


def _features(backbone: Backbone, pictures: list[Picture]) -> Tensor:
    """Those of the pictures, (N, features); only those are computed that this session has not seen."""
    known: dict[tuple[str, str], Tensor] = st.session_state.setdefault(_FEATURES, {})
    missing = [picture for picture in pictures if (backbone.name, picture.key) not in known]
    if missing and {picture.key for picture in missing} <= {picture.key for picture in _of_examples()}:
        found = _example_features(backbone.name)
        known |= {(backbone.name, picture.key): found[picture.key] for picture in missing}
    elif missing:
        bar = st.progress(0.0)
        for first in range(0, len(missing), _AT_ONCE):
            some = missing[first : first + _AT_ONCE]
            text = _("{done} of {all} pictures seen").format(done=first, all=len(missing))
            bar.progress(first / len(missing), text=text)
            found = backbone.features(as_input(np.stack([picture.pixels for picture in some])))
            known |= {(backbone.name, picture.key): row for picture, row in zip(some, found, strict=True)}
        bar.empty()
    return torch.stack([known[backbone.name, picture.key] for picture in pictures])


def _of_examples() -> list[Picture]:
    return [picture for of in examples() for picture in of.pictures]


@st.cache_resource(show_spinner=False)
def _example_features(name: str) -> dict[str, Tensor]:
    """The features of the examples, by the pictures' keys; of these alone all sessions share them."""
    found = load(name).features(as_input(np.stack([picture.pixels for picture in _of_examples()])))
    return dict(zip((picture.key for picture in _of_examples()), found, strict=True))
