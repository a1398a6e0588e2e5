"""Settings of the debugging clinic, with their bounds and presets."""

from typing import Literal, get_args

from pydantic import Field

from core.training.config import RunConfig

CaseName = Literal["loss_stays_high", "loss_jumps_up_and_down"]


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


PRESETS: dict[str, ClinicConfig] = {name: ClinicConfig(case=name) for name in get_args(CaseName)}
