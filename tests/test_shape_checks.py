"""Shapes in the signatures of core are checked during tests. Functions without shapes are unchanged."""

import pytest
import torch
from jaxtyping import TypeCheckError

from core.evaluation.metrics import accuracy
from core.training.progress import finite


def test_an_argument_of_another_shape_is_refused():
    logits = torch.eye(3)
    assert accuracy(logits, torch.arange(3)) == 1
    with pytest.raises(TypeCheckError):
        accuracy(logits, torch.arange(4))
    with pytest.raises(TypeCheckError):
        accuracy(logits[0], torch.arange(1))


def test_a_function_without_shapes_is_not_slowed_down():
    assert not hasattr(finite, "__wrapped__")
