"""Saving and loading: the outcome of each experiment, compared with an independent computation."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from core.topics.workflow import saving
from core.topics.workflow.saving import CONTINUATIONS, EVALUATIONS

OUTCOMES = {
    "save_and_load": "identical",
    "save_and_load_safetensors": "identical",
    "missing_key": "error",
    "missing_key_not_strict": "other_outputs",
    "wrong_shape": "error",
    "without_eval": "other_outputs",
    "whole_model": "error",
    "without_optimizer": "other_losses",
    "with_optimizer": "identical",
}
MESSAGES = {
    "missing_key": 'Missing key(s) in state_dict: "output.bias"',
    "wrong_shape": "size mismatch for hidden.weight",
    "whole_model": "Unsupported global: GLOBAL torch.nn.modules.container.Sequential",
}


@pytest.mark.parametrize("name", [*EVALUATIONS, *CONTINUATIONS])
def test_every_experiment_has_its_outcome(name):
    result = saving.run(name)
    assert result.outcome == OUTCOMES[name]
    assert MESSAGES.get(name, "") in result.message
    assert "\x1b" not in result.message
    assert (result.difference > 0) == (result.outcome == "other_outputs")
    assert result == saving.run(name)


def test_a_network_without_one_layers_weights_guesses():
    saved, loaded = saving.run("missing_key_not_strict").accuracies
    assert saved > 0.8
    assert loaded < 0.4


def test_training_goes_on_as_without_interruption_only_with_the_optimizers_state():
    """Adam is written out here: its averages are what gets lost."""
    model, optimizer, batches, earlier = saving._trained()
    start = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    averages = [optimizer.state[parameter] for parameter in model.parameters()]
    averages = [(each["exp_avg"].clone(), each["exp_avg_sq"].clone(), int(each["step"])) for each in averages]

    def losses(states) -> list[float]:
        fresh = saving.network()
        fresh.load_state_dict(start)
        losses, states = [], [list(state) for state in states]
        for x, y in batches:
            loss = cross_entropy(fresh(x), y)
            losses.append(loss.item())
            gradients = torch.autograd.grad(loss, list(fresh.parameters()))
            for parameter, gradient, state in zip(fresh.parameters(), gradients, states, strict=True):
                state[0] = 0.9 * state[0] + 0.1 * gradient
                state[1] = 0.999 * state[1] + 0.001 * gradient**2
                state[2] += 1
                mean, square = state[0] / (1 - 0.9 ** state[2]), state[1] / (1 - 0.999 ** state[2])
                parameter.data -= 0.01 * mean / (square.sqrt() + 1e-8)
        return losses

    empty = [(torch.zeros_like(each), torch.zeros_like(each), 0) for each in model.parameters()]
    assert saving.without_optimizer(model, optimizer, batches) == pytest.approx(losses(empty), rel=0.01)
    assert saving.with_optimizer(model, optimizer, batches) == pytest.approx(losses(averages), rel=0.01)
    assert losses(empty)[0] == losses(averages)[0]
    assert losses(empty)[1:] != pytest.approx(losses(averages)[1:], rel=0.01)
    assert len(earlier) == saving.Result("error").n_before


def test_the_state_dict_has_parameters_and_buffers():
    model = saving.network(hidden_size=8)
    entries = {entry.name: entry for entry in saving.entries(model)}
    names = {kind: [name for name, entry in entries.items() if entry.is_parameter == kind] for kind in (True, False)}
    assert names[True] == [name for name, _ in model.named_parameters()]
    assert names[False] == [name for name, _ in model.named_buffers()]
    assert entries["hidden.weight"].shape == (8, 784)
    assert sum(entry.count for entry in entries.values() if entry.is_parameter) == 785 * 8 + 2 * 8 + 9 * 10
    assert entries["norm.num_batches_tracked"].dtype == "int64"
    weight = model.get_parameter("output.weight")
    assert entries["output.weight"].first == tuple(weight[0, :3].tolist())
