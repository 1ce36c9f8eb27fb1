"""The whole price of a cart: promotions in their turns, shipping, taxes, totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from tests.unit.pricing.oracle.arithmetic import rounded, split
from tests.unit.pricing.oracle.carts import Cart, Data
from tests.unit.pricing.oracle.discounts import give, matches
from tests.unit.pricing.oracle.lines import Line, lines_of

SHIPPING = "shipping"
Turn = tuple[int, str]


@dataclass
class Outcome:
    """What promotions that are tried together come to."""

    applied: list[tuple[str, int, dict[str, int]]] = field(default_factory=list)
    """Promotion id, amount, shares; in their turns."""
    rejected: dict[str, str] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    """What is left of each line, and of the shipping if there is any."""
    shipping: Data | None = None
    tax: dict[str, int] = field(default_factory=dict)
    on_top: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.left.values()) + sum(self.on_top.values())


@dataclass
class Sale:
    lines: list[Line]
    outcome: Outcome
    rejected: dict[str, str]


def sale_of(cart: Cart) -> Sale:
    lines = lines_of(cart)
    ordered = sorted(cart.promotions, key=_turn)
    rejected = {it["promotion_id"]: reason for it in ordered if (reason := _standing(it, cart))}
    usable = [it for it in ordered if it["promotion_id"] not in rejected]
    alone = {it["promotion_id"]: _together([it], lines, cart) for it in usable if it["mode"] != "stackable"}
    stack = _together([it for it in usable if it["mode"] == "stackable"], lines, cart)
    for outcome in (*alone.values(), stack):
        rejected |= outcome.rejected

    effective = [(_turn(it), alone[it["promotion_id"]]) for it in usable if it["mode"] == "exclusive"]
    effective = [it for it in effective if it[1].applied]
    loser = "not_combinable"
    if effective:
        winner = effective[0][1]
    else:
        loser = "better_discount_applied"
        by_id = {it["promotion_id"]: it for it in usable}
        rivals = [stack, *(alone[it["promotion_id"]] for it in usable if it["mode"] == "best_of")]
        rivals = [it for it in rivals if it.applied]
        rivals.sort(key=lambda it: (it.total, _turn(by_id[it.applied[0][0]])))
        winner = rivals[0] if rivals else _together([], lines, cart)
    used = {promotion_id for promotion_id, _, _ in winner.applied}
    for promotion in usable:
        if promotion["promotion_id"] not in used:
            rejected.setdefault(promotion["promotion_id"], loser)
    return Sale(lines, winner, rejected)


def _turn(promotion: Data) -> Turn:
    return promotion["priority"], promotion["promotion_id"]


def _standing(promotion: Data, cart: Cart) -> str | None:
    """Why it cannot be used at all. An amount in another currency is never compared."""
    if promotion["starts_at"] and cart.at < promotion["starts_at"]:
        return "not_started"
    if promotion["ends_at"] and not cart.at < promotion["ends_at"]:
        return "expired"
    if promotion["currency"] != cart.currency:
        return "currency_mismatch"
    return None


def _together(promotions: Sequence[Data], lines: list[Line], cart: Cart) -> Outcome:
    outcome = Outcome(left={line.line_id: line.quantity * line.unit_price for line in lines})
    free_shipping: list[Data] = []
    for promotion in promotions:
        conditions = promotion["conditions"]
        selected = [line for line in lines if matches(conditions, line)]
        segments = conditions.get("customer_segments")
        if (
            not selected
            or sum(outcome.left.values()) < conditions.get("minimum_subtotal", 0)
            or (segments and not set(segments) & set(cart.segments))
            or (conditions.get("first_order") and cart.paid_orders != 0)
        ):
            outcome.rejected[promotion["promotion_id"]] = "conditions_not_met"
        elif promotion["kind"] == "free_shipping":
            free_shipping.append(promotion)
        else:
            given = give(promotion, selected, outcome.left, cart)
            if isinstance(given, str):
                outcome.rejected[promotion["promotion_id"]] = given
            else:
                outcome.applied.append((promotion["promotion_id"], *given))
                for line_id, part in given[1].items():
                    outcome.left[line_id] -= part

    outcome.shipping = _shipping(lines, sum(outcome.left.values()), cart)
    if outcome.shipping:
        outcome.left[SHIPPING] = outcome.shipping["price"]
    for promotion in free_shipping:
        rest = outcome.left.get(SHIPPING, 0)
        amount = rest if promotion["cap"] is None else min(rest, promotion["cap"])
        if amount:
            outcome.applied.append((promotion["promotion_id"], amount, {SHIPPING: amount}))
            outcome.left[SHIPPING] -= amount
        else:
            outcome.rejected[promotion["promotion_id"]] = "no_effect"
    turns = {it["promotion_id"]: _turn(it) for it in promotions}
    outcome.applied.sort(key=lambda it: turns[it[0]])
    _tax(outcome, lines, cart)
    return outcome


def _shipping(lines: list[Line], goods: int, cart: Cart) -> Data | None:
    needy = [line for line in lines if line.needs_shipping]
    if not needy or not cart.ships:
        return None
    if cart.fallback:
        defaults = [it for it in cart.rates if it["is_default"] and it["currency"] == cart.currency]
        if not defaults:
            return {"option_id": None, "price": 0}
        return {"option_id": defaults[0]["rate_id"], "price": defaults[0]["brackets"][0]["amount"]}
    if cart.destination is None:
        return None
    options = []
    for rate in cart.rates:
        price = _shipping_price(rate, needy, goods, cart)
        if price is not None:
            days = rate["max_days"]
            order = (price, 10**9 if days is None else days, rate["name"], rate["rate_id"])
            options.append((order, {"option_id": rate["rate_id"], "price": price}))
    options.sort(key=lambda it: it[0])
    fitting = [option for _, option in options]
    chosen = [option for option in fitting if option["option_id"] == cart.option_id]
    return (chosen or fitting)[0] if fitting else None


def _shipping_price(rate: Data, needy: list[Line], goods: int, cart: Cart) -> int | None:
    country, region = cart.destination or ("", None)
    if rate["currency"] != cart.currency:
        return None
    if rate["countries"] and country not in rate["countries"]:
        return None
    if rate["regions"] and region not in rate["regions"]:
        return None
    if rate["shipping_classes"] and any(it.shipping_class not in rate["shipping_classes"] for it in needy):
        return None
    if rate["free_from"] is not None and goods >= rate["free_from"]:
        return 0
    rest = []
    for line in needy:
        threshold = line.offer["shipping"]["free_shipping_threshold"] if line.offer else None
        if threshold is None or goods < threshold:
            rest.append(line)
    if not rest:
        return 0
    grams = sum((it.product["weight_grams"] or 0) * it.units * it.quantity for it in rest)
    for bracket in rate["brackets"]:
        if bracket["up_to_grams"] is None or grams <= bracket["up_to_grams"]:
            return int(bracket["amount"])
    return None


def _tax(outcome: Outcome, lines: list[Line], cart: Cart) -> None:
    rates = {line.line_id: _rate(line.product["tax_category"], cart) for line in lines}
    rates[SHIPPING] = _rate(SHIPPING, cart)
    taxed = [(key, amount, rates[key]) for key, amount in outcome.left.items() if rates[key] is not None]
    groups: dict[tuple[str | None, str, Fraction, bool], list[tuple[str, int]]] = {}
    for key, amount, rate in taxed:
        assert rate is not None
        alone = key if cart.tax_rounding == "line" else None
        group = (alone, rate["name"], Fraction(rate["rate"]), rate["inclusive"])
        groups.setdefault(group, []).append((key, amount))
    for (_, _, percent, inclusive), members in groups.items():
        total = sum(amount for _, amount in members)
        if inclusive:
            tax = total - rounded(total / (1 + percent / 100), cart.rounding_mode)
        else:
            tax = rounded(total * percent / 100, cart.rounding_mode)
        for line_id, part in split(tax, sorted(members)).items():
            outcome.tax[str(line_id)] = part
            if not inclusive:
                outcome.on_top[str(line_id)] = part


def _rate(category: str | None, cart: Cart) -> Data | None:
    """The region's before the country's; in each the category's before the general one."""
    if cart.destination is None:
        return None
    country, region = cart.destination
    for place in (region, None):
        for goods in (category, None):
            for rate in cart.taxes:
                if (rate["country"], rate["region"], rate["tax_category"]) == (country, place, goods):
                    return rate
    return None
