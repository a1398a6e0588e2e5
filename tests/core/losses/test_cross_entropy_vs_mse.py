"""Cross-entropy and squared error as functions of the probability of the correct class, against PyTorch."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from core.topics.losses.cross_entropy_vs_mse import class_probabilities, cross_entropy_at, squared_error_at
from tests.core.losses.test_functions import double


def logits_of(p: float, classes: int) -> Tensor:
    """Return logits that give class 0 the probability p, and all other classes equal probabilities."""
    return double([math.log(p)] + [math.log((1 - p) / (classes - 1))] * (classes - 1)).requires_grad_()


@settings(deadline=None)
@given(p=st.floats(1e-6, 1 - 1e-6), classes=st.integers(2, 10))
def test_losses_and_gradients_are_those_of_pytorch(p, classes):
    logits, right = logits_of(p, classes), torch.tensor([0])
    if classes == 2:  # one output, with a sigmoid
        logit = double([math.log(p / (1 - p))]).requires_grad_()
        pairs = {
            "cross_entropy": (F.binary_cross_entropy_with_logits(logit, torch.ones_like(logit)), logit),
            "squares": (((torch.sigmoid(logit) - 1) ** 2).sum(), logit),
        }
    else:
        one_hot = F.one_hot(right, classes)[0].double()
        pairs = {
            "cross_entropy": (F.cross_entropy(logits[None], right), logits),
            "squares": (((logits.softmax(0) - one_hot) ** 2).sum(), logits),
        }
    ours = {
        "cross_entropy": cross_entropy_at(double([p])),
        "squares": squared_error_at(double([p]), classes=classes),
    }
    for name, (loss, logits_used) in pairs.items():
        (gradient,) = torch.autograd.grad(loss, logits_used)
        assert [part.item() for part in ours[name]] == pytest.approx([loss.item(), gradient[0].item()], rel=1e-7)


def test_a_confidently_wrong_prediction_has_a_gradient_with_cross_entropy_only():
    p = double([1e-4])
    assert cross_entropy_at(p)[1].item() == pytest.approx(-1, abs=1e-3)
    for classes in (2, 10):
        assert abs(squared_error_at(p, classes=classes)[1].item()) < 3e-4


@pytest.mark.parametrize("classes", [2, 10])
def test_the_other_classes_share_the_rest_of_the_probability(classes):
    first, *others = class_probabilities(0.7, classes)
    assert first == 0.7
    assert others == pytest.approx([0.3 / (classes - 1)] * (classes - 1))
