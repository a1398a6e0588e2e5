"""Update rules of the optimizers (SGD, Momentum, RMSprop, Adam, ...), written out as in the original papers.

The file is long because it holds all rules, to be read in order: each rule differs from an earlier one by a line or
two. The app displays this code to learners, so the functions have simple signatures.

In the formulas, w are the weights, g is the gradient (with weight decay λ: g + λw), η is the learning rate, t is the
step count, starting at 1, and ε is a small constant that avoids division by zero. Squares, square roots, and quotients
are element-wise.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor


@dataclass
class Rule:
    """An update rule for one tensor ``w``. The method `step` updates ``w`` in place.

    ``learning_rate`` and ``weight_decay`` may be tensors that broadcast with ``w``. For example, if ``w`` holds the
    weights (N, rows, columns) of N networks, a tensor of shape (N, 1, 1) gives each network its own value. The rules
    give the same results as `torch.optim`.
    """

    w: Tensor
    learning_rate: float | Tensor
    weight_decay: float | Tensor = 0.0

    state: ClassVar[tuple[str, ...]] = ()
    """Names of the tensors that persist between steps. These tensors have the shape of w and start at zero."""

    def __post_init__(self) -> None:
        self.t = 0
        self.learning_rate = torch.as_tensor(self.learning_rate, dtype=self.w.dtype)
        for name in self.state:
            setattr(self, name, torch.zeros_like(self.w))

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Tensor: ...  # the tensors of `state`

    def step(self, g: Tensor) -> None:
        """Update w in place. g is the gradient of the loss with respect to w."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """Return the values that persist between steps, by name. w and the settings are not included."""
        settings = {field.name for field in fields(self)}
        return {name: value for name, value in vars(self).items() if name not in settings}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the values in ``state_dict``."""
        vars(self).update(state_dict)

    def _with_decay(self, g: Tensor) -> Tensor:
        return g if isinstance(self.weight_decay, float) and not self.weight_decay else g + self.weight_decay * self.w


def _root(squares: Tensor) -> Tensor:
    """Return √squares, or 1e-15 (less than any ε) for zeros, since √0 is ten times as slow on a CPU."""
    return squares.clamp(min=1e-30).sqrt_()


@dataclass
class SGD(Rule):
    """Gradient descent: a step in the direction of the negative gradient.

    w ← w − η g.  If g is computed on a mini-batch, this is stochastic gradient descent (SGD). If g is computed on all
    training samples, this is full-batch gradient descent (GD).

    Source: Robbins and Monro, Annals of Mathematical Statistics 22 (1951). In PyTorch: `torch.optim.SGD`.
    """

    def step(self, g: Tensor) -> None:
        g = self._with_decay(g)
        self.w.addcmul_(self.learning_rate, g, value=-1)


@dataclass
class Momentum(Rule):
    """Momentum: successive gradients with the same sign add up; gradients with opposite signs cancel out.

    v ← μ v + g,  w ← w − η v.  v is the velocity.

    Source: Polyak, USSR Computational Mathematics 4 (1964). In PyTorch: `torch.optim.SGD(momentum=μ)`.
    """

    momentum: float = 0.9
    state = ("v",)

    def step(self, g: Tensor) -> None:
        g = self._with_decay(g)
        self.v.mul_(self.momentum).add_(g)
        self.w.addcmul_(self.learning_rate, self.v, value=-1)


@dataclass
class Nesterov(Rule):
    """Nesterov momentum: momentum that looks one step ahead along the velocity.

    v ← μ v + g,  w ← w − η (g + μ v).  v is the velocity.

    Source: Nesterov, Soviet Mathematics Doklady 27 (1983); in this form, Sutskever et al., ICML 2013.
    In PyTorch: `torch.optim.SGD(momentum=μ, nesterov=True)`.
    """

    momentum: float = 0.9
    state = ("v",)

    def step(self, g: Tensor) -> None:
        g = self._with_decay(g)
        self.v.mul_(self.momentum).add_(g)
        self.w.addcmul_(self.learning_rate, g.add(self.v, alpha=self.momentum), value=-1)


