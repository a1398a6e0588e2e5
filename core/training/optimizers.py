"""Update rules of the optimizers (SGD, Momentum, RMSProp, Adam ...), written out as in their papers.

The file is long, as it holds all of them, to be read one after the other: each differs from an earlier one by a line or
two. Pages show them as lessons, so their signatures are plain.

In the formulas w are the weights, g the gradient (with the weight decay λ: g + λw), η the learning rate, and t the
number of the step, from 1 on. Squares, roots and quotients are element-wise.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor


@dataclass
class Rule:
    """The optimizer of one tensor ``w``, which `step` updates in place.

    ``learning_rate`` and ``weight_decay`` may be tensors that broadcast: with shape (N, 1, 1) they give each of N
    batched networks with weights (N, rows, columns) its own value. The rules are equal to those of `torch.optim`.
    """

    w: Tensor
    learning_rate: float | Tensor
    weight_decay: float | Tensor = 0.0

    state: ClassVar[tuple[str, ...]] = ()
    """Names of the tensors that are kept from step to step: zeros at first, in the shape of w."""

    def __post_init__(self) -> None:
        self.t = 0
        self.learning_rate = torch.as_tensor(self.learning_rate, dtype=self.w.dtype)
        for name in self.state:
            setattr(self, name, torch.zeros_like(self.w))

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Tensor: ...  # the tensors of `state`

    def step(self, g: Tensor) -> None:
        """Update w with the gradient g, of the shape of w."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """Return what is kept from step to step, without w and the settings."""
        settings = {field.name for field in fields(self)}
        return {name: value for name, value in vars(self).items() if name not in settings}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what was kept."""
        vars(self).update(state_dict)

    def _with_decay(self, g: Tensor) -> Tensor:
        return g if isinstance(self.weight_decay, float) and not self.weight_decay else g + self.weight_decay * self.w


def _root(squares: Tensor) -> Tensor:
    """Return √squares, and 1e-15 (less than any ε) for zeros: √0 takes ten times as long on a processor."""
    return squares.clamp(min=1e-30).sqrt_()


@dataclass
class SGD(Rule):
    """(Stochastic) gradient descent: against the gradient.

    w ← w − η g.  With the gradient of all data it is gradient descent (GD), with that of a batch it is stochastic.

    Source: Robbins and Monro, Annals of Mathematical Statistics 22 (1951). `torch.optim.SGD`.
    """

    def step(self, g: Tensor) -> None:
        g = self._with_decay(g)
        self.w.addcmul_(self.learning_rate, g, value=-1)


@dataclass
class Momentum(Rule):
    """Momentum: a ball that rolls. What the gradients agree on adds up, what changes its sign cancels.

    v ← μ v + g,  w ← w − η v.

    Source: Polyak, USSR Computational Mathematics 4 (1964). `torch.optim.SGD(momentum=μ)`.
    """

    momentum: float = 0.9
    state = ("v",)

    def step(self, g: Tensor) -> None:
        g = self._with_decay(g)
        self.v.mul_(self.momentum).add_(g)
        self.w.addcmul_(self.learning_rate, self.v, value=-1)


@dataclass
class Nesterov(Rule):
    """Nesterov's momentum: looks ahead to where the velocity is about to carry it.

    v ← μ v + g,  w ← w − η (g + μ v).

    Source: Nesterov, Soviet Mathematics Doklady 27 (1983); in this form Sutskever et al., ICML 2013.
    `torch.optim.SGD(momentum=μ, nesterov=True)`.
    """

    momentum: float = 0.9
    state = ("v",)

    def step(self, g: Tensor) -> None:
        g = self._with_decay(g)
        self.v.mul_(self.momentum).add_(g)
        self.w.addcmul_(self.learning_rate, g.add(self.v, alpha=self.momentum), value=-1)


@dataclass
class Adagrad(Rule):
    """Adagrad: each number has its own step, shorter the more gradient it has seen; never longer again.

    s ← s + g²,  w ← w − η g / (√s + ε).

    Source: Duchi, Hazan and Singer, Journal of Machine Learning Research 12 (2011). `torch.optim.Adagrad`.
    """

    eps: float = 1e-10
    state = ("s",)

    def step(self, g: Tensor) -> None:
        g = self._with_decay(g)
        self.s.addcmul_(g, g)
        self.w.addcdiv_(self.learning_rate * g, _root(self.s).add_(self.eps), value=-1)


@dataclass
class RMSProp(Rule):
    """RMSProp: as Adagrad, but old gradients are forgotten, so the steps need not die out.

    v ← α v + (1 − α) g²,  w ← w − η g / (√v + ε).

    Source: Tieleman and Hinton, Neural Networks for Machine Learning, lecture 6.5 (2012). `torch.optim.RMSprop`.
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
    """Adadelta: the size of the last steps stands where the learning rate was; η only scales it, and may be 1.

    v ← ρ v + (1 − ρ) g²,  Δ = g √(u + ε) / √(v + ε),  u ← ρ u + (1 − ρ) Δ²,  w ← w − η Δ.

    Source: Zeiler, arXiv 1212.5701. `torch.optim.Adadelta`.
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
    """Adam: the mean of the last gradients over the root of the mean of their squares.

    m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  w ← w − η m̂ / (√v̂ + ε),
    with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ), since means that begin at zero are too small at first.

    Source: Kingma and Ba, arXiv 1412.6980, algorithm 1. `torch.optim.Adam`.
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
    """AdamW: Adam with the weight decay beside the gradient, not in it. Without weight decay it is Adam.

    w ← w − η λ w, then Adam's step with the bare gradient: so a weight with large gradients decays like any other.

    Source: Loshchilov and Hutter, arXiv 1711.05101, algorithm 2. `torch.optim.AdamW`.
    """

    def step(self, g: Tensor) -> None:
        self.w *= 1 - self.learning_rate * self.weight_decay
        super().step(g)

    def _with_decay(self, g: Tensor) -> Tensor:
        return g


@dataclass
class Muon(Rule):
    """Muon: momentum whose matrix is made orthogonal, so that all its directions are equally strong.

    v ← μ v + (1 − μ) g,  u = (1 − μ) g + μ v,  w ← w − η λ w − η r U, where U is about A Bᵀ for u = A S Bᵀ (singular
    values), by five Newton–Schulz steps, and r = √max(1, rows / columns), or, to share its rate with AdamW,
    r = 0.2 √max(rows, columns). For matrices only.

    Source: Jordan et al., https://kellerjordan.github.io/posts/muon (2024). `torch.optim.Muon`.
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
        """Return the matrix with all singular values near 1, computed in bfloat16, which is precise enough."""
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
    """L-BFGS: the step that Newton would take, the curvature guessed from how the gradient changed in past steps.

    w ← w − η H g, where H g comes from the last steps s and changes of gradient y alone (the two-loop recursion).
    Here without a line search; that needs more evaluations of the loss in every step.

    Source: Nocedal and Wright, Numerical Optimization (2006), algorithm 7.4. `torch.optim.LBFGS(max_iter=1)`.
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
    "rmsprop": RMSProp,
    "adadelta": Adadelta,
    "adam": Adam,
    "adamw": AdamW,
    "muon": Muon,
    "lbfgs": LBFGS,
}
"""Name -> rule. "gd" differs from "sgd" by its gradient: that of all data, without noise."""


def tunable_settings(name: str) -> Sequence[str]:
    """Return the names of an optimizer's settings beside learning rate and weight decay."""
    return [
        field.name for field in fields(OPTIMIZERS[name]) if field.name in {"momentum", "alpha", "rho", "beta1", "beta2"}
    ]
