"""The descriptor of the page "Your own images". It imports no torch."""

from pages.components.text import _
from pages.own_images.errors import messages
from pages.registry import PageSpec


def _activities() -> str:
    return _(
        "show it some pictures of each of two to ten classes, from files, a zip or the webcam (five classes "
        "are there to begin with); ask it about new ones, noisy or not, and see which parts mattered; leave "
        "every photo out once; compare with raw pixels and with a network from scratch; take the trained head "
        "home with a script that applies it"
    )


def _learning_goals() -> str:
    return _(
        "what features of ImageNet are, and how much they are worth with ten pictures; why copies of a photo "
        "must be on one side; that it has no answer “none”"
    )


def _warm_up() -> None:
    """Train the head on the examples, and compute which parts of the first new picture are important."""
    from core.topics.own_images.config import PRESETS
    from core.topics.own_images.examples import held_out
    from core.topics.own_images.explanation import noisy_input
    from pages.own_images.prediction import occluded_features
    from pages.own_images.trained_head import train_on_examples

    config = next(iter(PRESETS.values()))
    _class_name, image = held_out()[0]
    occluded_features(train_on_examples(config), image, noisy_input(image.pixels, config.noise))


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
