"""The run trains both programs, and its recordings are what the cases say."""

import pytest

from core.engine import RunStore
from core.paths import CHECKPOINTS
from core.topics.clinic.cases import CASES
from core.topics.clinic.config import PRESETS, ClinicConfig
from core.topics.clinic.execution import Execution, source
from core.topics.clinic.preprocessing import combination
from core.topics.clinic.probes import PROBES
from core.topics.clinic.train import train
from core.training.progress import run_to_end


def test_the_correct_replacement_gives_the_correct_curve():
    events = []
    run_to_end(train(ClinicConfig(epochs=1, replacement=2)), events.append)
    for event in events[1:]:
        assert event.metrics["loss"] == event.metrics["loss/given"] == event.metrics["loss/correct"]
    program = Execution(source("digits"), ClinicConfig())
    assert [event.metrics["loss"] for event in events[1:]] == [program.update() for _ in events[1:]]
    assert events[-1].metrics.keys() >= {f"test/{name}" for name in PROBES}


def test_the_programs_start_with_equal_weights_and_batches():
    for name, config in PRESETS.items():
        case = CASES[name]
        correct = Execution(source(case.program), config)
        given = Execution(source(case.program, case.mutation), config)
        correct.update()
        given.update()
        if case.cause not in ("wrong_labels", "sorted_batches"):
            assert correct.names["targets"].tolist() == given.names["targets"].tolist(), name


@pytest.mark.parametrize("name", CASES)
def test_the_correct_program_works_and_the_given_one_differs(name):
    recording = RunStore(CHECKPOINTS).load(f"clinic-{name}")
    metrics = recording.metrics
    measures = {key.partition("/")[0] for key in metrics if key.endswith("_accuracy/correct")}
    for measure in measures:
        assert metrics[f"{measure}/correct"] > 0.7, measure
    if not measures:
        assert metrics["test_loss/correct"] < 0.05
    names = {key.removesuffix("/correct") for key in metrics if key.endswith("/correct")}
    relative = [abs(metrics[f"{key}/given"] - metrics[f"{key}/correct"]) / metrics[f"{key}/correct"] for key in names]
    assert max(relative) > 0.1


def test_each_step_of_the_preprocessing_is_needed():
    """With all steps, the network classifies the photos as in the correct program; without one, far worse."""
    recording = RunStore(CHECKPOINTS).load("clinic-own_digits_are_misread")
    arrays = recording.events[-1].arrays
    accuracy = arrays["steps/accuracy"]
    every = combination(invert=True, remove_paper=True, center=True)
    assert accuracy[every] == pytest.approx(recording.metrics["own_accuracy/correct"])
    assert accuracy[every ^ combination(invert=True, remove_paper=False, center=False)] == pytest.approx(
        recording.metrics["own_accuracy/given"]
    )
    assert all(value < accuracy[every] - 0.3 for number, value in enumerate(accuracy) if number != every)
    assert arrays["steps/images"].shape == (8, 5, 28, 28)
