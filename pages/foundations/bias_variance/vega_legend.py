"""Legends of charts whose series are identified by keys, not by translated labels."""

import json
from collections.abc import Mapping
from typing import Any


def with_labels(encoding: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    """Return a color encoding whose legend shows the labels of the series instead of their keys."""
    label = "datum.label"
    for key, text in labels.items():
        label = f"datum.label === {json.dumps(key)} ? {json.dumps(text, ensure_ascii=False)} : {label}"
    return dict(encoding) | {"legend": encoding["legend"] | {"labelExpr": label}}
