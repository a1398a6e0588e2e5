"""A program is executed as a plain loop would be, and nothing from outside changes it."""

import pytest
import torch
from torch import nn

from core.topics.clinic.cases import CASES
from core.topics.clinic.config import PRESETS, ClinicConfig
from core.topics.clinic.data import load_digits
from core.topics.clinic.execution import Execution, listing, source
from core.topics.clinic.mutations import MUTATIONS
from core.training.rng import Stream, generator


def test_the_losses_are_those_of_a_plain_loop():
    config = ClinicConfig(seed=3, epochs=2)
    program = Execution(source("digits"), config)
    losses = []
    for _epoch in range(config.epochs):
        losses += [program.update() for _ in range(program.updates_per_epoch)]
        measures = program.finish_epoch()

    images, labels = load_digits(config)
    with torch.random.fork_rng():
        torch.manual_seed(config.seed)
        order = torch.randperm(2_000)
        model = nn.Sequential(nn.Sequential(nn.Linear(784, 64), nn.ReLU()), nn.Linear(64, 10))
    images = images.flatten(1) / 255
    train, test = order[:1_000], order[1_000:]
    batches, expected = generator(config.seed, Stream.BATCHES), []
    for _epoch in range(config.epochs):
        for indices in train[torch.randperm(1_000, generator=batches)].split(32):
            loss = nn.functional.cross_entropy(model(images[indices]), labels[indices])
            gradients = torch.autograd.grad(loss, list(model.parameters()))
            with torch.no_grad():
                for parameter, gradient in zip(model.parameters(), gradients, strict=True):
                    parameter -= config.learning_rate * gradient
            expected.append(loss.item())
    assert losses == pytest.approx(expected, rel=1e-5)
    correct = model(images[test]).argmax(1) == labels[test]
    assert measures["test_accuracy"] == pytest.approx(correct.float().mean().item(), abs=0.002)


@pytest.mark.parametrize("program", MUTATIONS)
def test_a_mistake_replaces_one_line(program):
    lines = source(program).splitlines()
    assert len([line for line in lines if line]) <= 40
    for name, mutation in MUTATIONS[program].items():
        changed = source(program, mutation).splitlines()
        different = [number for number, line in enumerate(lines) if line != changed[number]]
        assert len(different) == 1, name
        assert len(changed) == len(lines)


@pytest.mark.parametrize("name", CASES)
def test_a_listing_shows_the_given_program_with_its_settings(name):
    lines = listing(PRESETS[name])
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    (wrong,) = (line for line in lines if line.wrong)
    assert "LEARNING_RATE" not in wrong.text
    assert not any("EPOCHS" in line.text or "import" in line.text for line in lines)
    solved = listing(PRESETS[name].changed(replacement=CASES[name].solution))
    assert [a.text for a, b in zip(lines, solved, strict=True) if a.text != b.text] == [wrong.text]


def test_a_factor_of_the_learning_rate_is_shown_as_a_number():
    config = PRESETS["accuracy_stays_at_ten_percent"]
    (line,) = (line.text for line in listing(config) if line.wrong)
    assert line.endswith("lr=3)")
    (line,) = (line.text for line in listing(config.changed(replacement=4)) if line.wrong)
    assert line.endswith("lr=0.0001)")


def test_a_prediction_changes_nothing():
    config = PRESETS["accuracy_differs_each_time"]
    text = source("cnn", MUTATIONS["cnn"]["no_eval"])
    one, other = Execution(text, config), Execution(text, config)
    for program in (one, other):
        program.update()
    before = torch.get_rng_state()
    images = one.names["test_images"][:30]
    assert torch.equal(one.predict(images), one.predict(images))
    assert not torch.equal(one.predict(images), one.predict(images, seed=1))
    assert torch.equal(before, torch.get_rng_state())
    assert one.update() == other.update()
    assert all(torch.equal(value, other.model.state_dict()[name]) for name, value in one.model.state_dict().items())
