"""Train the same networks with several learning-rate schedules at once."""

from collections.abc import Generator

from core.topics.lr_schedules.config import LRSchedulesConfig
from core.training.batched.data import DataSplits
from core.training.batched.results import NetworkSpec, Results
from core.training.batched.run import BatchedRun, final_metrics, metrics
from core.training.progress import Progress, TrainedModel
from core.training.state import TrainingState


def train(config: LRSchedulesConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Train one network for each combination of schedule, maximum learning rate, and seed.

    Arrays for the N networks, with NaN for values that are not finite:
    - In the first event, ``members`` (N, 3): the index of the schedule, the maximum learning rate, and the seed.
    - ``train`` (N,): the mean loss of the batches since the previous event.
    - At every VALIDATION_INTERVAL-th event and at the end, ``validation_loss`` (N,). For digits, also ``accuracy``
      (N,): the validation accuracy.
    - At the end, for digits, ``test`` (N,): the test accuracy.

    Metrics of each schedule at its best learning rate so far, as medians over the seeds:
    - ``train/<schedule>``: the training loss. ``validation_loss/<schedule>``: the validation loss.
    - At the end, ``rate/<schedule>``: the best learning rate. For digits, also ``test/<schedule>``: the test accuracy.

    The metric ``loss`` is the validation loss of the best schedule.

    Returns the weights of one network: the network with the best schedule, the best learning rate of this schedule, and
    the first seed. If training diverged for all schedules, returns no weights.
    """
    data, results = DataSplits(config), Results(config)
    specs = [
        NetworkSpec(schedule, rate, seed)
        for schedule in config.schedules
        for rate in config.learning_rates
        for seed in range(config.seeds)
    ]
    state = resume or TrainingState()
    state.track(results=results)
    run = BatchedRun(config, data, specs, config.lr_factors(config.updates), state)
    for step, arrays in run.train():
        event = Progress(step, config.updates, {}, arrays)
        results.add(event)
        yield Progress(step, config.updates, {} if state.losses_only else metrics(results), arrays)
    winner = results.winner()
    weights = run.networks.weights(specs.index(NetworkSpec(*winner, 0))) if winner else {}
    weights = {name: tensor.clone() for name, tensor in weights.items()}
    return TrainedModel(weights, metrics(results) | final_metrics(results))
