"""Settings of the debugging clinic, with their bounds and presets."""

from typing import Literal, get_args

from pydantic import Field

from core.training.config import RunConfig

CaseName = Literal[
    "loss_stays_high",
    "loss_rises_again",
    "accuracy_differs_each_time",
    "gap_opens_after_one_epoch",
    "fit_is_a_flat_line",
    "accuracy_stays_at_ten_percent",
    "loss_falls_but_accuracy_does_not",
    "test_accuracy_stays_low",
    "loss_comes_in_waves",
    "fit_is_cut_off",
    "deep_network_does_not_learn",
    "old_task_gets_worse",
    "learning_is_slow",
    "users_see_more_errors",
    "own_digits_are_misread",
]


_UPDATES_PER_EPOCH: dict[CaseName, int] = {
    "accuracy_differs_each_time": 20,
    "gap_opens_after_one_epoch": 20,
    "fit_is_a_flat_line": 4,
    "loss_falls_but_accuracy_does_not": 20,
    "loss_comes_in_waves": 20,
    "fit_is_cut_off": 4,
    "old_task_gets_worse": 20,
    "own_digits_are_misread": 47,
}
"""Number of batches of the cases that do not have 32."""


class ClinicConfig(RunConfig):
    """Settings of a program with one wrong line, and of the correct program beside it."""

    case: CaseName = Field("loss_stays_high", title="Case", description="The program to debug.")
    replacement: int = Field(
        0,
        ge=0,
        le=4,
        title="Replacement",
        description="0 keeps the program as it is. 1 to 4 replace its wrong line.",
    )
    learning_rate: float = Field(
        0.1,
        ge=1e-5,
        le=10,
        title="Learning rate",
        description="Each update subtracts the learning rate times the gradient from the weights.",
    )
    epochs: int = Field(10, ge=1, le=100, title="Epochs", description="Number of passes through the training set.")
    noise: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Noise level",
        description="Standard deviation of Gaussian noise on the data. 1 is the range of the pixels.",
    )

    log_scaled = frozenset({"learning_rate", "epochs"})
    live = frozenset({"learning_rate", "epochs"})

    @property
    def updates(self) -> int:
        """Number of updates in the run."""
        return self.epochs * _UPDATES_PER_EPOCH.get(self.case, 32)


_SETTINGS: dict[CaseName, dict[str, float]] = {
    "accuracy_differs_each_time": {"epochs": 6},
    "gap_opens_after_one_epoch": {"epochs": 30},
    "fit_is_a_flat_line": {"epochs": 40, "learning_rate": 0.01},
    "loss_falls_but_accuracy_does_not": {"epochs": 6},
    "test_accuracy_stays_low": {"epochs": 30, "learning_rate": 0.3},
    "loss_comes_in_waves": {"epochs": 6},
    "fit_is_cut_off": {"epochs": 40, "learning_rate": 0.01},
    "deep_network_does_not_learn": {"epochs": 15, "learning_rate": 0.05},
    "old_task_gets_worse": {"learning_rate": 0.05},
    "users_see_more_errors": {"epochs": 20},
}
"""The settings of the cases that differ from the defaults."""

PRESETS: dict[str, ClinicConfig] = {
    name: ClinicConfig.model_validate({"case": name, **_SETTINGS.get(name, {})}) for name in get_args(CaseName)
}
