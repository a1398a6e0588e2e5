"""Optimizers that descend on a surface, step by step, from the same point with the same noise."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import ClassVar, Literal, Self

import numpy as np
import torch
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from torch import Tensor

from core import formulas
from core.errors import CoreError
from core.learning_rates import ON_SURFACES
from core.optimizers import OPTIMIZERS, TORCH_OPTIMIZERS, settings_of
from core.progress import Names, RunConfig
from core.surfaces import SURFACES, Point, Surface
from core.training import generator

Descender = Literal["gd", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw", "lbfgs"]
DESCENDERS: tuple[Descender, ...] = tuple(name for name in OPTIMIZERS if name != "muon")
"""All but Muon, which is for matrices; a point on a surface is none."""

_NOISE, _STARTS = 51, 52  # streams of random numbers (see core.training.generator)
FAR = 100  # times the size of the map: as good as infinitely far
NEAR = 0.01  # of the way down from the start: as good as at the minimum


def _rate(name: str) -> Field:
    return Field(0.1, ge=1e-5, le=1e3, title=name, description="Learning rate of this optimizer.")


def _memory(value: float, title: str) -> Field:
    return Field(value, ge=0, le=0.9999, title=title, description="Share of the past that is kept in every step.")


class SurfaceConfig(RunConfig):
    """A surface, a starting point, and the optimizers that descend from it."""

    surface: Literal["ravine", "beale", "rosenbrock", "himmelblau", "saddle", "cliff", "bowl", "formula"] = "ravine"
    formula: str = "sin(x) * cos(y) + (x^2 + y^2) / 20"
    extent: float = Field(
        6.0, ge=0.1, le=100, title="Map to ±", description="The map of a typed formula reaches this far from 0."
    )
    condition: float = Field(
        50.0,
        ge=1,
        le=10_000,
        title="Condition number κ",
        description="How many times steeper the ravine is across than along.",
    )
    optimizers: Names[Descender] = Field(
        ("sgd", "momentum", "adam"),
        min_length=1,
        title="Optimizers",
        description="Which optimizers descend from the same point.",
    )
    learning_rate: float = Field(
        1.0,
        ge=0.01,
        le=100,
        title="Learning rate, times each one's own",
        description="1 is the rate that a sweep found best for each optimizer on this surface.",
    )
    steps: int = Field(100, ge=1, le=1000, title="Steps", description="Of L-BFGS: evaluations of the surface.")
    noise: float = Field(
        0.0,
        ge=0,
        le=5,
        title="Noise of the gradient",
        description="Standard deviation of what is added to each gradient, as a batch would do; GD gets none.",
    )
    x: float = Field(-9.0, ge=-100, le=100, title="Start x", description="Where all of them start.")
    y: float = Field(2.0, ge=-100, le=100, title="Start y", description="Where all of them start.")
    weight_decay: float = Field(
        0.0, ge=0, le=1, title="Weight decay λ", description="How strongly x and y are pulled to zero."
    )

    rate_gd: float = _rate("GD")
    rate_sgd: float = _rate("SGD")
    rate_momentum: float = _rate("Momentum")
    rate_nesterov: float = _rate("Nesterov")
    rate_adagrad: float = _rate("Adagrad")
    rate_rmsprop: float = _rate("RMSProp")
    rate_adadelta: float = _rate("Adadelta")
    rate_adam: float = _rate("Adam")
    rate_adamw: float = _rate("AdamW")
    rate_lbfgs: float = _rate("L-BFGS")
    momentum_momentum: float = _memory(0.9, "Momentum μ")
    momentum_nesterov: float = _memory(0.9, "Momentum μ")
    alpha_rmsprop: float = _memory(0.99, "α")
    rho_adadelta: float = _memory(0.9, "ρ")
    beta1_adam: float = _memory(0.9, "β₁")
    beta2_adam: float = _memory(0.999, "β₂")
    beta1_adamw: float = _memory(0.9, "β₁")
    beta2_adamw: float = _memory(0.999, "β₂")

    log_scaled: ClassVar = frozenset(
        {"condition", "learning_rate", "steps", "weight_decay", *(f"rate_{name}" for name in DESCENDERS)}
    )

    near_one: ClassVar = frozenset(f"{setting}_{name}" for name in DESCENDERS for setting in settings_of(name))

    @model_validator(mode="after")
    def _can_be_descended(self) -> Self:
        """The formula is one, and the start lies on the map where the surface has a value and a gradient."""
        try:
            surface = self.resolved()
        except CoreError as error:
            raise PydanticCustomError(error.code, "this formula cannot be used", error.parameters) from None
        for name in ("x", "y"):
            low, high = self.limits(name)
            if not low <= getattr(self, name) <= high:
                raise PydanticCustomError(
                    "off_the_map", "the start has to lie on the map", {"name": name, "low": low, "high": high}
                )
        values = _loss_and_gradient(surface, torch.tensor([self.x, self.y], dtype=torch.float64))
        if not all(value.isfinite().all() for value in values):
            raise PydanticCustomError(
                "start_not_finite", "the surface has no value or no slope at the start", {"x": self.x, "y": self.y}
            )
        return self

    def changed(self, **values: object) -> Self:
        """As that of every config; a start that a smaller map would leave outside is moved to its edge."""
        extent = values.get("extent")
        if self.surface == "formula" and isinstance(extent, float):
            values = {name: max(-extent, min(extent, getattr(self, name))) for name in ("x", "y")} | values
        return super().changed(**values)

    def limits(self, name: str) -> tuple[float, float]:
        """Smallest and largest value of a number among the settings; the start lies on the map."""
        if name in ("x", "y"):
            bounds = (-self.extent, self.extent) * 2 if self.surface == "formula" else SURFACES[self.surface].bounds
            return bounds[:2] if name == "x" else bounds[2:]
        return super().limits(name)

    def resolved(self) -> Surface:
        """The surface that the settings mean. Raises CoreError "formula_..." (see `core.formulas`)."""
        return _surface(self.surface, self.formula, self.extent, self.condition)

    def with_rates(self, rates: dict[Descender, float]) -> Self:
        """These settings with other learning rates, and no factor on them."""
        return self.changed(learning_rate=1.0, **{f"rate_{name}": rate for name, rate in rates.items()})

    def rate(self, name: Descender) -> float:
        """The learning rate that an optimizer descends with."""
        return getattr(self, f"rate_{name}") * (1.0 if name == "lbfgs" else self.learning_rate)

    def settings_for(self, name: Descender) -> dict[str, float]:
        """The settings of an optimizer beside learning rate and weight decay."""
        return {setting: getattr(self, f"{setting}_{name}") for setting in settings_of(name)}


@lru_cache(maxsize=32)
def _surface(name: str, formula: str, extent: float, condition: float) -> Surface:
    if name == "formula":
        surface = Surface(formulas.parse(formula), (-extent, extent, -extent, extent), (extent / 2, extent / 2))
        x, y = _grid(surface, 64)
        formulas.check(surface.function, x, y)
        return surface
    if name == "ravine":
        ravine = SURFACES[name]
        return Surface(partial(ravine.function, condition=condition), ravine.bounds, ravine.start, ravine.minima, 0.0)
    return SURFACES[name]


@dataclass(frozen=True)
class Descent:
    """The way of one optimizer: points (T + 1, 2) and losses (T + 1,), the start first."""

    points: np.ndarray
    losses: np.ndarray
    diverged_at: int | None
    """The step after which it was not finite, or as good as infinitely far and not lower than at the start."""
    left_at: int | None
    """The step after which it has left the map for good."""
    reached_at: int | None
    """The steps until the loss was within 1 % (of the way down from the start) of the known minimum value."""

    @property
    def lowest(self) -> float:
        """The lowest loss that it has seen."""
        return float(np.nanmin(self.losses))

    @property
    def step_lengths(self) -> np.ndarray:
        """How far each step went in x and in y (T, 2)."""
        return np.abs(np.diff(self.points, axis=0))

    def distances(self, minima: Sequence[Point]) -> np.ndarray:
        """The distances (T + 1,) to the nearest of the minima."""
        return np.linalg.norm(self.points[:, None] - np.array(minima), axis=2).min(1)


def descend(config: SurfaceConfig) -> dict[Descender, Descent]:
    """Let the chosen optimizers of `torch.optim` descend, in float64, each from the same start.

    In every step all get the same noise on their gradients (GD none). L-BFGS needs several evaluations of the surface
    for a step, and waits at its place meanwhile, so that its steps are counted in evaluations.
    """
    surface = config.resolved()
    start = torch.tensor([config.x, config.y], dtype=torch.float64)
    noise = torch.randn(config.steps, 2, dtype=torch.float64, generator=generator(config.seed, _NOISE)) * config.noise
    names = [name for name in config.optimizers if name != "lbfgs"]
    ways = dict(zip(names, descend_together(config, names, surface, start, noise), strict=True))
    if "lbfgs" in config.optimizers:
        ways["lbfgs"] = _by_evaluations(config, surface, start, noise)
    return {name: _judged(surface, ways[name]) for name in config.optimizers}


def descend_together(
    config: SurfaceConfig, names: Sequence[Descender], surface: Surface, start: Tensor, noise: Tensor
) -> Iterable[Tensor]:
    """The points (T + 1, 2) of each optimizer: all take their steps together, from one evaluation of the surface."""
    points = [torch.nn.Parameter(start.clone()) for _name in names]
    optimizers = [
        TORCH_OPTIMIZERS[name]([point], config.rate(name), config.weight_decay, **config.settings_for(name))
        for name, point in zip(names, points, strict=True)
    ]
    exact = torch.tensor([[float(name != "gd")] for name in names], dtype=torch.float64)
    visited = [torch.stack([point.detach() for point in points])] if names else []
    for disturbance in noise if names else ():
        _loss, gradients = _loss_and_gradient(surface, visited[-1])
        for point, optimizer, gradient in zip(points, optimizers, gradients + exact * disturbance, strict=True):
            point.grad = gradient
            optimizer.step()
        visited.append(torch.stack([point.detach() for point in points]))
    return torch.stack(visited, dim=1) if names else ()


def _by_evaluations(config: SurfaceConfig, surface: Surface, start: Tensor, noise: Tensor) -> Tensor:
    """The points (T + 1, 2) of L-BFGS after 0, 1, 2 ... evaluations of the surface."""
    point = torch.nn.Parameter(start.clone())
    optimizer = TORCH_OPTIMIZERS["lbfgs"]([point], config.rate("lbfgs"), config.weight_decay)
    seen: dict[tuple[float, ...], tuple[Tensor, Tensor]] = {}

    def closure() -> Tensor:
        at = tuple(point.detach().tolist())
        if at not in seen:
            loss, gradient = _loss_and_gradient(surface, point.detach()[None])
            disturbance = noise[min(len(seen), len(noise) - 1)]
            # In the direction of the noise the surface seems to slope: its value and its gradient agree
            loss = loss[0] + disturbance @ point.detach() + config.weight_decay / 2 * point.detach().square().sum()
            seen[at] = loss, gradient[0] + disturbance + config.weight_decay * point.detach()
        loss, point.grad = seen[at][0], seen[at][1].clone()
        return loss

    visited = [start.clone()]
    while len(visited) <= config.steps:
        before = len(seen)
        try:
            optimizer.step(closure)
        except (ZeroDivisionError, ValueError, IndexError, RuntimeError):
            # torch's line search does not check its numbers where the surface has no value
            point.data.fill_(math.nan)
        spent = len(seen) - before
        visited += [visited[-1]] * (spent - 1) + [point.detach().clone()]
        if not point.isfinite().all():
            break
        if not spent:  # it has arrived: the gradient is zero
            visited += [visited[-1]] * (config.steps + 1 - len(visited))
    return torch.stack(visited[: config.steps + 1])


def _loss_and_gradient(surface: Surface, points: Tensor) -> tuple[Tensor, Tensor]:
    """The losses (...) at points (..., 2) and their gradients (..., 2)."""
    with torch.enable_grad():
        points = points.clone().requires_grad_()
        losses = surface(points[..., 0], points[..., 1])
        (gradients,) = torch.autograd.grad(losses.sum(), points)
    return losses.detach(), gradients


def _judged(surface: Surface, points: Tensor) -> Descent:
    """What became of a way: it ends where it diverged, or has descended out of sight."""
    losses = surface(points[:, 0], points[:, 1])
    x_low, x_high, y_low, y_high = surface.bounds
    size, middle = max(x_high - x_low, y_high - y_low), torch.tensor([x_low + x_high, y_low + y_high]) / 2
    lost = ~(losses.isfinite() & ((points - middle).abs().amax(1) < FAR * size))
    end = int(lost.nonzero()[0]) if lost.any() else len(points)
    deeper = end < len(points) and bool(losses[end] < losses[0])
    points, losses = points[:end], losses[:end]
    x, y = points.T
    outside = (x < x_low) | (x > x_high) | (y < y_low) | (y > y_high)
    inside = (~outside).nonzero()
    last = int(inside[-1]) if len(inside) else -1
    reached = None
    if surface.lowest is not None:
        near = (losses - surface.lowest <= NEAR * (losses[0] - surface.lowest)).nonzero()
        reached = int(near[0]) if len(near) else None
    return Descent(
        points.numpy(),
        losses.numpy(),
        diverged_at=end if end <= len(lost) - 1 and not deeper else None,
        left_at=last + 1 if last < len(points) - 1 or deeper else None,
        reached_at=reached,
    )


@dataclass(frozen=True)
class Relief:
    """A surface as a map: ``heights`` (rows, columns) from 0 to 1, the first row at the lowest y; NaN: no value there.

    The heights are the losses, in surfaces of very different losses their logarithms.
    """

    heights: np.ndarray
    low: float
    high: float
    scale: float | None

    def height(self, losses: np.ndarray) -> np.ndarray:
        """The heights of losses, of the same shape; beyond the map's own range below 0 or above 1."""
        gaps = (losses - self.low) / (self.high - self.low or 1.0)
        if self.scale is None:
            return gaps
        return np.log1p(np.maximum(gaps, 0) / self.scale) / math.log1p(1 / self.scale)


