"""The packages of a flow: offers from which the shopper chooses one, best matches first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

MAX_PACKAGES = 20


class Package(NamedTuple):
    offer_id: UUID
    match: Mapping[str, Sequence[Any]]
    """By preference, the values that speak for the package."""


def packages_of(configuration: Mapping[str, Any]) -> tuple[Package, ...]:
    """The packages in an offer's ``configuration.flow.packages``. The configuration is the shop's own: what
    is not a package is left out."""
    flow = configuration.get("flow")
    entries = flow.get("packages") if isinstance(flow, dict) else None
    found = (_package(it) for it in (entries if isinstance(entries, list) else [])[:MAX_PACKAGES])
    return tuple(package for package in found if package is not None)


def by_preference(packages: Sequence[Package], preferences: Mapping[str, Any]) -> list[tuple[Package, int]]:
    """The packages with the number of preferences that each matches: most first, then as they are listed."""
    counted = [(package, _matches(package, preferences)) for package in packages]
    return sorted(counted, key=lambda it: -it[1])


def _package(entry: Any) -> Package | None:
    match entry:
        case {"offer_id": str(offer_id)}:
            wanted = entry.get("match")
        case _:
            return None
    try:
        found = UUID(offer_id)
    except ValueError:
        return None
    keys = wanted if isinstance(wanted, dict) else {}
    return Package(found, {key: values for key, values in keys.items() if isinstance(values, list)})


def _matches(package: Package, preferences: Mapping[str, Any]) -> int:
    return sum(
        any(value in values for value in _values(preferences[key]))
        for key, values in package.match.items()
        if key in preferences
    )


def _values(preference: Any) -> Sequence[Any]:
    return preference if isinstance(preference, list) else [preference]
