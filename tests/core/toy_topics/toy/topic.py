"""A topic that only the tests have: they add this folder to that of the topics."""

from tests.core.toy_runs import TOY as TOPIC

__all__ = ["TOPIC"]
