"""One optimizer for many networks, each with its own learning rate."""

from collections.abc import Mapping
from typing import Any

from jaxtyping import Float
from torch import Tensor

from core.training.batched.mlp import BatchedMLP
from core.training.optimizers import OPTIMIZERS, AdamW, Muon, Rule


class BatchedOptimizer:
    """An optimizer for the networks of a `BatchedMLP`. Each network has its own learning rate.

    In `torch.optim`, all values of a tensor share one learning rate. The update rules in `core.training.optimizers`
    give the same results, but accept one learning rate per network.

    Muon updates only the weight matrices of the first layers, one network at a time. With Muon, AdamW updates all other
    parameters.
    """

    def __init__(
        self,
        name: str,
        networks: BatchedMLP,
        learning_rates: Float[Tensor, " models"],
        *,
        weight_decay: float = 0.0,
        settings: Mapping[str, float] | None = None,
    ):
        """Create the update rules of the optimizer ``name``.

        ``learning_rates`` holds one value per network. ``settings`` are the other settings by name.
        """
        self.learning_rates = learning_rates.to(networks.W1.dtype)
        settings = settings or {}
        self._one_rule_per_network = name == "muon"
        if self._one_rule_per_network:
            self._W1_rules: list[Rule] = [
                Muon(W1, 0.0, weight_decay, match_adamw=True, **settings) for W1 in networks.W1
            ]
            self._rest_rule: Rule = AdamW(networks.rest, 0.0, weight_decay)
        else:
            rule = OPTIMIZERS[name]
            self._W1_rules = [rule(networks.W1, 0.0, weight_decay, **settings)]
            self._rest_rule = rule(networks.rest, 0.0, weight_decay, **settings)
        self.scale_learning_rates(1.0)

    def scale_learning_rates(self, factor: float | Tensor) -> None:
        """Set the learning rates to ``factor`` times their initial values, from the next step on.

        ``factor`` is either one number or a tensor (N,) with one factor per network.
        """
        rates = self.learning_rates * factor
        for number, rule in enumerate(self._W1_rules):
            rule.learning_rate = rates[number] if self._one_rule_per_network else rates[:, None, None]
        self._rest_rule.learning_rate = rates[:, None]

    def set_weight_decay(self, weight_decay: float) -> None:
        """Set the weight decay of all networks, from the next step on."""
        for rule in (*self._W1_rules, self._rest_rule):
            rule.weight_decay = weight_decay

    def state_dict(self) -> dict[str, Any]:
        """Return the states of all update rules."""
        return {"W1": [rule.state_dict() for rule in self._W1_rules], "rest": self._rest_rule.state_dict()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the states of all update rules."""
        for rule, state in zip(self._W1_rules, state_dict["W1"], strict=True):
            rule.load_state_dict(state)
        self._rest_rule.load_state_dict(state_dict["rest"])

    def step(self, grad_W1: Tensor, grad_rest: Tensor) -> None:
        """Update all networks, given the gradients from `BatchedMLP.gradients`."""
        for rule, gradient in zip(self._W1_rules, grad_W1 if self._one_rule_per_network else [grad_W1], strict=True):
            rule.step(gradient)
        self._rest_rule.step(grad_rest)
