"""The listing is a complete program of at most 45 lines, and it shows the settings where they are used."""

import ast

import pytest

from core.topics.workflow.config import PRESETS, WorkflowConfig
from core.topics.workflow.program import PARTS, code, listing
from core.topics.workflow.trace import roles

CONFIGS = [*PRESETS.values(), WorkflowConfig(noise=0.3, shuffle=False, samples=10_000)]


@pytest.mark.parametrize("config", CONFIGS)
def test_the_listing_is_a_program_of_at_most_45_lines_in_parts(config):
    lines = listing(config)
    ast.parse(code(config))
    assert len(lines) <= 45
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert list(dict.fromkeys(line.part for line in lines)) == list(PARTS)
    assert all(line.text.strip() and not line.text.startswith("#") for line in lines)


@pytest.mark.parametrize("config", CONFIGS)
def test_every_line_has_a_role(config):
    names = roles(config)
    assert len(names) == len(listing(config))
    assert len(names) == len(set(names))


def test_the_values_of_all_settings_are_in_the_lines_that_use_them():
    config = WorkflowConfig(
        seed=7, samples=10_000, noise=0.25, batch_size=32, shuffle=False, learning_rate=0.05, epochs=9
    )
    values = [(value.setting, line.text[value.start : value.end]) for line in listing(config) for value in line.values]
    assert {name: ast.literal_eval(text) for name, text in values} == config.model_dump(exclude={"threads"})
    assert [name for name, _text in values].count("seed") == 2
    uses = {value.setting: line.text for line in listing(config) for value in line.values}
    assert "DataLoader" in uses["batch_size"] == uses["shuffle"]
    assert "GaussianNoise" in uses["noise"]
    assert "SGD" in uses["learning_rate"]


def test_without_noise_there_is_no_noise_transform():
    assert "GaussianNoise" not in code(WorkflowConfig())
    assert "GaussianNoise(sigma=0.1)" in code(WorkflowConfig(noise=0.1))


@pytest.mark.parametrize(
    ("batch_size", "kind"), [(1, "stochastic"), (64, "mini_batch"), (999, "mini_batch"), (1000, "full_batch")]
)
def test_the_batch_size_names_the_kind_of_gradient_descent(batch_size, kind):
    config = WorkflowConfig(samples=1000, batch_size=batch_size)
    assert config.gradient_descent == kind
    assert config.updates == 5 * -(-1000 // batch_size)
