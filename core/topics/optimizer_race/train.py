"""Train the networks of a race together, then more networks if a best learning rate is at one end of the range."""

from collections.abc import Generator

from core.topics.optimizer_race.config import OptimizerRaceConfig
from core.training.batched.data import DataSplits
from core.training.batched.results import NetworkSpec, Results
from core.training.batched.run import BatchedRun, final_metrics, metrics
from core.training.progress import Progress, TrainedModel
from core.training.state import TrainingState, Values

MAX_EXTENSIONS = 3
"""Maximum number of rounds that extend the range of learning rates."""
RATES_PER_EXTENSION = 2


def train(config: OptimizerRaceConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Train the networks of the race; yield progress at each measurement.

    With the setting ``extend``, another round of training extends the range of learning rates if an optimizer's best
    learning rate is at one end of the range (see MAX_EXTENSIONS).

    All networks with the same seed have the same initial weights. All networks get the same batches in the same order.

    Arrays for the N networks of a round, with NaN for values that are not finite:
    - At the beginning of a round, ``members`` (N, 3): the index of the optimizer, the learning rate, and the seed.
    - ``train`` (N,): the mean loss of the batches since the previous event.
    - At every VALIDATION_INTERVAL-th event and at the end of a round, ``validation_loss`` (N,), which is used to choose
      learning rates (see `DataSplits.validation`). For digits, also ``accuracy`` (N,): the validation accuracy.
    - At the end of a round, for digits, ``test`` (N,): the test accuracy.

    Metrics of each optimizer at its best learning rate so far, as medians over the seeds:
    - ``train/<optimizer>``: the training loss. ``validation_loss/<optimizer>``: the validation loss.
    - At the end, ``rate/<optimizer>``: the best learning rate. For digits, also ``test/<optimizer>``: the test
      accuracy.

    The metric ``loss`` is the validation loss of the winner, the best optimizer.

    For digits, returns the weights of the network that the winner trained at its best learning rate, with the first
    seed. For random targets, or if training diverged for all optimizers, returns no weights.
    """
    data, results = DataSplits(config), Results(config)
    lowest = -(config.rates // 2)
    kept = Values(
        positions={optimizer: list(range(lowest, lowest + config.rates)) for optimizer in config.optimizers},
        weights={},
        offset=0,
        extensions=MAX_EXTENSIONS if config.extend else 0,
    )
    state = resume or TrainingState()
    state.track(results=results, kept=kept)
    while True:
        specs = [
            NetworkSpec(optimizer, config.learning_rate_at(position), seed)
            for optimizer, own_positions in kept.positions.items()
            for position in own_positions
            for seed in range(config.seeds)
        ]
        run = BatchedRun(config, data, specs, state=TrainingState(losses_only=state.losses_only))
        state.track(run=run.state)
        for step, arrays in run.train():
            event = Progress(kept.offset + step, kept.offset + config.updates, {}, arrays)
            results.add(event)
            state.step = event.step
            yield Progress(event.step, event.total, {} if state.losses_only else metrics(results), arrays)
        winner = results.winner()
        if winner and config.data == "digits" and NetworkSpec(*winner, 0) in specs:
            number = specs.index(NetworkSpec(*winner, 0))
            kept.weights = {name: tensor.clone() for name, tensor in run.networks.weights(number).items()}
        extended = {optimizer: results.extension(optimizer, RATES_PER_EXTENSION) for optimizer in config.optimizers}
        positions = {optimizer: list(own_positions) for optimizer, own_positions in extended.items() if own_positions}
        if not (positions and kept.extensions):
            break
        kept.positions, kept.offset, kept.extensions = positions, kept.offset + config.updates, kept.extensions - 1
    return TrainedModel(kept.weights, metrics(results) | final_metrics(results))
