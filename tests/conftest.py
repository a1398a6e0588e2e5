"""Check the shapes in the signatures of `core` while the tests run; the same examples of hypothesis in every run."""

from collections.abc import Callable
from typing import get_args

from beartype import BeartypeConf, beartype
from hypothesis import HealthCheck, settings
from jaxtyping import AbstractArray, install_import_hook

_CONFIG = BeartypeConf(is_pep484_tower=True)  # an int is a float, as for every type checker


def check_shapes(function: Callable) -> Callable:
    """Check the arguments and the result of a function that has shapes in its signature. Return others as they are."""
    return beartype(function, conf=_CONFIG) if any(map(_has_shape, function.__annotations__.values())) else function


def _has_shape(hint: object) -> bool:
    if isinstance(hint, type) and issubclass(hint, AbstractArray):
        return True
    return any(map(_has_shape, get_args(hint)))


# Before anything imports core
install_import_hook("core", f"{__name__}.{check_shapes.__name__}")

settings.register_profile(
    "repeatable",
    max_examples=40,
    deadline=None,  # on a busy machine any example may take long
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")
