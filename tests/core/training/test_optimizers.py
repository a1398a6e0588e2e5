"""The written-out rules against torch.optim, step by step."""

import pytest
import torch

from core.training.optimizers import OPTIMIZERS, tunable_settings
from core.training.torch_optimizers import TORCH_OPTIMIZERS

SETTINGS = {"momentum": 0.85, "alpha": 0.95, "rho": 0.8, "beta1": 0.8, "beta2": 0.98}
STEPS = 200

pytestmark = pytest.mark.usefixtures("one_thread")


def loss(w: torch.Tensor) -> torch.Tensor:
    """A function that is not quadratic and different in all coordinates."""
    scale = torch.linspace(0.1, 3, w.numel(), dtype=w.dtype).view_as(w)
    return (scale * (w - 1) ** 2 + torch.sin(3 * w)).sum() + 0.1 * (w @ w.T).square().sum()


def ways(name: str, rate: float, decay: float, **settings: float) -> tuple[list, list]:
    """Weights after every step of the rule and of torch.optim, each with its own gradients."""
    start = torch.randn(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    ours, theirs = start.clone(), start.clone().requires_grad_()
    rule = OPTIMIZERS[name](ours, rate, decay, **settings)
    if name == "lbfgs":
        optimizer = torch.optim.LBFGS([theirs], rate, max_iter=1, tolerance_grad=0, tolerance_change=0)
    else:
        optimizer = TORCH_OPTIMIZERS[name]([theirs], rate, decay, **settings)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        value = loss(theirs)
        if name == "lbfgs":  # torch.optim.LBFGS has no weight decay
            value = value + decay / 2 * theirs.square().sum()
        value.backward()
        return value

    written, library = [], []
    for _ in range(STEPS):
        at = ours.clone().requires_grad_()
        rule.step(torch.autograd.grad(loss(at), at)[0])
        optimizer.step(closure)
        written.append(ours.clone())
        library.append(theirs.detach().clone())
    return written, library


@pytest.mark.parametrize("defaults", [True, False])
@pytest.mark.parametrize("decay", [0.0, 0.05])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_rule_is_that_of_torch_optim(name, decay, defaults):
    settings = {} if defaults else {key: SETTINGS[key] for key in tunable_settings(name)}
    written, library = ways(name, {"adadelta": 1.0, "lbfgs": 0.5}.get(name, 0.01), decay, **settings)
    # In Adadelta, rounding differences between processors grow from step to step
    steps = STEPS // 4 if name == "adadelta" else STEPS
    for ours, theirs in zip(written[:steps], library[:steps], strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-12)
