"""The cases: a program with one wrong line, four possible causes, and four replacements of the line."""

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
        source="https://discuss.pytorch.org/",
    ),
    Case(
        name="loss_jumps_up_and_down",
        program="digits",
        cause="no_zero_grad",
        causes=("wrong_labels", "pixels_not_scaled", "softmax_in_model", "no_zero_grad"),
        replacements=(
            "loss_function.zero_grad()",
            "inputs = inputs.detach()",
            "optimizer.zero_grad()",
            "loss = loss / len(loader)",
        ),
        source="https://discuss.pytorch.org/",
    ),
)

CASES: dict[CaseName, Case] = {case.name: case for case in _ALL}
"""The cases by name. The first one is the easiest."""