@lru_cache(maxsize=32)
def relief(surface: Surface, *, size: int = 128) -> Relief:
    """The map of a surface with ``size`` x ``size`` heights."""
    losses = surface(*_grid(surface, size)).numpy().astype(np.float64)
    finite = losses[np.isfinite(losses)].clip(-1e300, 1e300)  # or else their differences are infinite
    # Poles would leave nothing else to be seen
    low, high = (float(value) for value in np.quantile(finite, (0.0, 0.995)))
    low = low if high - low < 1e6 * (high - np.median(finite) + 1e-12) else float(np.quantile(finite, 0.005))
    losses = np.where(np.isfinite(losses), np.clip(losses, low, high), np.nan)
    median = (float(np.median(finite)) - low) / (high - low or 1.0)
    plain = Relief(losses, low, high, None if median > 0.25 else max(median, 1e-6) / 20)
    return Relief(plain.height(losses), low, high, plain.scale)


def _grid(surface: Surface, size: int) -> tuple[Tensor, Tensor]:
    x_low, x_high, y_low, y_high = surface.bounds
    y, x = torch.meshgrid(
        torch.linspace(y_low, y_high, size, dtype=torch.float64),
        torch.linspace(x_low, x_high, size, dtype=torch.float64),
        indexing="ij",
    )
    return x, y


