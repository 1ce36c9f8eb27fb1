"""What each kind of promotion gives at its turn: the amount, and the lines that it was worked out on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from verify.checks.sales.catalogue import Json
from verify.checks.sales.exact import percent_of, rounded
from verify.checks.sales.sale import Line
from verify.checks.sales.unit_grants import Chosen, bundled, given

Left: TypeAlias = "Mapping[str, int]"
"""Line id to what earlier discounts have left of the line."""
PERCENTAGE = "percentage"


class Grant(NamedTuple):
    """``amount``: before the cap, None for all of the claims. ``claims``: what it is split over."""

    amount: int | None
    claims: Mapping[str, int]


def grant(terms: Json, lines: Sequence[Line], left: Left, mode: str) -> Grant | None:
    """None where the kind's own conditions are not met, which are tiers, sets, numbers of upsells; and for
    kinds that there are not."""
    claims = {line.line_id: left[line.line_id] for line in lines}
    match terms["kind"]:
        case "percentage":
            return Grant(_percent(claims, terms["value"], mode), claims)
        case "fixed_amount":
            return Grant(_whole(terms["value"]), claims)
        case "volume":
            return _volume(terms["rule"], lines, claims, mode)
        case "multi_upsell":
            return _multi_upsell(terms, lines, left, mode)
        case "bundle":
            return _bundle(terms, lines, left, mode)
        case "buy_x_get_y":
            chosen = given(terms["rule"], lines, left)
            return chosen and Grant(_percent(chosen.claims, terms["value"], mode), chosen.claims)
        case _:
            return None


def _percent(claims: Left, percent: str | float, mode: str) -> int:
    return rounded(percent_of(sum(claims.values()), percent), mode)


def _whole(value: str) -> int:
    return int(Fraction(value))


def _volume(rule: Json, lines: Sequence[Line], claims: Left, mode: str) -> Grant | None:
    """The highest tier that is reached counts for all."""
    measure = sum(claims.values()) if rule["basis"] == "value" else sum(line.units for line in lines)
    reached = [it for it in rule["tiers"] if it["from"] <= measure]
    if not reached:
        return None
    tier = reached[-1]
    if tier.get("percent") is None:
        return Grant(tier["amount"], claims)
    return Grant(_percent(claims, tier["percent"], mode), claims)


def _multi_upsell(terms: Json, lines: Sequence[Line], left: Left, mode: str) -> Grant | None:
    upsells = [line for line in lines if line.sold.get("upsell_id")]
    least = (terms.get("rule") or {}).get("minimum_upsells", 2)
    if len({line.sold["upsell_id"] for line in upsells}) < least:
        return None
    claims = {line.line_id: left[line.line_id] for line in upsells}
    if (terms.get("value_type") or PERCENTAGE) == PERCENTAGE:
        return Grant(_percent(claims, terms["value"], mode), claims)
    return Grant(_whole(terms["value"]), claims)


def _bundle(terms: Json, lines: Sequence[Line], left: Left, mode: str) -> Grant | None:
    sets: Chosen | None = bundled(terms["rule"], lines, left)
    if sets is None:
        return None
    match terms.get("value_type") or PERCENTAGE:
        case "fixed_amount":
            return Grant(_whole(terms["value"]) * len(sets.prices), sets.claims)
        case "fixed_price":
            above = (max(0, price - _whole(terms["value"])) for price in sets.prices)
            return Grant(sum(above), sets.claims)
        case _:
            return Grant(_percent(sets.claims, terms["value"], mode), sets.claims)
