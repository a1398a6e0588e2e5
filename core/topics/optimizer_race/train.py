"""Trains the networks of a race, all at once, and further ones where a best learning rate lies at an end."""

from collections.abc import Generator

from torch import Tensor

from core.topics.optimizer_race.config import RaceConfig
from core.training.batched.data import Task
from core.training.batched.results import Member, Standings
from core.training.batched.run import Heat, final_metrics, metrics
from core.training.progress import Progress, TrainedModel

EXTENSIONS = 3  # most rounds in which the range of learning rates is extended
FURTHER = 2  # learning rates beyond an end


def train(config: RaceConfig) -> Generator[Progress, None, TrainedModel]:
    """Train the networks of the race, then those that extend the range of an optimizer whose best rate is at its end.

    Every network has the first weights of its seed, and all get the same batches in the same order.

    Arrays: ``members`` (N, 3) at the beginning of a round: number of the optimizer, learning rate, seed; ``train``
    (N,) the mean loss of the batches since the last event; at every JUDGED-th event ``judged`` (N,), the loss by which
    rates are chosen (see `Task.judged`), and for digits ``accuracy`` (N,) of the validation split; ``test`` (N,), the
    test accuracy, at the end of a round. What is not finite is NaN there.

    Metrics, of each optimizer at its best rate so far: ``train/<optimizer>`` and ``judged/<optimizer>`` (medians over
    the seeds); at the end also ``rate/<optimizer>`` and ``test/<optimizer>``; ``loss`` is the winner's judged loss.
    Returns the winner's weights with its first seed; of random targets none.
    """
    task, standings = Task(config), Standings(config)
    lowest = -(config.rates // 2)
    places = {optimizer: range(lowest, lowest + config.rates) for optimizer in config.optimizers}
    winner: dict[str, Tensor] = {}
    offset, extensions = 0, EXTENSIONS if config.extend else 0
    while True:
        entered = [
            Member(optimizer, config.rate_at(place), seed)
            for optimizer, ends in places.items()
            for place in ends
            for seed in range(config.seeds)
        ]
        heat = Heat(config, task, entered)
        for step, arrays in heat.run():
            event = Progress(offset + step, offset + config.updates, {}, arrays)
            standings.add(event)
            yield Progress(event.step, event.total, metrics(standings), arrays)
        best = standings.winner()
        if best and config.data == "digits" and Member(*best, 0) in entered:
            winner = {
                name: part.clone() for name, part in heat.networks.weights(entered.index(Member(*best, 0))).items()
            }
        places = {optimizer: standings.beyond(optimizer, FURTHER) for optimizer in config.optimizers}
        places = {optimizer: further for optimizer, further in places.items() if further}
        if not (places and extensions):
            break
        offset, extensions = offset + config.updates, extensions - 1
    return TrainedModel(winner, metrics(standings) | final_metrics(standings))
