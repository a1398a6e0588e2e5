"""The settings of a changed run, as constants of its program: each update has the settings that it has in the run."""

from hypothesis import given
from hypothesis import strategies as st

from core.export.changes import constants_of, constants_of_batches
from core.training.batching import BatchPlan
from core.training.config import RunConfig
from core.training.state import Change, TrainingState

SAMPLES = 10


class Settings(RunConfig):
    learning_rate: float = 0.1
    epochs: int = 3
    batch_size: int = 4


def rows_of_run(changes: list[Change], ahead: int) -> tuple[list[tuple], list[Change]]:
    """Return the settings of each update of a run, and the changes that were made before it ended."""
    state, rows = TrainingState(), []

    def make(step: int) -> None:
        for change in changes:
            if change.step == step:
                state.change(change.name, change.value)

    make(0)
    for config in state.phases(Settings()):
        plan = BatchPlan(SAMPLES, Settings().batch_size, state.changes, ahead=ahead)
        updates = plan.updates(config.epochs)
        for step in state.updates(updates):
            rows.append((config.learning_rate, len(plan.indices(step - 1, seed=0)), updates))
            make(step)
    return rows, state.changes


def rows_of_program(constants: dict) -> list[tuple]:
    """Return the settings of each update of a training loop with these constants."""
    values, rows = dict(constants), []
    values |= values.get("CHANGES", {}).get(1, {})
    for _epoch in range(values["EPOCHS"]):
        for batch in [*range(SAMPLES)][:: values["BATCH_SIZE"]]:
            size = min(values["BATCH_SIZE"], SAMPLES - batch)
            rows.append((values["LEARNING_RATE"], size, values["UPDATES"]))
            if len(rows) == values.get("LAST_UPDATE"):
                return rows
            values |= values.get("CHANGES", {}).get(len(rows) + 1, {})
    return rows


CHANGES = st.one_of(
    st.builds(Change, st.integers(0, 12), st.just("learning_rate"), st.sampled_from([0.1, 0.2, 0.3])),
    st.builds(Change, st.integers(0, 12), st.just("epochs"), st.integers(1, 5)),
    st.builds(Change, st.integers(0, 12), st.just("batch_size"), st.sampled_from([1, 3, 4, 20])),
)


@given(st.lists(CHANGES, max_size=6), st.integers(0, 1))
def test_each_update_of_the_program_has_the_settings_of_the_run(changes, ahead):
    changes.sort(key=lambda change: change.step)
    rows, made = rows_of_run(changes, ahead)
    constants = constants_of_batches(
        Settings(),
        made,
        ["learning_rate"],
        plan=lambda changes: BatchPlan(SAMPLES, Settings().batch_size, changes, ahead=ahead),
        scheduled=True,
    )
    assert rows_of_program(constants) == rows


def test_only_changed_settings_are_listed():
    values = {"A": {1: 5, 3: 5}, "B": {1: 0.5, 4: 0.5, 6: 2.0, 7: 2.0, 90: 3.0}, "C": {1: 0, 3: 1, 6: 0}}
    expected = {1: {"B": 0.5, "C": 0}, 3: {"C": 1}, 6: {"B": 2.0, "C": 0}}
    assert constants_of(values, last=10) == {"A": 5, "B": 0.5, "C": 0, "CHANGES": expected}
    assert constants_of(values, last=2) == {"A": 5, "B": 0.5, "C": 0}
