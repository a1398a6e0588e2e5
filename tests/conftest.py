"""Check the shapes in the signatures of `core` during tests, and use the same hypothesis examples in every run."""

import gc
from collections.abc import Callable
from functools import cache, partial, wraps
from typing import get_args

import jaxtyping
from beartype import BeartypeConf, beartype
from hypothesis import HealthCheck, settings

_jaxtyped = jaxtyping.jaxtyped
_CONFIG = BeartypeConf(is_pep484_tower=True)  # an int is accepted as a float, as in type checkers
check_types = partial(beartype, conf=_CONFIG)


def check_shapes(decorated: object = None, *, typechecker: Callable) -> object:
    """Check arguments and results of functions with shapes in their signature. Return everything else unchanged.

    The hook decorates all functions and classes, and `jaxtyped` makes every call some 20 µs slower: a third of the
    processor time of all tests.
    """
    if decorated is None:
        return partial(check_shapes, typechecker=typechecker)
    if not any(map(_has_shape, getattr(decorated, "__annotations__", {}).values())):
        return decorated
    if isinstance(decorated, type):
        return _jaxtyped(decorated, typechecker=typechecker)
    checked = cache(lambda: _jaxtyped(decorated, typechecker=typechecker))  # 20 ms: only when called

    @wraps(decorated)
    def call(*arguments, **named):
        return checked()(*arguments, **named)

    return call


def _has_shape(hint: object) -> bool:
    if isinstance(hint, type) and issubclass(hint, jaxtyping.AbstractArray):
        return True
    return any(map(_has_shape, get_args(hint)))


# Before any import of core
jaxtyping.jaxtyped = check_shapes
jaxtyping.install_import_hook("core", f"{__name__}.check_types")
settings.register_profile(
    "repeatable",
    max_examples=40,
    deadline=None,  # on a busy machine, any example may be slow
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")

# Garbage collection scans all of torch and Streamlit: 5% of the processor time with Python's default thresholds
gc.set_threshold(100_000, 20, 20)


def pytest_collection_finish() -> None:
    """Exclude the loaded modules from garbage collection."""
    gc.freeze()
