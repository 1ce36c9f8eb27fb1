"""Whether a message's new shape can still be read by those who know the old one, and the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

RULES = (
    "type",
    "enum",
    "const",
    "format",
    "pattern",
    "items",
    "prefixItems",
    "additionalProperties",
    "anyOf",
)
"""What a property may hold: a change of any of these is a change of meaning."""


def breaks(old: Schema, new: Schema) -> list[str]:
    """Everything about ``new`` that is not an optional addition to ``old``; nothing: compatible."""
    return list(_breaks(old, new, old.get("$defs", {}), new.get("$defs", {}), old.get("title", "message")))


def _breaks(old: Schema, new: Schema, olds: Schema, news: Schema, where: str) -> Iterator[str]:
    old, new = _resolved(old, olds), _resolved(new, news)
    known, offered = old.get("properties", {}), new.get("properties", {})
    for name in sorted(known.keys() - offered.keys()):
        yield f"{where}.{name} is gone"
    required, demanded = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(demanded - required):
        yield f"{where}.{name} is required now"
    for name in sorted((required - demanded) & offered.keys()):
        yield f"{where}.{name} may be missing now"
    for name in sorted(known.keys() & offered.keys()):
        yield from _breaks(known[name], offered[name], olds, news, f"{where}.{name}")
    for rule in RULES:
        yield from _rule_breaks(old.get(rule), new.get(rule), olds, news, f"{where}: {rule}")


def _rule_breaks(old: Any, new: Any, olds: Schema, news: Schema, where: str) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _breaks(old, new, olds, news, where)
    elif isinstance(old, list) and isinstance(new, list) and old and isinstance(old[0], dict):
        if len(old) != len(new):
            yield f"{where} has changed"
        for before, after in zip(old, new, strict=False):
            yield from _breaks(before, after, olds, news, where)
    elif old != new:
        yield f"{where} has changed"


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    reference = schema.get("$ref", "")
    found: Schema = definitions[reference.rpartition("/")[2]] if reference else schema
    return found
