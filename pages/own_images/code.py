"""The "Code" tab: the backbone, the trained head, and their evaluation."""

from core.topics.own_images import baselines, explanation, linear_probe, predict
from pages.components import source
from pages.components.text import _


def draw() -> None:
    """Draw the "Code" tab."""
    source.show_columns(
        (_("The backbone, without its last layer"), source.source(predict.build)),
        (_("The head, the only layer that is trained"), source.source(linear_probe.train_head)),
    )
    source.show_columns(
        (
            _("Grouped cross-validation: all copies of a photo stay in the same fold"),
            source.source(linear_probe.leave_one_out),
        ),
        (_("Grouping images that are copies of the same photo"), source.source(linear_probe.group_by_photo)),
    )
    source.show_columns(
        (
            _("Important regions"),
            source.source(explanation.occluded_inputs) + "\n\n\n" + source.source(explanation.occlusion),
        ),
        (_("Baseline: a network trained from scratch"), source.source(baselines.train_network)),
    )
