"""The descriptor of the page "Your own images". It imports no torch."""

from pages.components.text import _
from pages.own_images.errors import messages
from pages.registry import PageSpec


def _activities() -> str:
    return _(
        "give two to twenty classes some images each, from files, folders, zips or bursts of the camera (five "
        "classes are there to begin with); test new images or the live camera, noisy or not, and see which parts "
        "matter; find mislabelled images in the confusion matrix; compare with raw pixels and with a network from "
        "scratch; save the project, and export the trained head with a script that applies it"
    )


def _learning_goals() -> str:
    return _(
        "what features of ImageNet are, and how much they are worth with ten images; why copies of a photo "
        "must be on one side of a split; that a classifier has no answer “none”"
    )


def _warm_up() -> None:
    """Train the head on the examples, and compute the features of the held-out images."""
    from core.topics.own_images.config import PRESETS
    from core.topics.own_images.examples import held_out
    from pages.own_images.session import PageSession
    from pages.own_images.workspace import Workspace

    state = PageSession(Workspace(""))
    state.follow(next(iter(PRESETS.values())))
    if state.training:
        state.training.wait(60)
        state.collect()
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
    sentence=lambda: _("Teach a pretrained network your own classes of images, in seconds."),
    errors=messages,
    old_addresses=("own_pictures",),
    warm_up=_warm_up,
)