TRIED = tuple(float(f"{10 ** (power / 10):.2g}") for power in range(-40, 21))
"""The learning rates of a sweep: ten in each decade from 1e-4 to 100."""
STARTS = 25  # of a sweep, drawn from the middle half of the map
ESCAPED = -1.0  # the loss at which a saddle is left behind


def best_rates(config: SurfaceConfig) -> dict[Descender, float]:
    """The best learning rate of every optimizer for this surface, noise and number of steps, by a sweep.

    Each rate is tried from the start and from STARTS - 1 random points, lest a lucky jump decide. A descent costs the
    steps after which its loss stays within 1 % of the known minimum (of typed formulas: of the lowest value that was
    seen; of the saddle: stays below ESCAPED). If it never does, or leaves the map before (from the random points: goes
    far off the map), it costs the number of steps times 1 to 2, by how little it has descended. The best rate has the
    lowest mean cost, in which the start counts as much as all other points together, among those that arrive from the
    start, if any do. L-BFGS searches along its line, from 1.
    """
    surface = config.resolved()
    random = generator(config.seed, _NOISE)
    noise = torch.randn(config.steps, 2, dtype=torch.float64, generator=random) * config.noise
    x_low, x_high, y_low, y_high = surface.bounds
    low, size = torch.tensor([x_low, y_low]), torch.tensor([x_high - x_low, y_high - y_low])
    starts = low + size * (0.25 + 0.5 * torch.rand(STARTS, 2, dtype=torch.float64, generator=generator(_STARTS)))
    starts[0] = torch.tensor([config.x, config.y])
    losses = {name: _sweep(config, name, surface, starts, noise) for name in DESCENDERS if name != "lbfgs"}
    if config.surface == "saddle":
        lowest = np.array(ESCAPED)
    elif surface.lowest is not None:
        lowest = np.array(surface.lowest)
    else:
        lowest = np.min([np.nanmin(values, axis=(0, 2)) for values in losses.values()], axis=0)[:, None]
    rates = {"lbfgs": 1.0}
    for name, values in losses.items():
        costs = _costs(values, lowest)
        arrives = costs[0] <= config.steps
        mean = costs[0] + costs[1:].mean(0)
        rates[name] = TRIED[int(np.where(arrives | ~arrives.any(), mean, np.inf).argmin())]
    return rates


