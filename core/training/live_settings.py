"""Apply settings that changed during training."""

from torch import nn
from torch.optim import Optimizer


def set_dropout(network: nn.Module, probability: float) -> None:
    """Set the dropout probability of every dropout layer in a network."""
    for layer in network.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = probability


def set_in_optimizer(optimizer: Optimizer, **values: float) -> None:
    """Set options of an optimizer, such as ``lr`` or ``weight_decay``, in all of its parameter groups."""
    for group in optimizer.param_groups:
        group |= values
