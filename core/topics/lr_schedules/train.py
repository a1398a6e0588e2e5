"""Schedules of the learning rate, and the noise that a batch brings into the gradient, on the network of the race."""

from collections.abc import Generator, Sequence

import torch

from core.topics.lr_schedules.config import ScheduleConfig
from core.training.batched.data import Task
from core.training.batched.mlp import StackedMLP
from core.training.batched.results import Member, Standings
from core.training.batched.run import Heat, final_metrics, metrics
from core.training.progress import Progress, TrainedModel
from core.training.rng import Stream, generator
from core.training.schedules import learning_rates


def train(config: ScheduleConfig) -> Generator[Progress, None, TrainedModel]:
    """Train the same networks under every schedule, at every highest learning rate.

    Events and result as those of `core.training.batched.run.train`.
    """
    task, standings = Task(config), Standings(config)
    members = [
        Member(schedule, rate, seed)
        for schedule in config.schedules
        for rate in config.learning_rates
        for seed in range(config.seeds)
    ]
    factors = {schedule: learning_rates(schedule, config.updates) for schedule in config.schedules}
    heat = Heat(config, task, members, factors)
    for step, arrays in heat.run():
        event = Progress(step, config.updates, {}, arrays)
        standings.add(event)
        yield Progress(step, config.updates, metrics(standings), arrays)
    winner = standings.winner()
    weights = heat.networks.weights(members.index(Member(*winner, 0))) if winner else {}
    weights = {name: tensor.clone() for name, tensor in weights.items()}
    return TrainedModel(weights, metrics(standings) | final_metrics(standings))


WHOLE = 8_192  # samples whose gradient stands for that of all data, and that the batches are drawn from


def gradient_noise(
    config: ScheduleConfig, weights: dict[str, torch.Tensor] | None, sizes: Sequence[int]
) -> dict[int, float]:
    """How far the gradients of batches are from that of all data, as a multiple of its length.

    For each batch size the root mean square over 32 to 512 batches, drawn with replacement, at these weights or at the
    first ones of the run. In theory it is inversely proportional to √size.
    """
    task = Task(config)
    network = StackedMLP.of(weights) if weights else Heat(config, task, [Member("sgd", 0.0, 0)]).networks
    samples = min(WHOLE, config.samples)
    whole = _gradient(network, task, torch.arange(samples))
    noise = {}
    for size in sizes:
        random = generator(config.seed, Stream.LR_SCHEDULES_BATCHES, size)
        batches = torch.randint(samples, (max(32, min(512, WHOLE // size)), size), generator=random)
        squares = [(_gradient(network, task, batch) - whole).square().sum() for batch in batches]
        noise[size] = float((torch.stack(squares).mean() / whole.square().sum()).sqrt())
    return noise


def _gradient(network: StackedMLP, task: Task, indices: torch.Tensor) -> torch.Tensor:
    _losses, grad_W1, grad_rest = network.gradients(*task.samples(indices))
    return torch.cat([grad_W1.flatten(), grad_rest.flatten()])
