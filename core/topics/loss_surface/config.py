"""Settings of a loss surface, a starting point, and optimizers, with their bounds and presets."""

from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, ClassVar, Literal, Self, get_args

import torch
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from core.errors import CoreError
from core.topics.loss_surface import formulas
from core.topics.loss_surface.learning_rates import BEST_LEARNING_RATES
from core.topics.loss_surface.surfaces import (
    SURFACES,
    Surface,
    grid,
    loss_and_gradient,
    ravine,
)
from core.training.config import Names, RunConfig
from core.training.optimizers import tunable_settings
from core.translatable import N_

SurfaceOptimizerName = Literal[
    "gd", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw", "lbfgs"
]
SURFACE_OPTIMIZERS: tuple[SurfaceOptimizerName, ...] = get_args(SurfaceOptimizerName)
"""All optimizers except Muon, which updates matrices. A point on a surface is not a matrix."""


def _rate_field(name: str) -> Any:  # type checkers expect the default value of the field
    return Field(0.1, ge=1e-5, le=1e3, title=name, description="Learning rate of this optimizer.")


def _decay_rate_field(value: float, title: str) -> Any:
    return Field(
        value,
        ge=0,
        le=0.9999,
        title=title,
        description="Decay rate. A value closer to 1 gives past gradients more influence.",
    )


class LossSurfaceConfig(RunConfig):
    """Settings of a surface, a starting point, and the optimizers that descend from this point."""

    surface: Literal["ravine", "beale", "rosenbrock", "himmelblau", "saddle", "cliff", "bowl", "formula"] = "ravine"
    formula: str = "sin(x) * cos(y) + (x^2 + y^2) / 20"
    extent: float = Field(
        6.0,
        ge=0.1,
        le=100,
        title="Map range ±",
        description="On the map of your formula, x and y range from −R to R, where R is this value.",
    )
    condition: float = Field(
        50.0,
        ge=1,
        le=10_000,
        title="Condition number κ",
        description="Ratio of the curvature in y to the curvature in x.",
    )
    optimizers: Names[SurfaceOptimizerName] = Field(
        ("sgd", "momentum", "adam"),
        min_length=1,
        title="Optimizers",
        description="Optimizers to compare. All start at the same point.",
    )
    learning_rate: float = Field(
        1.0,
        ge=0.01,
        le=100,
        title="Learning-rate multiplier",
        description=(
            "Multiplies the learning rates of all optimizers except L-BFGS. The presets use the best learning rates "
            "found by a search."
        ),
    )
    steps: int = Field(
        100,
        ge=1,
        le=1000,
        title="Steps",
        description=(
            "Number of steps that each optimizer takes. For L-BFGS, each evaluation of the surface counts as a step."
        ),
    )
    noise: float = Field(
        0.0,
        ge=0,
        le=5,
        title="Gradient noise",
        description="Standard deviation of the noise that is added to the gradients of all optimizers except GD.",
    )
    x: float = Field(-9.0, ge=-100, le=100, title="Start x", description="The x-coordinate of the starting point.")
    y: float = Field(2.0, ge=-100, le=100, title="Start y", description="The y-coordinate of the starting point.")
    weight_decay: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Weight decay λ",
        description=(
            "Adds λ (x, y) to the gradient. AdamW instead multiplies x and y by 1 − ηλ at each step, where η is "
            "the learning rate."
        ),
    )

    rate_gd: float = _rate_field("GD")
    rate_sgd: float = _rate_field("SGD")
    rate_momentum: float = _rate_field("Momentum")
    rate_nesterov: float = _rate_field("Nesterov")
    rate_adagrad: float = _rate_field("Adagrad")
    rate_rmsprop: float = _rate_field("RMSprop")
    rate_adadelta: float = _rate_field("Adadelta")
    rate_adam: float = _rate_field("Adam")
    rate_adamw: float = _rate_field("AdamW")
    rate_lbfgs: float = _rate_field("L-BFGS")
    momentum_momentum: float = _decay_rate_field(0.9, N_("Momentum μ"))
    momentum_nesterov: float = _decay_rate_field(0.9, N_("Momentum μ"))
    alpha_rmsprop: float = _decay_rate_field(0.99, "α")
    rho_adadelta: float = _decay_rate_field(0.9, "ρ")
    beta1_adam: float = _decay_rate_field(0.9, "β₁")
    beta2_adam: float = _decay_rate_field(0.999, "β₂")
    beta1_adamw: float = _decay_rate_field(0.9, "β₁")
    beta2_adamw: float = _decay_rate_field(0.999, "β₂")

    typed: ClassVar = frozenset({"formula"})

    log_scaled: ClassVar = frozenset(
        {"condition", "learning_rate", "steps", "weight_decay", *(f"rate_{name}" for name in SURFACE_OPTIMIZERS)}
    )

    near_one: ClassVar = frozenset(
        f"{setting}_{name}" for name in SURFACE_OPTIMIZERS for setting in tunable_settings(name)
    )

    @model_validator(mode="after")
    def _check_formula_and_start(self) -> Self:
        """Check that the formula is valid, and that the surface has a value and a gradient at the start."""
        try:
            surface = self.build_surface()
        except CoreError as error:
            raise PydanticCustomError(error.code, "this formula cannot be used", error.parameters) from None
        for name in ("x", "y"):
            low, high = self.limits(name)
            if not low <= getattr(self, name) <= high:
                raise PydanticCustomError(
                    "off_the_map", "the starting point must be on the map", {"name": name, "low": low, "high": high}
                )
        values = loss_and_gradient(surface, torch.tensor([self.x, self.y], dtype=torch.float64))
        if not all(value.isfinite().all() for value in values):
            raise PydanticCustomError(
                "start_not_finite",
                "the loss or its gradient is not finite at the starting point",
                {"x": self.x, "y": self.y},
            )
        return self

    def changed(self, **values: object) -> Self:
        """Return a copy with changed values.

        If ``extent`` is changed for a user-defined formula, a starting point outside the new map is moved to the edge
        of this map.
        """
        extent = values.get("extent")
        if self.surface == "formula" and isinstance(extent, float):
            values = {name: max(-extent, min(extent, getattr(self, name))) for name in ("x", "y")} | values
        return super().changed(**values)

    def limits(self, name: str) -> tuple[float, float]:
        """Return the bounds of a numeric setting. The bounds of ``x`` and ``y`` are the bounds of the map."""
        if name in ("x", "y"):
            bounds = (-self.extent, self.extent) * 2 if self.surface == "formula" else SURFACES[self.surface].bounds
            return bounds[:2] if name == "x" else bounds[2:]
        return super().limits(name)

    def build_surface(self) -> Surface:
        """Return the configured surface.

        Raises the same errors as `core.topics.loss_surface.formulas.parse` and
        `core.topics.loss_surface.formulas.check`.
        """
        return _surface(self.surface, self.formula, self.extent, self.condition)

    def with_rates(self, rates: dict[SurfaceOptimizerName, float]) -> Self:
        """Return a copy with the learning rates ``rates`` and a learning-rate multiplier of 1."""
        return self.changed(learning_rate=1.0, **{f"rate_{name}": rate for name, rate in rates.items()})

    def same_search(self, other: Self) -> bool:
        """Return whether ``other`` has the same values for all settings used in the learning-rate search."""
        ignored = {"learning_rate", "optimizers", "threads", *(f"rate_{name}" for name in SURFACE_OPTIMIZERS)}
        return self.model_dump(exclude=ignored) == other.model_dump(exclude=ignored)

    def rate(self, name: SurfaceOptimizerName) -> float:
        """Return the learning rate of an optimizer, scaled by the learning-rate multiplier.

        The learning rate of L-BFGS is not scaled.
        """
        return getattr(self, f"rate_{name}") * (1.0 if name == "lbfgs" else self.learning_rate)

    @property
    def adamw_equals_adam(self) -> bool:
        """Whether Adam and AdamW are both selected and the weight decay is 0. Both then use the same algorithm."""
        return not self.weight_decay and {"adam", "adamw"} <= set(self.optimizers)

    @property
    def sgd_equals_gd(self) -> bool:
        """Whether GD and SGD are both selected and take the same steps.

        They take the same steps if they have the same learning rate and there is no gradient noise.
        """
        return not self.noise and {"gd", "sgd"} <= set(self.optimizers) and self.rate_gd == self.rate_sgd

    def settings_for(self, name: SurfaceOptimizerName) -> dict[str, float]:
        """Return the settings of an optimizer, except the learning rate and the weight decay.

        The keys are the names of the settings. For example, "adam" has "beta1" and "beta2".
        """
        return {setting: getattr(self, f"{setting}_{name}") for setting in tunable_settings(name)}


