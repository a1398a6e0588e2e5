"""The tab with the code that runs: the backbone, the head, and how both are judged."""

from core.own_pictures import apply, compared, head, question
from pages.components import source
from pages.components.text import _


def draw() -> None:
    """Draw the tab."""
    source.beside(
        (_("The backbone, without its last layer"), source.source(apply.build)),
        (_("The head: all that is trained"), source.source(head.train_head)),
    )
    source.beside(
        (_("Each picture is asked of a head that has not seen its photo"), source.source(head.leave_one_out)),
        (_("Which pictures are of one photo"), source.source(head.photos)),
    )
    source.beside(
        (_("What mattered"), source.source(question.occlusion)),
        (_("In comparison: a network from scratch"), source.source(compared.train_network)),
    )
