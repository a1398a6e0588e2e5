"""Caches of values that depend only on the pixels of an image; all users of a server share them."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from torch import Tensor

Value = TypeVar("Value")


class Cache(Generic[Value]):
    """A least-recently-used cache of at most ``limit`` values. Thread-safe."""

    def __init__(self, limit: int):
        self.limit = limit
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Hashable) -> Value | None:
        """Return the value for a key, or None if the key is not in the cache."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: Hashable, value: Value) -> None:
        """Store a value under a key. If the cache is then over its limit, remove the least recently used value."""
        with self._lock:
            self._values[key] = value
            if len(self._values) > self.limit:
                self._values.popitem(last=False)

    def get(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return the value for a key. If the key is not in the cache, call ``compute`` and store the result."""
        value = self.find(key)
        if value is None:
            value = compute()
            self.put(key, value)
        return value


features: Cache[Tensor] = Cache(20_000)
"""Features (D,) of images: about 100 MB at most."""
occluded: Cache[Tensor] = Cache(200)
"""Features (copies, D) of the occluded copies of test images: about 40 MB at most."""
