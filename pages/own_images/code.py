"""The tab with the code: the backbone, the trained head, and their evaluation."""

from core.topics.own_images import baselines, explanation, linear_probe, predict
from pages.components import source
from pages.components.text import _


def draw() -> None:
    """Draw the tab."""
    source.show_columns(
        (_("The backbone, without its last layer"), source.source(predict.build)),
        (_("The head: all that is trained"), source.source(linear_probe.train_head)),
    )
    source.show_columns(
        (_("Each image is predicted by a head that has not seen its photo"), source.source(linear_probe.leave_one_out)),
        (_("Which images show one photo"), source.source(linear_probe.group_by_photo)),
    )
    source.show_columns(
        (
            _("What mattered"),
            source.source(explanation.occluded_inputs) + "\n\n\n" + source.source(explanation.occlusion),
        ),
        (_("For comparison: a network from scratch"), source.source(baselines.train_network)),
    )
