"""Compatibility of two versions of a message's schema, forward and backward."""

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
"""Keywords for the values of a property. A change of any of these is incompatible."""


def breaks(old: Schema, new: Schema) -> list[str]:
    """Every difference of ``new`` from ``old`` but optional additions. Empty if compatible."""
    return list(_breaks(old, new, old.get("$defs", {}), new.get("$defs", {}), old.get("title", "message")))


def _breaks(old: Schema, new: Schema, old_defs: Schema, new_defs: Schema, where: str) -> Iterator[str]:
    old, new = _resolved(old, old_defs), _resolved(new, new_defs)
    old_properties, new_properties = old.get("properties", {}), new.get("properties", {})
    for name in sorted(old_properties.keys() - new_properties.keys()):
        yield f"{where}.{name} was removed"
    old_required, new_required = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(new_required - old_required):
        yield f"{where}.{name} has become required"
    for name in sorted((old_required - new_required) & new_properties.keys()):
        yield f"{where}.{name} has become optional"
    for name in sorted(old_properties.keys() & new_properties.keys()):
        yield from _breaks(old_properties[name], new_properties[name], old_defs, new_defs, f"{where}.{name}")
    for rule in RULES:
        yield from _rule_breaks(old.get(rule), new.get(rule), old_defs, new_defs, f"{where}: {rule}")


def _rule_breaks(old: Any, new: Any, old_defs: Schema, new_defs: Schema, where: str) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _breaks(old, new, old_defs, new_defs, where)
    elif isinstance(old, list) and isinstance(new, list) and old and isinstance(old[0], dict):
        if len(old) != len(new):
            yield f"{where} has changed"
        for before, after in zip(old, new, strict=False):
            yield from _breaks(before, after, old_defs, new_defs, where)
    elif old != new:
        yield f"{where} has changed"


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    reference = schema.get("$ref", "")
    found: Schema = definitions[reference.rpartition("/")[2]] if reference else schema
    return found