@lru_cache(maxsize=32)
def _surface(name: str, formula: str, extent: float, condition: float) -> Surface:
    if name == "formula":
        surface = Surface(formulas.parse(formula), (-extent, extent, -extent, extent), (extent / 2, extent / 2))
        x, y = grid(surface, 64)
        formulas.check(surface.function, x, y)
        return surface
    if name == "ravine":
        return replace(SURFACES[name], function=partial(ravine, condition=condition))
    return SURFACES[name]


def _preset(surface: str, **settings: object) -> LossSurfaceConfig:
    start = dict(zip("xy", SURFACES[surface].start, strict=True)) if surface in SURFACES else {"x": 3.0, "y": 4.0}
    rates = {f"rate_{name}": rate for name, rate in BEST_LEARNING_RATES.get(surface, {}).items()}
    return LossSurfaceConfig(surface=surface, **start, **rates, **settings)


PRESETS: dict[str, LossSurfaceConfig] = {
    "ravine": _preset("ravine"),
    "beale": _preset("beale", steps=200),
    "rosenbrock": _preset("rosenbrock", steps=300),
    "himmelblau": _preset("himmelblau"),
    "saddle": _preset("saddle", steps=50),
    "cliff": _preset("cliff", steps=200),
    "bowl": _preset("bowl", noise=1.0, optimizers=("gd", "sgd", "momentum", "adam")),
    "formula": _preset("formula"),
}
"""A preset for each surface, with the learning rates of `core.topics.loss_surface.learning_rates`."""
