"""What one promotion gives at its turn, unit by unit: section "what each gives"."""

from __future__ import annotations

from fractions import Fraction

from tests.unit.pricing.oracle.arithmetic import rounded, share, split
from tests.unit.pricing.oracle.carts import Cart, Data
from tests.unit.pricing.oracle.lines import Line

Left = dict[str, int]
"""Line id to what is left of the line."""
Unit = tuple[int, str, int]
"""Amount, line id, place in the line."""
Given = tuple[int, dict[str, int]]
"""The amount and its shares by line."""


def matches(selector: Data, line: Line) -> bool:
    product = line.product
    return (
        product["product_id"] in (selector.get("product_ids") or [product["product_id"]])
        and (not selector.get("categories") or product["category"] in selector["categories"])
        and (
            not selector.get("collections") or bool(set(selector["collections"]) & {*product["collections"]})
        )
    )


def give(promotion: Data, lines: list[Line], left: Left, cart: Cart) -> Given | str:
    """The discount, or the reason for none. The conditions hold, and ``lines`` match them."""
    worked_out = KINDS[promotion["kind"]](promotion, lines, left, cart)
    if worked_out is None:
        return "conditions_not_met"
    exact, claims = worked_out
    amount = min(rounded(exact, cart.rounding_mode), sum(claims.values()))
    if promotion["cap"] is not None:
        amount = min(amount, promotion["cap"])
    if amount < 1:
        return "no_effect"
    shares = split(amount, sorted(claims.items()))
    return amount, {str(key): part for key, part in shares.items() if part}


WorkedOut = tuple[Fraction, dict[str, int]]


def _percentage(promotion: Data, lines: list[Line], left: Left, _cart: Cart) -> WorkedOut:
    claims = {line.line_id: left[line.line_id] for line in lines}
    return share(sum(claims.values()), promotion["value"]), claims


def _fixed_amount(promotion: Data, lines: list[Line], left: Left, _cart: Cart) -> WorkedOut:
    return Fraction(promotion["value"]), {line.line_id: left[line.line_id] for line in lines}


def _volume(promotion: Data, lines: list[Line], left: Left, _cart: Cart) -> WorkedOut | None:
    claims = {line.line_id: left[line.line_id] for line in lines}
    measure = sum(claims.values())
    if promotion["rule"]["basis"] == "quantity":
        measure = sum(line.quantity * line.units for line in lines)
    best = None
    for tier in promotion["rule"]["tiers"]:
        if tier["from"] <= measure:
            best = tier
    if best is None:
        return None
    if "amount" in best:
        return Fraction(best["amount"]), claims
    return share(sum(claims.values()), best["percent"]), claims


def _multi_upsell(promotion: Data, lines: list[Line], left: Left, _cart: Cart) -> WorkedOut | None:
    upsells = [line for line in lines if line.upsell_id]
    if len({line.upsell_id for line in upsells}) < promotion["rule"]["minimum_upsells"]:
        return None
    return (_fixed_amount if promotion["value_type"] == "fixed_amount" else _percentage)(
        promotion, upsells, left, _cart
    )


def _units(lines: list[Line], left: Left) -> list[Unit]:
    units: list[Unit] = []
    for line in lines:
        rest = left[line.line_id]
        for place in range(line.quantity):
            units_to_come = line.quantity - place
            amount = -(-rest // units_to_come)
            rest -= amount
            if amount:
                units.append((amount, line.line_id, place))
    return sorted(units, key=lambda it: (-it[0], it[1], it[2]))


def _claims(units: list[Unit]) -> dict[str, int]:
    claims: dict[str, int] = {}
    for amount, line_id, _ in units:
        claims[line_id] = claims.get(line_id, 0) + amount
    return claims


def _bundle(promotion: Data, lines: list[Line], left: Left, _cart: Cart) -> WorkedOut | None:
    by_id = {line.line_id: line for line in lines}
    free = _units(lines, left)
    most = promotion["rule"]["most_sets"]
    sets: list[list[Unit]] = []
    while most is None or len(sets) < most:
        one: list[Unit] = []
        for item in promotion["rule"]["items"]:
            fitting = [it for it in free if matches(item["selector"], by_id[it[1]]) and it not in one]
            one += fitting[: item["quantity"]]
        if len(one) < sum(item["quantity"] for item in promotion["rule"]["items"]):
            break
        sets.append(one)
        free = [it for it in free if it not in one]
    if not sets:
        return None
    claims = _claims([unit for one in sets for unit in one])
    value = Fraction(promotion["value"])
    if promotion["value_type"] == "fixed_amount":
        return value * len(sets), claims
    if promotion["value_type"] == "fixed_price":
        prices = [sum(unit[0] for unit in one) for one in sets]
        return sum((max(Fraction(0), price - value) for price in prices), Fraction(0)), claims
    return share(sum(claims.values()), promotion["value"]), claims


def _buy_x_get_y(promotion: Data, lines: list[Line], left: Left, _cart: Cart) -> WorkedOut | None:
    rule, units = promotion["rule"], _units(lines, left)
    x, y = rule["buy"]["quantity"], rule["get"]["quantity"]
    buys = {line.line_id for line in lines if matches(rule["buy"]["selector"], line)}
    gets = {line.line_id for line in lines if matches(rule["get"]["selector"], line)}
    bought = [it for it in units if it[1] in buys]
    given = [it for it in units if it[1] in gets]
    both = [it for it in units if it[1] in buys | gets]
    times = min(len(given) // y, len(bought) // x, len(both) // (x + y))
    if rule["most_applications"] is not None:
        times = min(times, rule["most_applications"])
    if not times:
        return None
    sign = 1 if rule["select"] == "cheapest" else -1
    chosen: list[Unit] = []
    for unit in sorted(given, key=lambda it: (sign * it[0], it[1], it[2])):
        still_to_buy = [it for it in bought if it not in chosen and it != unit]
        if len(chosen) < times * y and (unit not in bought or len(still_to_buy) >= times * x):
            chosen.append(unit)
    claims = _claims(chosen)
    return share(sum(claims.values()), promotion["value"]), claims


KINDS = {
    "percentage": _percentage,
    "fixed_amount": _fixed_amount,
    "volume": _volume,
    "bundle": _bundle,
    "buy_x_get_y": _buy_x_get_y,
    "multi_upsell": _multi_upsell,
}
