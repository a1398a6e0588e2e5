"""The settings of a run, as constants of the program in script.py, and the file that the program reads.

The program's ``losses[strategy]`` has one value for each update. At the updates with progress, it equals the run's
metric ``loss/<strategy>``, where NaN and infinity stand for None. The program's ``accuracies[strategy][number]`` equals
the run's final metric ``accuracy/<strategy>/<number>``. All values are exact if the file of `program_files` is next to
the program. Without this file, the program trains the source network itself. On another computer, the weights then
differ by rounding.

If settings were changed during the run, each network repeats these changes.
"""

import io
from collections.abc import Sequence

import torch

from core.export.changes import constants_of_batches, last_update
from core.topics.transfer_learning.config import CLASSES, TransferConfig
from core.topics.transfer_learning.pretraining.config import PRESETS
from core.topics.transfer_learning.pretraining.train import pretrained_weights
from core.training.batching import BatchPlan
from core.training.state import Change


def constants(config: TransferConfig) -> dict[str, object]:
    """Return the constants of the program (name -> value) for a run with these settings."""
    same = ["seed", "threads", "source", "target", "classes", "labels", "samples", "noise", "shifts", "seeds"]
    same += ["epochs", "updates", "batch_size", "learning_rate", "pretrained_lr_multiplier", "weight_decay"]
    same += ["n_transferred"]
    pretraining = PRESETS[config.source]
    return {name.upper(): getattr(config, name) for name in same} | {
        "PRETRAINED": _file_name(config),
        "N_FROZEN": min(config.n_frozen, config.n_transferred),
        "SOURCE_CLASSES": CLASSES.get(config.source, 10),
        "SOURCE_EPOCHS": pretraining.epochs,
        "SOURCE_BATCH_SIZE": pretraining.batch_size,
        "SOURCE_LEARNING_RATE": pretraining.learning_rate,
        "SOURCE_SHIFTS": pretraining.shifts,
    }


def changed_constants(config: TransferConfig, changes: Sequence[Change]) -> dict[str, object]:
    """Return the constants of the program that differ if ``changes`` were made during the run."""

    def plan(changes: Sequence[Change]) -> BatchPlan:
        return BatchPlan(config.samples, config.batch_size, changes)

    names = ["learning_rate", "pretrained_lr_multiplier", "weight_decay"]
    constants = constants_of_batches(config, changes, names, plan=plan)
    return constants | {"UPDATES": last_update(config, changes, plan)}


def program_files(config: TransferConfig) -> dict[str, bytes]:
    """Return the files that belong next to the program (name -> content): the weights of the source network."""
    buffer = io.BytesIO()
    torch.save(dict(pretrained_weights(config.source)), buffer)
    return {_file_name(config): buffer.getvalue()}


def _file_name(config: TransferConfig) -> str:
    return f"pretrained_{config.source}.pt"