@dataclass
class Adagrad(Rule):
    """Adagrad: each weight has its own effective learning rate, η / (√s + ε), which never increases.

    s ← s + g²,  w ← w − η g / (√s + ε).  s is the sum of all squared gradients.

    Source: Duchi, Hazan, and Singer, Journal of Machine Learning Research 12 (2011). In PyTorch: `torch.optim.Adagrad`.
    """

    eps: float = 1e-10
    state = ("s",)

    def step(self, g: Tensor) -> None:
        g = self._with_decay(g)
        self.s.addcmul_(g, g)
        self.w.addcdiv_(self.learning_rate * g, _root(self.s).add_(self.eps), value=-1)


@dataclass
class RMSprop(Rule):
    """RMSprop: Adagrad with a moving average of squared gradients instead of their sum. Old gradients are forgotten.

    v ← α v + (1 − α) g²,  w ← w − η g / (√v + ε).  v is the moving average of squared gradients.

    Source: Tieleman and Hinton, Neural Networks for Machine Learning, lecture 6.5 (2012).
    In PyTorch: `torch.optim.RMSprop`.
    """

    alpha: float = 0.99
    eps: float = 1e-8
    state = ("v",)

    def step(self, g: Tensor) -> None:
        g = self._with_decay(g)
        self.v.mul_(self.alpha).addcmul_(g, g, value=1 - self.alpha)
        self.w.addcdiv_(self.learning_rate * g, _root(self.v).add_(self.eps), value=-1)


@dataclass
class Adadelta(Rule):
    """Adadelta: RMSprop with each step also multiplied by the square root of a moving average of squared past steps.

    v ← ρ v + (1 − ρ) g²,  Δ = g √(u + ε) / √(v + ε),  u ← ρ u + (1 − ρ) Δ²,  w ← w − η Δ.
    v and u are the moving averages of squared gradients and of squared steps Δ. The learning rate η is often 1.

    Source: Zeiler, arXiv 1212.5701. In PyTorch: `torch.optim.Adadelta`.
    """

    rho: float = 0.9
    eps: float = 1e-6
    state = ("v", "u")

    def step(self, g: Tensor) -> None:
        g = self._with_decay(g)
        self.v.mul_(self.rho).addcmul_(g, g, value=1 - self.rho)
        change = (self.u + self.eps).sqrt_().div_((self.v + self.eps).sqrt_()).mul_(g)
        self.u.mul_(self.rho).addcmul_(change, change, value=1 - self.rho)
        self.w.addcmul_(self.learning_rate, change, value=-1)


