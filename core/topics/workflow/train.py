"""Train the network of the program with the same operations as the program, in a generator."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from core.topics.workflow.config import WorkflowConfig
from core.topics.workflow.data import loaders
from core.topics.workflow.spellings import Network
from core.training.batching import batches_per_epoch, evaluation_steps
from core.training.live_settings import set_in_optimizer
from core.training.probes import UpdateProbe, probe_steps, watch_units
from core.training.progress import Progress, TrainedModel, finite
from core.training.rng import Stream, seeded
from core.training.state import TrainingState, Values

MAX_EVENTS = 1_000
"""Maximum number of events of a run, in addition to its evaluations."""


def train(config: WorkflowConfig, resume: TrainingState | None = None) -> Generator[Progress, None, TrainedModel]:
    """Train the network; yield progress after every update or, in long runs, after every few updates.

    Metrics:
    - ``loss``: the loss of the batch before the update.
    - ``accuracy``: the accuracy on the test digits, from 0 to 1. At the end of an epoch, it is the accuracy that the
      program prints. Between epochs, the digits have other noise.
    - ``epoch``: the number of completed epochs, only at the end of an epoch.
    - At some keyframes, the gradients, updates, and units of each layer (see `core.training.probes`).
    - ``diverged_at``: the number of the update whose loss is not finite. The run ends there.

    The program draws all random numbers from PyTorch's global generator. So the state of the run contains the states
    of this generator at the latest update and at the start of the epoch.
    """
    state = resume or TrainingState()
    train_loader, test_loader = loaders(config)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(config.seed)
        model = Network()
        kept = Values(random=torch.get_rng_state(), epoch_random=torch.get_rng_state(), metrics={}, diverged={})
    optimizer = torch.optim.SGD(model.parameters(), lr=config.learning_rate)
    loss_function = nn.CrossEntropyLoss()
    state.track(model=model, optimizer=optimizer, kept=kept)
    state.current_weights = model.state_dict
    with seeded(config.seed, Stream.WORKFLOW_EVALUATION):
        (test_digits,) = test_loader
    per_epoch = batches_per_epoch(config.samples, config.batch_size)
    batches: list[list[int]] = []
    if not state.resumed:
        yield Progress(0, config.updates, {"accuracy": _accuracy(model, [test_digits])})
    for config in state.phases(config):
        updates = config.epochs * per_epoch
        keyframes = evaluation_steps(updates, n_trained=updates * config.batch_size, n_evaluated=1_000, first=(1, 3, 9))
        spacing = -(-updates // MAX_EVENTS)
        if state.losses_only:
            keyframes, spacing = set(), 1
        probed = probe_steps(keyframes)
        set_in_optimizer(optimizer, lr=config.learning_rate)
        for step in state.updates(updates):
            epoch, position = divmod(step - 1, per_epoch)
            if not position:
                kept.epoch_random = kept.random
            if not (position and batches):
                with _program_random(kept, resumes=position > 0):
                    batches = _epoch_batches(train_loader)
            with _program_random(kept):
                images, labels = _load(train_loader, batches[position])

            probe = UpdateProbe(model) if step in probed else None
            model.train()
            optimizer.zero_grad()
            outputs = model(images)
            loss = loss_function(outputs, labels)
            loss.backward()
            optimizer.step()

            health = probe.measure() if probe else {}
            metrics: dict[str, float | None] = {"loss": finite(loss.detach())}
            if metrics["loss"] is None:
                state.ended, kept.metrics, kept.diverged = True, metrics, {"diverged_at": step}
                yield Progress(step, updates, metrics | kept.diverged | health)
                break
            with watch_units(model if probe else None, functional_relu=("conv",)) as units:
                if position == per_epoch - 1 and not state.losses_only:
                    with _program_random(kept):
                        metrics |= {"epoch": epoch + 1, "accuracy": _accuracy(model, test_loader)}
                elif step in keyframes:
                    metrics["accuracy"] = _accuracy(model, [test_digits])
            kept.metrics = metrics
            if step % spacing == 0 or len(metrics) > 1:
                yield Progress(step, updates, metrics | health | units)
    return TrainedModel(model.state_dict(), kept.metrics | kept.diverged)


@contextmanager
def _program_random(kept: Values, *, resumes: bool = False) -> Iterator[None]:
    """Use the program's random numbers in a ``with`` block, and continue with them in the next block.

    If ``resumes`` is true, use those at the start of the epoch again instead, and continue where the last block ended.
    """
    with torch.random.fork_rng(devices=()):
        torch.set_rng_state(kept.epoch_random if resumes else kept.random)
        yield
        if not resumes:
            kept.random = torch.get_rng_state()


def _epoch_batches(loader: DataLoader) -> list[list[int]]:
    """Return the indices of the samples of each batch of an epoch, with the random numbers that a loop would draw."""
    torch.empty((), dtype=torch.int64).random_()  # a loop over a data loader draws a seed for worker processes first
    assert loader.batch_sampler is not None
    return list(loader.batch_sampler)


def _load(loader: DataLoader, indices: list[int]) -> tuple[Tensor, Tensor]:
    """Return the images and labels of a batch, as a loop over the data loader would."""
    images, labels = loader.collate_fn(loader.dataset.__getitems__(indices))  # type: ignore[attr-defined]
    return images, labels


def _accuracy(model: nn.Module, batches: DataLoader | list[tuple[Tensor, Tensor]]) -> float:
    """Return the accuracy on batches of images and labels."""
    model.eval()
    with torch.no_grad():
        results = [(model(x).argmax(1) == y).double() for x, y in batches]
    return float(torch.cat(results).mean())
