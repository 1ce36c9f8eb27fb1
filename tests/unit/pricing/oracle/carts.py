"""Random carts as plain data: products, offers, upsells, promotions, shipping, taxes, policies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

Data = dict[str, Any]
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
CATEGORIES, COLLECTIONS = ["books", "food", "tools"], ["new", "sale"]
REGIONS, SEGMENTS = ["BY", "BE"], ["vip", "gold"]
CLASSES = [None, None, "bulky"]
MODES = [*["stackable"] * 8, *["best_of"] * 2, "exclusive"]


@dataclass
class Cart:
    """``positions`` are products, offers and upsells, each with all that its price depends on."""

    currency: str = "EUR"
    at: datetime = NOON
    destination: tuple[str, str | None] | None = None
    segments: list[str] = field(default_factory=list)
    paid_orders: int | None = None
    positions: list[Data] = field(default_factory=list)
    promotions: list[Data] = field(default_factory=list)
    rates: list[Data] = field(default_factory=list)
    option_id: str | None = None
    fallback: bool = False
    ships: bool = True
    taxes: list[Data] = field(default_factory=list)
    rounding_mode: str = "half_up"
    tax_rounding: str = "line"


def draw_cart(random: Random) -> Cart:
    cart = Cart(
        currency=random.choice(["EUR", "EUR", "JPY"]),
        at=NOON + timedelta(minutes=random.randrange(7 * 24 * 60)),
        destination=random.choice(
            [None, ("DE", None), ("DE", "BY"), ("DE", "BY"), ("DE", "BE"), ("FR", None)]
        ),
        segments=_some(random, SEGMENTS),
        paid_orders=random.choice([None, 0, 3]),
        rounding_mode=random.choice(["half_up", "half_even"]),
        tax_rounding=random.choice(["line", "total"]),
        ships=random.random() < 0.9,
        fallback=random.random() < 0.1,
    )
    products = [_product(random, cart.currency, number) for number in range(1, random.randint(2, 6))]
    for _ in range(random.choice([1, 2, 2, 3, 3, 4, 5, 8])):
        cart.positions.append(_position(random, cart.currency, products))
    ids = [str(UUID(int=number)) for number in range(1, 10)]
    random.shuffle(ids)
    count = random.choice([1, 2, 3, 3, 4, 5, 6, 9])
    cart.promotions = [_promotion(random, cart.currency, ids[number], products) for number in range(count)]
    cart.rates = [
        _shipping_rate(random, cart.currency, number) for number in range(random.choice([0, 1, 2, 3]))
    ]
    cart.option_id = random.choice([None, *(it["rate_id"] for it in cart.rates)])
    cart.taxes = _taxes(random)
    number_lines(cart)
    return cart


def number_lines(cart: Cart) -> None:
    """Line ids are "1", "2", … in the order of the positions; an offer has one for each of its products."""
    number = 0
    for position in cart.positions:
        components = position["components"] if position["kind"] == "offer" else [position]
        for component in components:
            number += 1
            component["line_id"] = str(number)


def _amount(random: Random) -> int:
    return random.choice(
        [random.randint(0, 30), random.randint(50, 3000), random.randint(0, 10**6), 999, 1999]
    )


def _percent(random: Random) -> str:
    return random.choice(["10", "15", "50", "100", "12.5", "33.33", f"{random.randint(1, 10_000) / 100:.2f}"])


def _some(random: Random, values: list[str]) -> list[str]:
    return [value for value in values if random.random() < 0.4]


def _product(random: Random, currency: str, number: int) -> Data:
    entries: list[Data] = [{"amount": _amount(random), "currency": currency}]
    tiers: list[Data] = []
    for _ in range(random.choice([0, 0, 1, 3])):
        scope = {"region": random.choice([None, "DE", "FR"]), "segment": random.choice([None, *SEGMENTS])}
        entry = {"amount": _amount(random), "currency": random.choice([currency, "USD"]), **scope}
        if random.random() < 0.5:
            tiers.append({**entry, "min_quantity": random.randint(2, 8)})
        else:
            entries.append(entry)
    return {
        "product_id": str(UUID(int=100 + number)),
        "physical": random.random() < 0.6,
        "prices": entries,
        "tiers": tiers,
        "dynamic": _dynamic(random, currency) if random.random() < 0.25 else None,
        "category": random.choice([None, *CATEGORIES]),
        "collections": _some(random, COLLECTIONS),
        "tax_category": random.choice([None, None, "books"]),
        "weight_grams": random.choice([None, 0, 90, 400, 1800]),
        "shipping_class": random.choice(CLASSES),
    }


def _dynamic(random: Random, currency: str) -> Data:
    rules: list[Data] = []
    for _ in range(random.randint(1, 3)):
        when: Data = {}
        if random.random() < 0.4:
            when["segments"] = [random.choice(SEGMENTS)]
        if random.random() < 0.4:
            when["days"] = random.sample(range(1, 8), 3)
        if random.random() < 0.3:
            when |= {"from_time": random.choice(["00:00", "09:30", "22:00"]), "to_time": "24:00"}
        if random.random() < 0.3:
            when["min_quantity"] = random.randint(2, 4)
        if random.random() < 0.3:
            when["ends_at"] = (NOON + timedelta(days=random.randint(0, 6))).isoformat()
        sign = random.choice(["", "-"])
        change: Data = random.choice(
            [
                {"percent": sign + f"{random.randint(1, 9999) / 100:.2f}"},
                {"amount": random.randint(-500, 500)},
            ]
        )
        rules.append({"when": when, **change})
    low, high = sorted((_amount(random), _amount(random)))
    return {
        "rules": rules,
        "floor": random.choice([None, {currency: low}]),
        "ceiling": random.choice([None, {currency: high}, {"USD": 1}]),
    }


def _position(random: Random, currency: str, products: list[Data]) -> Data:
    kind = random.choice(["product", "product", "upsell", "offer"])
    quantity = random.choice([1, 1, 2, 3, 7, random.randint(1, 12)])
    if kind == "offer":
        return {"kind": kind, "quantity": min(quantity, 5), **_offer(random, currency, products)}
    position = {"kind": kind, "quantity": quantity, "product": random.choice(products)}
    if kind == "upsell":
        position["upsell_id"] = str(UUID(int=random.randint(200, 203)))
        position["reduction"] = random.choice(
            [
                {"type": "percentage", "value": _percent(random)},
                {"type": "fixed_amount", "value": str(_amount(random))},
            ]
        )
    return position


def _offer(random: Random, currency: str, products: list[Data]) -> Data:
    base = 1 + _amount(random)
    price: Data = {"currency": currency, "base": base}
    if random.random() < 0.6:
        price["discount"] = random.randrange(base)
        price["discount_starts_at"] = random.choice([None, NOON + timedelta(days=1)])
        price["discount_ends_at"] = random.choice([None, NOON + timedelta(days=random.randint(2, 5))])
    count = random.randint(1, min(3, len(products)))
    components = [
        {"product": product, "quantity": random.randint(1, 3), "position": random.randint(0, 2)}
        for product in random.sample(products, count)
    ]
    changes: list[Data] = [
        {"type": "percentage", "value": _percent(random)},
        {"type": "fixed_amount", "value": str(_amount(random))},
        {"type": "set_price", "value": str(_amount(random))},
    ]
    return {
        "offer_id": str(UUID(int=random.randint(300, 10**6))),
        "price": price,
        "components": components,
        "campaigns": [
            {"campaign_id": str(UUID(int=400 + number)), "change": random.choice(changes)}
            for number in range(random.choice([0, 0, 1, 2]))
        ],
        "variant": random.choice([None, None, {"base": base + 100}, {"discount": base // 2}]),
        "shipping": {
            "requires_shipping": random.random() < 0.7,
            "shipping_class": random.choice(CLASSES),
            "free_shipping_threshold": random.choice([None, 0, 1000, 10_000]),
        },
    }


def _selector(random: Random, products: list[Data]) -> Data:
    selector: Data = {}
    if random.random() < 0.2:
        selector["product_ids"] = [random.choice(products)["product_id"] for _ in range(2)]
    if random.random() < 0.25:
        selector["categories"] = random.sample(CATEGORIES, 2)
    if random.random() < 0.1:
        selector["collections"] = [random.choice(COLLECTIONS)]
    return selector


def _promotion(random: Random, currency: str, promotion_id: str, products: list[Data]) -> Data:
    conditions = _selector(random, products) if random.random() < 0.4 else {}
    if random.random() < 0.15:
        conditions["minimum_subtotal"] = _amount(random)
    if random.random() < 0.1:
        conditions["customer_segments"] = [random.choice(SEGMENTS)]
    if random.random() < 0.1:
        conditions["first_order"] = True
    kind = random.choice(list(KINDS))
    return {
        "promotion_id": promotion_id,
        "kind": kind,
        "value": "0",
        "value_type": None,
        "rule": {},
        "currency": currency if random.random() < 0.97 else "USD",
        "conditions": conditions,
        "mode": random.choice(MODES),
        "priority": random.randint(0, 2),
        "cap": random.choice([None, None, None, _amount(random) + 1]),
        "starts_at": random.choice([None] * 19 + [NOON + timedelta(days=3)]),
        "ends_at": random.choice([None] * 19 + [NOON + timedelta(days=5)]),
        **KINDS[kind](random, products),
    }


def _volume(random: Random, _products: list[Data]) -> Data:
    tiers: list[Data] = []
    basis = random.choice(["quantity", "value"])
    start = 0
    for _ in range(random.randint(1, 3)):
        start += random.randint(1, 5) if basis == "quantity" else random.randint(1, 5000)
        off = {"percent": _percent(random)} if random.random() < 0.6 else {"amount": _amount(random)}
        tiers.append({"from": start, **off})
    return {"rule": {"basis": basis, "tiers": tiers}}


def _bundle(random: Random, products: list[Data]) -> Data:
    items: list[Data] = [
        {"selector": _selector(random, products), "quantity": random.randint(1, 3)}
        for _ in range(random.randint(1, 3))
    ]
    if sum(it["quantity"] for it in items) < 2:
        items[0]["quantity"] = 2
    value_type = random.choice([None, "percentage", "fixed_amount", "fixed_price"])
    percentage = value_type in {None, "percentage"}
    return {
        "value_type": value_type,
        "value": _percent(random) if percentage else str(_amount(random) + 1),
        "rule": {"items": items, "most_sets": random.choice([None, None, 1, 2])},
    }


def _buy_x_get_y(random: Random, products: list[Data]) -> Data:
    def part() -> Data:
        return {"selector": _selector(random, products), "quantity": random.randint(1, 3)}

    rule = {
        "buy": part(),
        "get": part(),
        "select": random.choice(["cheapest", "dearest"]),
        "most_applications": random.choice([None, None, 1, 2]),
    }
    return {"value": _percent(random), "rule": rule}


def _multi_upsell(random: Random, _products: list[Data]) -> Data:
    value_type = random.choice([None, "fixed_amount"])
    value = str(_amount(random) + 1) if value_type else _percent(random)
    return {"value_type": value_type, "value": value, "rule": {"minimum_upsells": 2}}


KINDS = {
    "percentage": lambda random, _products: {"value": _percent(random)},
    "fixed_amount": lambda random, _products: {"value": str(_amount(random) + 1)},
    "free_shipping": lambda _random, _products: {},
    "volume": _volume,
    "bundle": _bundle,
    "buy_x_get_y": _buy_x_get_y,
    "multi_upsell": _multi_upsell,
}


def _shipping_rate(random: Random, currency: str, number: int) -> Data:
    limits = sorted(random.sample([0, 100, 500, 2000, 20_000], random.randint(1, 3)))
    brackets: list[Data] = [{"up_to_grams": limit, "amount": _amount(random)} for limit in limits]
    if random.random() < 0.6:
        brackets[-1]["up_to_grams"] = None
    return {
        "rate_id": str(UUID(int=500 + number)),
        "name": random.choice(["Post", "Express"]),
        "currency": random.choice([currency, currency, currency, "USD"]),
        "countries": random.choice([[], [], ["DE"], ["FR"]]),
        "regions": random.choice([[], [], ["BY"]]),
        "shipping_classes": random.choice([[], [], [], ["bulky"]]),
        "brackets": brackets,
        "free_from": random.choice([None, None, 5000]),
        "min_days": None,
        "max_days": random.choice([None, 2, 5]),
        "is_default": number == 0,
    }


def _taxes(random: Random) -> list[Data]:
    return [
        {
            "country": "DE",
            "region": region,
            "tax_category": category,
            "rate": random.choice(["19", "7", "8.875", "0", "5.5", "20", "12"]),
            "inclusive": random.random() < 0.4,
            "name": random.choice(["VAT", "Sales tax"]),
        }
        for region in (None, *REGIONS)
        for category in (None, "books", "shipping")
        if random.random() < (0.7 if region is None else 0.25)
    ]
