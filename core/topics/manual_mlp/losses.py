"""The losses of the manual MLP, each with its gradient in closed form."""

from torch import Tensor


class SumOfSquares:
    """The sum of squared errors, L = Σ (ŷ - y)². It grows with the number of samples and the number of outputs."""

    def __call__(self, y_pred: Tensor, y: Tensor) -> Tensor:
        return (y_pred - y).pow(2).sum()

    def gradient(self, y_pred: Tensor, y: Tensor) -> Tensor:
        return 2 * (y_pred - y)


class MeanOfSquares:
    """The mean squared error, L = mean of (ŷ - y)² over samples and outputs, as in nn.MSELoss."""

    def __call__(self, y_pred: Tensor, y: Tensor) -> Tensor:
        return (y_pred - y).pow(2).mean()

    def gradient(self, y_pred: Tensor, y: Tensor) -> Tensor:
        return 2 * (y_pred - y) / y.numel()


class CrossEntropy:
    """The cross-entropy, L = mean over samples of -Σ y log softmax(ŷ), as in nn.CrossEntropyLoss with one-hot y."""

    def __call__(self, y_pred: Tensor, y: Tensor) -> Tensor:
        return -(y * y_pred.log_softmax(dim=1)).sum(dim=1).mean()

    def gradient(self, y_pred: Tensor, y: Tensor) -> Tensor:
        return (y_pred.softmax(dim=1) - y) / len(y)


Loss = SumOfSquares | MeanOfSquares | CrossEntropy

LOSSES: dict[str, Loss] = {
    "cross_entropy": CrossEntropy(),
    "mean_of_squares": MeanOfSquares(),
    "sum_of_squares": SumOfSquares(),
}
