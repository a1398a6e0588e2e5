"""The cases: a program with one wrong line, four possible causes, and four replacements of the line."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.topics.clinic.config import CaseName
from core.topics.clinic.mutations import MUTATIONS, Mutation


@dataclass(frozen=True)
class Case:
    """A program with one wrong line. Its name is the symptom."""

    name: CaseName
    program: str
    """The name of the correct program, a module in `core.topics.clinic.programs`."""
    cause: str
    """The mistake in the given program, a key of `core.topics.clinic.mutations.MUTATIONS`."""
    causes: tuple[str, str, str, str]
    """The four possible causes in the order in which they are offered. One of them is `cause`."""
    replacements: tuple[str, str, str, str]
    """Four replacements of the wrong line, without indentation. Exactly one is the line of the correct program."""
    excluded_by: Mapping[str, str]
    """Wrong cause -> the number of a test that excludes it: "<test>" or "<test>/<detail>" (see `probes`)."""
    source: str
    """The address of a public question or paper about this mistake."""

    @property
    def mutation(self) -> Mutation:
        """The mistake in the given program."""
        return MUTATIONS[self.program][self.cause]

    @property
    def solution(self) -> int:
        """The number of the correct replacement, from 1 to 4."""
        return 1 + self.replacements.index(self.mutation.line)


_ALL = (
    Case(
        name="loss_stays_high",
        program="digits",
        cause="softmax_in_model",
        causes=("learning_rate_too_large", "softmax_in_model", "wrong_labels", "pixels_not_scaled"),
        replacements=(
            "head = nn.Sequential(nn.Linear(64, 10), nn.Sigmoid())",
            "head = nn.Linear(64, 10)",
            "head = nn.Sequential(nn.Linear(64, 10), nn.Softmax(dim=0))",
            "head = nn.Sequential(nn.Linear(64, 10), nn.ReLU())",
        ),
        excluded_by={
            "learning_rate_too_large": "one_batch",
            "wrong_labels": "one_batch",
            "pixels_not_scaled": "batch/maximum",
        },
        source="https://github.com/amdegroot/ssd.pytorch/issues/218",
    ),
    Case(
        name="loss_rises_again",
        program="digits",
        cause="no_zero_grad",
        causes=("pixels_not_scaled", "learning_rate_too_large", "no_zero_grad", "wrong_labels"),
        replacements=(
            "loss_function.zero_grad()",
            "inputs = inputs.detach()",
            "optimizer.zero_grad()",
            "loss = loss / len(loader)",
        ),
        excluded_by={
            "pixels_not_scaled": "batch/maximum",
            "learning_rate_too_large": "gradients",
            "wrong_labels": "batch/neighbors",
        },
        source="https://github.com/pytorch/pytorch/issues/47175",
    ),
    Case(
        name="accuracy_differs_each_time",
        program="cnn",
        cause="no_eval",
        causes=("sorted_batches", "no_train", "test_scaled_differently", "no_eval"),
        replacements=(
            "model.train()",
            "torch.manual_seed(0)",
            "model.zero_grad()",
            "model.eval()",
        ),
        excluded_by={
            "sorted_batches": "batch/classes",
            "no_train": "activations/changes",
            "test_scaled_differently": "batch/test_std",
        },
        source="https://github.com/layumi/Person_reID_baseline_pytorch/issues/218",
    ),
    Case(
        name="gap_opens_after_one_epoch",
        program="dropout",
        cause="no_train",
        causes=("no_train", "wrong_labels", "learning_rate_too_large", "no_eval"),
        replacements=(
            "model.eval()",
            "model.train()",
            "optimizer.zero_grad()",
            "model.requires_grad_(True)",
        ),
        excluded_by={
            "wrong_labels": "batch/neighbors",
            "learning_rate_too_large": "gradients/growth",
            "no_eval": "activations/zeros_training",
        },
        source="https://github.com/ThilinaRajapakse/simpletransformers/issues/941",
    ),
    Case(
        name="fit_is_a_flat_line",
        program="regression",
        cause="broadcasting",
        causes=("learning_rate_too_small", "loss_without_graph", "broadcasting", "detached_features"),
        replacements=(
            "outputs = model(inputs).squeeze(0)",
            "outputs = model(inputs).mean()",
            "outputs = model(inputs).squeeze(1)",
            "outputs = model(inputs).unsqueeze(1)",
        ),
        excluded_by={
            "learning_rate_too_small": "shapes",
            "loss_without_graph": "shapes",
            "detached_features": "shapes",
        },
        source="https://github.com/pytorch/pytorch/pull/18349",
    ),
    Case(
        name="accuracy_stays_at_ten_percent",
        program="digits",
        cause="learning_rate_too_large",
        causes=("loss_without_graph", "learning_rate_too_large", "learning_rate_too_small", "pixels_not_scaled"),
        replacements=(
            "optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)",
            "optimizer = torch.optim.SGD(model.parameters(), lr=100 * LEARNING_RATE)",
            "optimizer = torch.optim.SGD(model.parameters(), lr=30 * LEARNING_RATE, momentum=0.9)",
            "optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE / 1_000)",
        ),
        excluded_by={
            "loss_without_graph": "gradients/norm",
            "learning_rate_too_small": "gradients/growth",
            "pixels_not_scaled": "batch/maximum",
        },
        source="https://github.com/ml-explore/mlx/issues/188",
    ),
    Case(
        name="loss_falls_but_accuracy_does_not",
        program="cnn",
        cause="test_scaled_differently",
        causes=("no_eval", "test_scaled_differently", "sorted_batches", "wrong_labels"),
        replacements=(
            "outputs = [model(image / 255) for image in images.split(1)]  # one by one, as in an app",
            "outputs = [model((image - mean) / 255) for image in images.split(1)]  # one by one, as in an app",
            "outputs = [model(image / 255 / std) for image in images.split(1)]  # one by one, as in an app",
            "outputs = [model((image - mean) / std) for image in images.split(1)]  # one by one, as in an app",
        ),
        excluded_by={
            "no_eval": "batch/test_std",
            "sorted_batches": "batch/classes",
            "wrong_labels": "batch/test_std",
        },
        source="https://github.com/magenta/magenta/pull/925",
    ),
    Case(
        name="test_accuracy_stays_low",
        program="digits",
        cause="wrong_labels",
        causes=("learning_rate_too_small", "no_zero_grad", "parameters_missing", "wrong_labels"),
        replacements=(
            "train_images, train_labels = images[train], labels[test]",
            "train_images, train_labels = images[train], labels[train]",
            "train_images, train_labels = images[:1_000], labels[train]",
            "train_images, train_labels = images[train], labels[train].roll(1)",
        ),
        excluded_by={
            "learning_rate_too_small": "one_batch",
            "no_zero_grad": "batch/neighbors",
            "parameters_missing": "batch/neighbors",
        },
        source="https://arxiv.org/abs/1611.03530",
    ),
    Case(
        name="loss_comes_in_waves",
        program="cnn",
        cause="sorted_batches",
        causes=("sorted_batches", "learning_rate_too_large", "no_train", "no_zero_grad"),
        replacements=(
            "loader = DataLoader(TensorDataset(train_images.flip(0), train_labels.flip(0)), batch_size=50)",
            "loader = DataLoader(TensorDataset(train_images, train_labels), batch_size=50, shuffle=False)",
            "loader = DataLoader(TensorDataset(train_images, train_labels), batch_size=50, shuffle=True)",
            "loader = DataLoader(TensorDataset(train_images, train_labels[torch.randperm(1_000)]), batch_size=50)",
        ),
        excluded_by={
            "learning_rate_too_large": "batch/classes",
            "no_train": "batch/classes",
            "no_zero_grad": "batch/classes",
        },
        source="https://github.com/Deci-AI/super-gradients/issues/416",
    ),
    Case(
        name="fit_is_cut_off",
        program="regression",
        cause="sigmoid_output",
        causes=("relu_output", "learning_rate_too_small", "sigmoid_output", "wrong_labels"),
        replacements=(
            "head = nn.Sequential(nn.Linear(32, 1), nn.Tanh())",
            "head = nn.Sequential(nn.Linear(32, 1), nn.ReLU())",
            "head = nn.Sequential(nn.Linear(32, 1), nn.Softplus())",
            "head = nn.Linear(32, 1)",
        ),
        excluded_by={
            "relu_output": "initial_loss/minimum",
            "learning_rate_too_small": "gradients",
            "wrong_labels": "initial_loss/minimum",
        },
        source="https://discuss.pytorch.org/t/constraining-neural-network-output-within-an-arbitrary-range/127496",
    ),
    Case(
        name="deep_network_does_not_learn",
        program="deep",
        cause="initialization_too_small",
        causes=(
            "initialization_zero",
            "initialization_too_small",
            "learning_rate_too_small",
            "initialization_too_large",
        ),
        replacements=(
            "nn.init.kaiming_normal_(layer.weight)",
            "nn.init.zeros_(layer.weight)",
            "nn.init.normal_(layer.weight)",
            "nn.init.ones_(layer.weight)",
        ),
        excluded_by={
            "initialization_zero": "gradients/smallest",
            "learning_rate_too_small": "gradients/largest",
            "initialization_too_large": "initial_loss",
        },
        source="https://arxiv.org/abs/1502.01852",
    ),
    Case(
        name="old_task_gets_worse",
        program="transfer",
        cause="moving_statistics",
        causes=("backbone_not_frozen", "old_head_trained", "learning_rate_too_large", "moving_statistics"),
        replacements=(
            "model.requires_grad_(True)",
            "backbone.train()",
            "head.train()",
            "model.train(mode=True)",
        ),
        excluded_by={
            "backbone_not_frozen": "gradients",
            "old_head_trained": "initial_loss/spread",
            "learning_rate_too_large": "gradients/largest",
        },
        source="https://discuss.pytorch.org/t/what-does-requires-grad-false-on-batchnorm2d-perform/137904",
    ),
    Case(
        name="learning_is_slow",
        program="digits",
        cause="parameters_missing",
        causes=("detached_features", "softmax_in_model", "parameters_missing", "learning_rate_too_small"),
        replacements=(
            "optimizer = torch.optim.SGD(hidden.parameters(), lr=LEARNING_RATE)",
            "optimizer = torch.optim.SGD(head.parameters(), lr=10 * LEARNING_RATE)",
            "optimizer = torch.optim.Adam(head.parameters(), lr=LEARNING_RATE)",
            "optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)",
        ),
        excluded_by={
            "detached_features": "gradients/growth",
            "softmax_in_model": "gradients/smallest",
            "learning_rate_too_small": "gradients",
        },
        source="https://github.com/zjunlp/HVPNeT/issues/5",
    ),
    Case(
        name="users_see_more_errors",
        program="new_digits",
        cause="test_in_training",
        causes=("test_in_training", "new_images_inverted", "wrong_labels", "learning_rate_too_small"),
        replacements=(
            "train, test = order[:1_000], order[500:1_500]",
            "train, test = order[500:1_500], order[1_000:]",
            "train, test = order[:1_000], order[1_000:]",
            "train, test = order[1_000:], order[1_000:]",
        ),
        excluded_by={
            "new_images_inverted": "batch/overlap",
            "wrong_labels": "batch/overlap",
            "learning_rate_too_small": "batch/overlap",
        },
        source="https://doi.org/10.1016/j.patter.2023.100804",
    ),
    Case(
        name="own_digits_are_misread",
        program="handwriting",
        cause="not_inverted",
        causes=("paper_kept", "not_inverted", "learning_rate_too_small", "not_centered"),
        replacements=(
            "ink = photo.float() / 255",
            "ink = 255 - photo.float()",
            "ink = photo.float() - 255",
            "ink = 255 * photo.float()",
        ),
        excluded_by={
            "paper_kept": "batch/test_mean",
            "learning_rate_too_small": "gradients",
            "not_centered": "batch/test_mean",
        },
        source="https://discuss.pytorch.org/t/how-can-i-predict-my-own-handwritten-digit/86021",
    ),
)

CASES: dict[CaseName, Case] = {case.name: case for case in _ALL}
"""The cases by name. The first one is the easiest."""
