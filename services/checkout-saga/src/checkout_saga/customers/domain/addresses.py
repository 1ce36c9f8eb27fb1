"""Validation of postal addresses by the rules of their country."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import NamedTuple

REQUIRED, INVALID = "required", "invalid"


class PostalRules(NamedTuple):
    """Of one country."""

    required: frozenset[str]
    """Of ``line1``, ``district``, ``city``, ``region`` and ``postal_code``."""
    regions: Mapping[str, str]
    """A region's code or local name, as by ``comparable`` -> its key; empty where every text is accepted."""
    postal_code: re.Pattern[str] | None
    """For the whole code; None where every text is accepted."""
    beginning_in: Callable[[str], re.Pattern[str] | None]
    """By a region's key: how the postal codes of that region begin."""


def comparable(name: str) -> str:
    """Equal for names that differ in case, accents and width alone."""
    parts = unicodedata.normalize("NFKD", name)
    return "".join(it for it in parts if not unicodedata.combining(it)).casefold().strip()


def tidy(address: Mapping[str, str], rules: PostalRules | None) -> dict[str, str]:
    """The address without empty fields, in NFC; the region becomes its key, and the postal code is in
    capitals. City and street stay as they were typed. What is invalid stays, too."""
    found = {name: unicodedata.normalize("NFC", text) for name, text in address.items() if text}
    if rules is None:
        return found
    if key := rules.regions.get(comparable(found.get("region", ""))):
        found["region"] = key
    if code := found.get("postal_code"):
        found["postal_code"] = code.upper()
    return found


def faults_in(address: Mapping[str, str], rules: PostalRules | None) -> dict[str, str]:
    """Field -> ``required`` or ``invalid``. ``address``: as by ``tidy``; ``rules``: None for an unknown
    country."""
    if rules is None:
        return {"country": INVALID}
    faults = {name: REQUIRED for name in sorted(rules.required) if name not in address}
    region, code = address.get("region"), address.get("postal_code")
    if region and rules.regions and region not in {*rules.regions.values()}:
        faults["region"] = INVALID
    if code and not _is_code(code, region, rules):
        faults["postal_code"] = INVALID
    return faults


def _is_code(code: str, region: str | None, rules: PostalRules) -> bool:
    if rules.postal_code and not rules.postal_code.fullmatch(code):
        return False
    if region not in {*rules.regions.values()}:
        return True
    beginning = rules.beginning_in(region)
    return beginning is None or beginning.match(code) is not None
