"""Kinds of promotions that choose among the single units of lines: bundles, and units that others give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from verify.checks.sales.catalogue import Json
from verify.checks.sales.sale import Line


class Unit(NamedTuple):
    amount: int
    line: Line


class Chosen(NamedTuple):
    """``claims``: what the chosen units of each line cost; ``prices``: of each set, for bundles."""

    claims: Mapping[str, int]
    prices: Sequence[int] = ()


def bundled(rule: Json, lines: Sequence[Line], left: Mapping[str, int]) -> Chosen | None:
    """Sets of the dearest units, until one cannot be completed. None without any set."""
    free = _units(lines, left)
    claims, prices = Counter[str](), list[int]()
    while rule.get("most_sets") is None or len(prices) < rule["most_sets"]:
        places: list[int] = []
        for item in rule["items"]:
            wanted = item.get("quantity", 1)
            taken = set(places)
            fitting = (
                place
                for place, unit in enumerate(free)
                if place not in taken and unit.line.matches(item.get("selector") or {})
            )
            places += [place for place, _ in zip(fitting, range(wanted), strict=False)]
        if len(places) < sum(item.get("quantity", 1) for item in rule["items"]):
            break
        prices.append(sum(free[place].amount for place in places))
        claims.update(_claims([free[place] for place in places]))
        gone = set(places)
        free = [unit for place, unit in enumerate(free) if place not in gone]
    return Chosen(claims, prices) if prices else None


def given(rule: Json, lines: Sequence[Line], left: Mapping[str, int]) -> Chosen | None:
    """The units that are given for others that are bought. None if the rule does not apply once."""
    buy, get = rule["buy"], rule["get"]
    units = _units(lines, left)
    bought = {line.line_id for line in lines if line.matches(buy.get("selector") or {})}
    gets = {line.line_id for line in lines if line.matches(get.get("selector") or {})}
    to_buy = sum(unit.line.line_id in bought for unit in units)
    candidates = [unit for unit in units if unit.line.line_id in gets]
    either = sum(unit.line.line_id in bought | gets for unit in units)
    x, y = buy["quantity"], get["quantity"]
    times = min(len(candidates) // y, to_buy // x, either // (x + y))
    if rule.get("most_applications") is not None:
        times = min(times, rule["most_applications"])
    if not times:
        return None
    if rule.get("select", "cheapest") == "cheapest":
        candidates.sort(key=lambda it: (it.amount, it.line.line_id))
    spare, chosen = to_buy - times * x, list[Unit]()
    for unit in candidates:
        is_bought = unit.line.line_id in bought
        if len(chosen) < times * y and (spare or not is_bought):
            chosen.append(unit)
            spare -= is_bought
    return Chosen(_claims(chosen))


def _units(lines: Sequence[Line], left: Mapping[str, int]) -> list[Unit]:
    """What is left of each line, split over its units: they differ by at most 1. Dearer ones come first, and
    those with nothing left do not count."""
    units: list[Unit] = []
    for line in lines:
        part, missing = divmod(left[line.line_id], line.sold["quantity"])
        units += [Unit(part + 1, line)] * missing
        units += [Unit(part, line)] * (line.sold["quantity"] - missing if part else 0)
    return sorted(units, key=lambda it: (-it.amount, it.line.line_id))


def _claims(units: Sequence[Unit]) -> Counter[str]:
    claims = Counter[str]()
    for unit in units:
        claims[unit.line.line_id] += unit.amount
    return claims