def _sweep(config: SurfaceConfig, name: Descender, surface: Surface, starts: Tensor, noise: Tensor) -> np.ndarray:
    """The losses (T + 1, starts, rates) of an optimizer with every tried learning rate; NaN once it is lost."""
    x_low, x_high, y_low, y_high = surface.bounds
    middle = torch.tensor([x_low + x_high, y_low + y_high], dtype=torch.float64) / 2
    size = torch.tensor([x_high - x_low, y_high - y_low], dtype=torch.float64)
    reach = (size / 2 if config.surface == "saddle" else size).repeat(len(starts), 1, 1)
    reach[0] = size / 2  # of the start itself
    points = starts[:, None].repeat(1, len(TRIED), 1)
    rates = torch.tensor(TRIED, dtype=torch.float64)[:, None]
    rule = OPTIMIZERS[name](points, rates, config.weight_decay, **config.settings_for(name))
    losses, lost = [], torch.zeros(points.shape[:2], dtype=torch.bool)
    for disturbance in torch.cat([noise * float(name != "gd"), torch.zeros(1, 2)]):
        loss, gradients = _loss_and_gradient(surface, points)
        descended = (losses[-1] < ESCAPED if losses else lost) if config.surface == "saddle" else torch.zeros_like(lost)
        lost |= ((points - middle).abs() > reach).any(-1) & ~descended | ~loss.isfinite()
        losses.append(loss.where(~lost, math.nan))
        rule.step(gradients + disturbance)
    return torch.stack(losses).numpy()


