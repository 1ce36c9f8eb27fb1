"""Form bodies with brackets, as Stripe's SDKs send them: ``metadata[key]=…``, ``expand[0]=…``."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

PART = re.compile(r"[^\[\]]+")


def parsed(body: str) -> dict[str, Any]:
    """Nested by the brackets; lists are dictionaries by their indices as text."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        *path, last = PART.findall(name)
        place = tree
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return tree
