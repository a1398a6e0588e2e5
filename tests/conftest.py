"""Check the shapes in the signatures of `core` while the tests run; the same examples of hypothesis in every run."""

import gc
from collections.abc import Callable
from functools import cache, partial, wraps
from typing import get_args

import jaxtyping
from beartype import BeartypeConf, beartype
from hypothesis import HealthCheck, settings

_jaxtyped = jaxtyping.jaxtyped
_CONFIG = BeartypeConf(is_pep484_tower=True)  # an int is a float, as for every type checker
check_types = partial(beartype, conf=_CONFIG)


def check_shapes(decorated: object = None, *, typechecker: Callable) -> object:
    """Check the arguments and the result of what has shapes in its signature. Return everything else as it is.

    The hook decorates all functions and classes, and `jaxtyped` makes every call some 20 µs slower: a third of the
    processor time of all tests.
    """
    if decorated is None:
        return partial(check_shapes, typechecker=typechecker)
    if not any(map(_has_shape, getattr(decorated, "__annotations__", {}).values())):
        return decorated
    if isinstance(decorated, type):
        return _jaxtyped(decorated, typechecker=typechecker)
    checked = cache(lambda: _jaxtyped(decorated, typechecker=typechecker))  # it takes 20 ms: only when it is called

    @wraps(decorated)
    def call(*arguments, **named):
        return checked()(*arguments, **named)

    return call


def _has_shape(hint: object) -> bool:
    if isinstance(hint, type) and issubclass(hint, jaxtyping.AbstractArray):
        return True
    return any(map(_has_shape, get_args(hint)))


# Before anything imports core
jaxtyping.jaxtyped = check_shapes
jaxtyping.install_import_hook("core", f"{__name__}.check_types")
settings.register_profile(
    "repeatable",
    max_examples=40,
    deadline=None,  # on a busy machine any example may take long
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")

# A collection of garbage walks over all of torch and Streamlit: with Python's own thresholds 5 % of the processor time
gc.set_threshold(100_000, 20, 20)


def pytest_collection_finish() -> None:
    """Let no collection walk over the modules that are loaded by now."""
    gc.freeze()