def _costs(losses: np.ndarray, lowest: np.ndarray) -> np.ndarray:
    """The costs (starts, rates) of descents with losses (T + 1, starts, rates), see `best_rates`."""
    steps = len(losses) - 1
    gaps = (losses - lowest) / np.maximum(losses[0] - lowest, 1e-30)
    near = gaps <= NEAR
    settled = np.where(near.all(0), 0, steps + 1 - near[::-1].argmin(0))
    remaining = np.nan_to_num(gaps[-max(1, steps // 10) :].mean(0), nan=1.0)
    return np.where(near[-1], settled, steps * (1 + np.clip(remaining, 0, 1)))


def _preset(surface: str, **settings: object) -> SurfaceConfig:
    start = dict(zip("xy", SURFACES[surface].start, strict=True)) if surface in SURFACES else {"x": 3.0, "y": 4.0}
    rates = {f"rate_{name}": rate for name, rate in ON_SURFACES.get(surface, {}).items()}
    return SurfaceConfig(surface=surface, **start, **rates, **settings)


PRESETS: dict[str, SurfaceConfig] = {
    "ravine": _preset("ravine"),
    "beale": _preset("beale", steps=200),
    "rosenbrock": _preset("rosenbrock", steps=300),
    "himmelblau": _preset("himmelblau"),
    "saddle": _preset("saddle", steps=50),
    "cliff": _preset("cliff", steps=200),
    "bowl": _preset("bowl", noise=1.0, optimizers=("gd", "sgd", "momentum", "adam")),
    "formula": _preset("formula"),
}
"""A preset for each surface, with the learning rates of `core.learning_rates`."""
