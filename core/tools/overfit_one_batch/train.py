"""Train on a single batch until the loss is nearly as small as possible."""

from collections.abc import Generator, Sequence
from contextlib import closing

from core.tools.config import ToolConfig
from core.tools.settings import one_batch
from core.tools.trial import losses, lowest_loss
from core.training.progress import Progress, TrainedModel
from core.training.state import TrainingState, Values

MAX_UPDATES = 1_000
GOAL = 0.05
"""The batch is memorized when the loss is at most this fraction of its initial value (see `remaining`)."""
FALLING = 0.9
"""The loss is still falling if the last quarter of the updates multiplies it by less than this factor."""


def remaining(losses: Sequence[float | None], *, least: float) -> float | None:
    """Return the distance of the last loss from the smallest possible loss, as a fraction of the first distance.

    Returns None if the last loss is not finite.
    """
    first, last = losses[0], losses[-1]
    if first is None or last is None:
        return None
    return (last - least) / (first - least) if first > least else 0.0


def train(config: ToolConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Train on one batch, without regularization and random changes; yield progress after every update.

    Training ends when the batch is memorized (see GOAL), when training diverges, or after MAX_UPDATES updates.

    Metric of each event: ``loss``, the loss of the batch, or None if it is not finite. If a run trains several
    networks, it is the lowest loss of a network.

    Final metrics: ``memorized``, 1 or 0; ``remaining`` (see `remaining`), or None after a divergence; ``updates``, the
    number of updates; ``least_loss``, the smallest possible loss; and ``falling``, 1 if the loss was still falling at
    the end (see FALLING), or otherwise 0.
    """
    topic = config.examined_topic
    trial = one_batch(topic, config.examined, updates=MAX_UPDATES)
    least = topic.trial.least_loss(trial)
    state, inner, kept = resume or TrainingState(), TrainingState(losses_only=True), Values(losses=[], ended=False)
    state.track(inner=inner, kept=kept)
    inner.resumed = inner.step > 0
    if not state.resumed:
        yield Progress(0, MAX_UPDATES, {})
    with closing(losses(topic, trial, inner, updates=0 if kept.ended else MAX_UPDATES)) as training:
        for values in training:
            state.step = inner.step
            kept.losses.append(lowest_loss(values))
            left = remaining(kept.losses, least=least)
            kept.ended = left is None or left <= GOAL
            yield Progress(state.step, MAX_UPDATES, {"loss": kept.losses[-1]})
            if kept.ended:
                break
    left = remaining(kept.losses, least=least)
    earlier, last = kept.losses[-1 - len(kept.losses) // 4], kept.losses[-1]
    is_falling = earlier is not None and last is not None and last - least < FALLING * (earlier - least)
    return TrainedModel(
        {},
        {
            "memorized": float(left is not None and left <= GOAL),
            "remaining": left,
            "updates": state.step,
            "least_loss": least,
            "falling": float(is_falling),
        },
    )
