"""Settings of the manual MLP, with their bounds and presets."""

from collections.abc import Mapping
from typing import ClassVar, Literal, get_args

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from core.training.batching import batches_per_epoch
from core.training.config import RunConfig

Implementation = Literal["tensors", "autograd", "module", "sequential", "optim"]
IMPLEMENTATION_NAMES: tuple[Implementation, ...] = get_args(Implementation)

MAX_UPDATES = 100_000


class MLPConfig(RunConfig):
    """Settings of a two-layer network x -> ReLU(x W1) W2, which has no biases, and of its data, loss, and training."""

    data: Literal["digits", "random", "teacher"] = Field(
        "digits",
        title="Data",
        description="Handwritten digits, random targets (which can only be memorized), "
        "or the outputs of a teacher network.",
    )
    learning_rate: float = Field(
        0.3,
        ge=1e-9,
        le=100,
        title="Learning rate",
        description="Each update subtracts the learning rate times the gradient from the weights.",
    )
    epochs: int = Field(2, ge=1, le=10_000, title="Epochs", description="Number of passes through the training set.")
    noise: float = Field(
        0.0,
        ge=0,
        le=2,
        title="Noise level",
        description=(
            "Standard deviation of the Gaussian noise. For the digits, the noise is added to the pixel values, which "
            "range from 0 to 1. For the other datasets, the noise is added to the targets."
        ),
    )
    samples: int = Field(60_000, ge=2, le=60_000, title="Samples", description="Size of the training set.")
    batch_size: int = Field(128, ge=1, le=60_000, title="Batch size", description="Number of samples per update.")
    input_size: int = Field(784, ge=1, le=2000, title="Input size", description="Number of values in a sample.")
    hidden_size: int = Field(
        64, ge=1, le=2000, title="Hidden units", description="Number of units in the hidden layer."
    )
    output_size: int = Field(10, ge=1, le=1000, title="Output size", description="Number of outputs of the network.")
    loss: Literal["cross_entropy", "mean_of_squares", "sum_of_squares"] = Field(
        "cross_entropy", title="Loss", description="The function that training minimizes."
    )
    initialization: float = Field(
        1.0,
        ge=0,
        le=1,
        title="Initialization",
        description=(
            "Interpolates between two initializations. At 0, the initial weights have a standard deviation of 1 "
            "(torch.randn). At 1, the standard deviation is √(2 / number of inputs) (Kaiming initialization)."
        ),
    )
    implementation: Literal["all", "tensors", "autograd", "module", "sequential", "optim"] = Field(
        "all",
        title="Implementation",
        description="The implementations to train. By default, all have the same initial weights.",
    )
    optimizer: Literal["SGD", "Adam"] = Field(
        "SGD",
        title="Optimizer of implementation 5",
        description="With SGD, implementation 5 makes the same updates as the other implementations.",
    )
    tutorials_gradient: bool = Field(
        False,
        title="The tutorial's gradient",
        description="Implementation 1 sets the negative gradients to 0, not the gradients of inactive units.",
    )
    forget_zero_grad: bool = Field(
        False,
        title="Forget zero_grad()",
        description="Implementations 2 to 5 do not clear the gradients between updates.",
    )
    different_initial_weights: bool = Field(
        False,
        title="Different initial weights",
        description="Each implementation has its own initial weights, as in the tutorial, which sets no seed.",
    )
    custom_function: bool = Field(
        False,
        title="Custom backward pass",
        description="The ReLU of implementation 3 is a torch.autograd.Function with its own backward pass.",
    )
    named_layers: bool = Field(
        False, title="Named layers", description="Implementation 4 names its layers with an OrderedDict."
    )
    precision: Literal["float32", "float64"] = Field(
        "float32", title="Precision", description="Data type of all numbers in the network."
    )

    renamed: ClassVar[Mapping[str, str]] = {
        "way": "implementation",
        "initialisation": "initialization",
        "own_weights": "different_initial_weights",
    }
    log_scaled = frozenset(
        {"learning_rate", "epochs", "samples", "batch_size", "input_size", "hidden_size", "output_size"}
    )
    live = frozenset({"learning_rate", "epochs", "batch_size"})

    @model_validator(mode="after")
    def _fits_the_data(self) -> "MLPConfig":
        if self.data != "digits" and self.loss == "cross_entropy":
            raise PydanticCustomError("needs_classes", "cross-entropy needs class labels, which only the digits have")
        self.check_limits("epochs", "samples", "input_size", "output_size")
        self.check_updates(self.updates, most=MAX_UPDATES)
        return self

    def limits(self, name: str) -> tuple[float, float]:
        """Return the bounds of a numeric setting. Some bounds depend on the dataset."""
        low, high = super().limits(name)
        digits = {"epochs": (1, 100), "input_size": (784, 784), "output_size": (10, 10)}
        synthetic = {"samples": (2, 2000)}
        return (digits if self.data == "digits" else synthetic).get(name, (low, high))

    @property
    def implementations(self) -> tuple[Implementation, ...]:
        """The implementations that are trained, in the order of IMPLEMENTATION_NAMES."""
        return IMPLEMENTATION_NAMES if self.implementation == "all" else (self.implementation,)

    @property
    def implementations_differ(self) -> bool:
        """Whether, with these settings, the results of the implementations differ by more than rounding errors."""
        return (
            self.tutorials_gradient
            or self.forget_zero_grad
            or self.different_initial_weights
            or self.optimizer != "SGD"
        )

    @property
    def parameters(self) -> int:
        """Number of weights in the network."""
        return self.hidden_size * (self.input_size + self.output_size)

    @property
    def multiply_adds(self) -> int:
        """Maximum number of multiply-adds in one update of one implementation: three times that of the forward pass."""
        return 3 * self.parameters * min(self.batch_size, self.samples)

    @property
    def updates(self) -> int:
        """Number of updates in the run."""
        return self.epochs * batches_per_epoch(self.samples, self.batch_size)


_TUTORIAL = {
    "samples": 100,
    "batch_size": 100,
    "input_size": 1000,
    "hidden_size": 100,
    "output_size": 10,
    "initialization": 0.0,
    "loss": "sum_of_squares",
}

PRESETS: dict[str, MLPConfig] = {
    "digits": MLPConfig(seed=2),  # with half of the seeds, rounding separates the curves of the implementations
    "tutorial": MLPConfig(data="random", learning_rate=1e-6, epochs=20, **_TUTORIAL),
    "teacher": MLPConfig(
        data="teacher",
        learning_rate=0.1,
        epochs=300,
        noise=0.1,
        samples=500,
        batch_size=100,
        input_size=20,
        hidden_size=32,
        output_size=1,
        loss="mean_of_squares",
    ),
    "break": MLPConfig(data="random", learning_rate=3e-6, epochs=20, **_TUTORIAL),
}
