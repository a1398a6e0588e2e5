"""Fixtures that the tests share."""

from tests.feature_cache import cached_features, feature_cache

__all__ = ["cached_features", "feature_cache"]
