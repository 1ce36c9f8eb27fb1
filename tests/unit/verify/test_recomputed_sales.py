"""Sales that pricing has made of random carts are worked out to the same amounts from the catalogue's facts,
and any other amount is found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.pricing.oracle.carts import Cart, Data
from tests.unit.verify.catalogue_of_carts import Recorded, cart_of, facts_of, sale_of
from verify.check import Row
from verify.checks.sales.recomputation import differences
from verify.dataset.dataset import Dataset

CARTS = 400
Shop = tuple[Cart, Data]


@pytest.fixture(scope="module")
def shops() -> list[Shop]:
    """Carts with their sales, each of a tenant of its own."""
    carts = (cart_of(seed) for seed in range(CARTS))
    return [(cart, sale) for cart in carts if (sale := sale_of(cart))]


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    dataset = Dataset(Path(":memory:"))
    dataset.begin()
    yield dataset
    dataset.close()


def record(into: Dataset, shops: list[Shop], later: Callable[[Data], list[Recorded]] = lambda _: []) -> None:
    """``later``: facts of the catalogue that come after the sale was confirmed."""
    position = 0
    for number, (cart, sale) in enumerate(shops):
        versions: dict[str, int] = {}
        sold: list[Recorded] = [
            (f"cart-{number}", "cart.created", {}),
            (f"cart-{number}", "cart.locked", {"sale": sale}),
            (f"cart-{number}", "cart.converted", {}),
        ]
        confirmed: Recorded = (f"price-{number}", "price.confirmed", {})
        rows = (
            [("offer", it) for it in facts_of(cart)] + [("cart", it) for it in sold] + [("offer", confirmed)]
        )
        for service, (stream_id, type_, body) in rows + [("offer", it) for it in later(sale)]:
            position += 1
            version = versions[stream_id] = versions.get(stream_id, 0) + 1
            message = (service, position, stream_id, version, str(position), "fact", f"shop-{number}")
            recorded_at = (cart.at + timedelta(seconds=position)).timestamp()
            checkout = f"checkout-{number}" if service == "cart" or type_ == "price.confirmed" else None
            content = (type_, "", recorded_at, b"", checkout, None, json.dumps(body))
            into.add("log", [(*message, "", stream_id, *content)])
    into.sql.execute("CREATE INDEX log_by_stream ON log (stream_id, version)")
    into.derive()


def found(dataset: Dataset) -> list[Row]:
    return list(differences(dataset))


def test_sales_by_pricing_are_worked_out_to_the_same_amounts(dataset: Dataset, shops: list[Shop]) -> None:
    record(dataset, shops)
    assert found(dataset) == []
    assert dataset.number("SELECT count(*) FROM sold WHERE confirmed_at IS NOT NULL") == len(shops)
    kinds = {it["kind"] for _, sale in shops for it in sale["discounts"]}
    assert len(kinds) == 7


def dearer_unit(sale: Data) -> str | None:
    sale["lines"][0]["unit_price"] += 1
    return "the unit price is not the catalogue's"


def smaller_discount(sale: Data) -> str | None:
    for discount in sale["discounts"]:
        discount["amount"] -= 1
        return "a discount of another amount"
    return None


def shares_exchanged(sale: Data) -> str | None:
    for discount in sale["discounts"]:
        allocation = discount["allocation"]
        if len(set(allocation.values())) > 1:
            discount["allocation"] = dict(zip(allocation, [*allocation.values()][::-1], strict=True))
            return "a discount split otherwise" if discount["allocation"] != allocation else None
    return None


def unknown_promotion(sale: Data) -> str | None:
    for discount in sale["discounts"]:
        discount["promotion_id"] = "00000000-0000-4000-8000-000000000001"
        return "a discount that there is no promotion or rule for"
    return None


def dearer_shipping(sale: Data) -> str | None:
    if "shipping" not in sale or any(it["kind"] == "free_shipping" for it in sale["discounts"]):
        return None
    sale["shipping"]["price"] += 1
    return "the price of shipping is not its rate's"


def more_tax(sale: Data) -> str | None:
    sale["lines"][-1]["tax"] += 1
    return "the tax is not its rate's"


def more_tax_on_shipping(sale: Data) -> str | None:
    if "shipping" not in sale:
        return None
    sale["shipping"]["tax"] += 1
    return "the tax is not its rate's"


def tax_added_twice(sale: Data) -> str | None:
    if not sale["lines"][0]["tax"]:
        return None
    sale["lines"][0]["total"] += sale["lines"][0]["tax"]
    return "tax that is included and added, or neither"


@pytest.mark.parametrize(
    "change",
    [
        dearer_unit,
        smaller_discount,
        shares_exchanged,
        unknown_promotion,
        dearer_shipping,
        more_tax,
        more_tax_on_shipping,
        tax_added_twice,
    ],
)
def test_another_amount_is_found_in_each_sale(
    dataset: Dataset, shops: list[Shop], change: Callable[[Data], str | None]
) -> None:
    changed: list[Shop] = []
    expected: list[str] = []
    for cart, sale in shops:
        other = deepcopy(sale)
        if wrong := change(other):
            changed.append((cart, other))
            expected.append(wrong)
    record(dataset, changed)
    assert [it["wrong"] for it in found(dataset)] == expected
    assert expected


def test_what_the_catalogue_became_after_the_sale_does_not_matter(
    dataset: Dataset, shops: list[Shop]
) -> None:
    def later(sale: Data) -> list[Recorded]:
        return [
            (sale["lines"][0]["product_id"], "product.archived", {}),
            *((it["promotion_id"], "promotion.disabled", {}) for it in sale["discounts"]),
        ]

    record(dataset, shops, later)
    assert found(dataset) == []
