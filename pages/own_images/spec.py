"""The descriptor of the "Your own images" page. This module does not import torch."""

from pages.components.text import _
from pages.own_images.errors import messages
from pages.registry import PageSpec


def _activities() -> str:
    return _(
        "define two to twenty classes, with images from files, folders, zip files, or the camera (five example "
        "classes are included); classify new images or live camera images, with or without noise, and see which "
        "parts of an image matter; find mislabeled images in the confusion matrix; compare ImageNet features with "
        "raw pixels and with a network trained from scratch; save the project, and export the trained head with a "
        "script for predictions"
    )


def _learning_goals() -> str:
    return _(
        "what ImageNet features are, and how much they help when there are few images; why all copies of a photo must "
        "be in the same cross-validation fold; why a classifier never predicts “none of these”"
    )


def _warm_up() -> None:
    """Fill the caches: load the features of the example images, and train the head on them."""
    from core.topics.own_images import example_features
    from core.topics.own_images.config import PRESETS
    from core.topics.own_images.examples import held_out
    from pages.own_images.session import PageSession
    from pages.own_images.workspace import Workspace

    example_features.fill_cache()
    state = PageSession(Workspace(""))
    state.follow(next(iter(PRESETS.values())))
    if state.training:
        state.training.wait(120)
        state.collect()
    if state.trained:
        for _class_name, image in held_out():
            state.answer(f"predict/{image.key}", b"")


PAGE = PageSpec(
    name="own_images",
    section="vision",
    position=4,
    icon="photo_camera",
    title=lambda: _("Your own images"),
    activities=_activities,
    learning_goals=_learning_goals,
    topics=(),
    sentence=lambda: _("Train a classifier on your own images, in seconds, with a pretrained network."),
    errors=messages,
    old_addresses=("own_pictures",),
    warm_up=_warm_up,
)
