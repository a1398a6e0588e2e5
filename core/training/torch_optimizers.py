"""PyTorch's own optimizers with a common interface: the counterparts of `core.training.optimizers`."""

from collections.abc import Callable

import torch

TORCH_OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "gd": lambda w, lr, decay: torch.optim.SGD(w, lr, weight_decay=decay),
    "sgd": lambda w, lr, decay: torch.optim.SGD(w, lr, weight_decay=decay),
    "momentum": lambda w, lr, decay, momentum=0.9: torch.optim.SGD(w, lr, momentum, weight_decay=decay),
    "nesterov": lambda w, lr, decay, momentum=0.9: torch.optim.SGD(w, lr, momentum, weight_decay=decay, nesterov=True),
    "adagrad": lambda w, lr, decay: torch.optim.Adagrad(w, lr, weight_decay=decay),
    "rmsprop": lambda w, lr, decay, alpha=0.99: torch.optim.RMSprop(w, lr, alpha, weight_decay=decay),
    "adadelta": lambda w, lr, decay, rho=0.9: torch.optim.Adadelta(w, lr, rho, weight_decay=decay),
    "adam": lambda w, lr, decay, beta1=0.9, beta2=0.999: torch.optim.Adam(w, lr, (beta1, beta2), weight_decay=decay),
    "adamw": lambda w, lr, decay, beta1=0.9, beta2=0.999: torch.optim.AdamW(w, lr, (beta1, beta2), weight_decay=decay),
    "muon": lambda w, lr, decay, momentum=0.95: torch.optim.Muon(w, lr, decay, momentum),
    "lbfgs": lambda w, lr, decay: torch.optim.LBFGS(w, lr, max_iter=1, max_eval=25, line_search_fn="strong_wolfe"),
}
"""Name -> function (weights, learning rate, weight decay, other settings) that creates PyTorch's optimizer.

L-BFGS ignores the weight decay: its caller adds the penalty to the loss.
"""