@dataclass
class Adam(Rule):
    """Adam: RMSprop with a moving average of gradients in place of the gradient, and with bias correction.

    m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  w ← w − η m̂ / (√v̂ + ε).
    m and v are the moving averages of gradients and of squared gradients. Both start at zero and are therefore biased
    toward zero at first. Bias correction: m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ).

    Source: Kingma and Ba, arXiv 1412.6980, algorithm 1. In PyTorch: `torch.optim.Adam`.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    state = ("m", "v")

    def step(self, g: Tensor) -> None:
        g = self._with_decay(g)
        self.t += 1
        self.m.lerp_(g, 1 - self.beta1)
        self.v.mul_(self.beta2).addcmul_(g, g, value=1 - self.beta2)
        rate = self.learning_rate / (1 - self.beta1**self.t)
        root = _root(self.v).mul_(1 / math.sqrt(1 - self.beta2**self.t)).add_(self.eps)
        self.w.addcdiv_(rate * self.m, root, value=-1)


@dataclass
class AdamW(Adam):
    """AdamW: Adam with decoupled weight decay. Without weight decay, AdamW and Adam are identical.

    w ← w − η λ w, followed by Adam's step with a gradient g that does not include weight decay. Thus, the decay does
    not depend on the gradients.

    Source: Loshchilov and Hutter, arXiv 1711.05101, algorithm 2. In PyTorch: `torch.optim.AdamW`.
    """

    def step(self, g: Tensor) -> None:
        self.w *= 1 - self.learning_rate * self.weight_decay
        super().step(g)

    def _with_decay(self, g: Tensor) -> Tensor:
        return g


@dataclass
class Muon(Rule):
    """Muon: momentum with an orthogonalized update, whose singular values are all close to 1.

    v ← μ v + (1 − μ) g,  w ← w − η λ w − η r U.  v is the velocity. U is approximately A Bᵀ, where A S Bᵀ is the
    singular value decomposition of (1 − μ) g + μ v. Five Newton–Schulz iterations compute U. By
    default, the scale factor is r = √max(1, rows / columns). With ``match_adamw``, r = 0.2 √max(rows, columns), so that
    learning rates tuned for AdamW can be reused. Muon updates only matrices.

    Source: Jordan et al., https://kellerjordan.github.io/posts/muon (2024). In PyTorch: `torch.optim.Muon`.
    """

    momentum: float = 0.95
    match_adamw: bool = False
    state = ("v",)

    def step(self, g: Tensor) -> None:
        rows, columns = self.w.shape
        self.v.lerp_(g, 1 - self.momentum)
        U = self._orthogonal(g.lerp(self.v, self.momentum))
        ratio = 0.2 * math.sqrt(max(rows, columns)) if self.match_adamw else math.sqrt(max(1, rows / columns))
        self.w *= 1 - self.learning_rate * self.weight_decay
        self.w -= self.learning_rate * ratio * U.to(self.w.dtype)

    @staticmethod
    def _orthogonal(matrix: Tensor) -> Tensor:
        """Return the matrix with all singular values set close to 1, computed in bfloat16, which is precise enough."""
        a, b, c = 3.4445, -4.7750, 2.0315
        X = matrix.bfloat16()
        X = X.T if len(matrix) > matrix.shape[1] else X
        X = X / X.norm().clamp(min=1e-7)
        for _ in range(5):
            A = X @ X.T
            X = torch.addmm(X, torch.addmm(A, A, A, beta=b, alpha=c), X, beta=a)
        return X.T if len(matrix) > matrix.shape[1] else X


@dataclass
class LBFGS(Rule):
    """L-BFGS: an approximate Newton step. The curvature is estimated from past steps and gradient differences.

    w ← w − η H g.  H approximates the inverse Hessian. The two-loop recursion computes H g from the last ``history``
    steps s and gradient differences y. This version has no line search, which would need several evaluations of the
    loss per step.

    Source: Nocedal and Wright, Numerical Optimization (2006), algorithm 7.4.
    In PyTorch: `torch.optim.LBFGS(max_iter=1)`.
    """

    history: int = 100

    def step(self, g: Tensor) -> None:
        g = self._with_decay(g).flatten()
        self.t += 1
        if self.t == 1:
            self.pairs: list[tuple[Tensor, Tensor, Tensor]] = []
            direction, rate = -g, min(1.0, float(1 / g.abs().sum())) * self.learning_rate
        else:
            y, s = g - self.g, self.change
            if y @ s > 1e-10:
                self.pairs = [*self.pairs, (s, y, 1 / (y @ s))][-self.history :]
            direction, rate = -self._inverse_curvature_times(g), self.learning_rate
        self.g, self.change = g.clone(), rate * direction
        self.w += self.change.view_as(self.w)

    def _inverse_curvature_times(self, q: Tensor) -> Tensor:
        projections = []
        for s, y, rho in reversed(self.pairs):
            projections.append(rho * (s @ q))
            q = q - projections[-1] * y
        if self.pairs:
            s, y, _rho = self.pairs[-1]
            q = q * (s @ y) / (y @ y)
        for s, y, rho in self.pairs:
            q = q + (projections.pop() - rho * (y @ q)) * s
        return q


OPTIMIZERS: dict[str, type[Rule]] = {
    "gd": SGD,
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": Adagrad,
    "rmsprop": RMSprop,
    "adadelta": Adadelta,
    "adam": Adam,
    "adamw": AdamW,
    "muon": Muon,
    "lbfgs": LBFGS,
}
"""Name -> rule. "gd" differs from "sgd" only in its gradient, which is the full-batch gradient."""


def tunable_settings(name: str) -> Sequence[str]:
    """Return the names of an optimizer's tunable settings, other than its learning rate and weight decay.

    ``name`` is a key of `OPTIMIZERS`. For example, "adam" has "beta1" and "beta2".
    """
    return [
        field.name for field in fields(OPTIMIZERS[name]) if field.name in {"momentum", "alpha", "rho", "beta1", "beta2"}
    ]
