"""Which of a product's prices is used, and how dynamic rules change it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from contracts.product import Details, Dynamic, DynamicRule, Price
from pricing.product_price import PriceContext, plain_price, product_price, with_parent
from tests.unit.pricing.examples import NOW

WEDNESDAY = datetime(2026, 3, 4, 10, tzinfo=UTC)
SATURDAY = datetime(2026, 3, 7, 10, tzinfo=UTC)


def product(*prices: tuple[int, str | None, str | None], **other: object) -> Details:
    """``prices``: amount, region, segment."""
    entries = [{"currency": "USD", "amount": it[0], "region": it[1], "segment": it[2]} for it in prices]
    fields = {"sku": "P", "name": "P", "type": "physical_product", "prices": entries, **other}
    return Details.model_validate(fields)


def tier(min_quantity: int, amount: int, **scope: str) -> dict[str, object]:
    return {"min_quantity": min_quantity, "currency": "USD", "amount": amount, **scope}


def cost(
    details: Details,
    units: int = 1,
    *segments: str,
    country: str | None = None,
    at: datetime = NOW,
    currency: str = "USD",
) -> int | None:
    found = product_price(details, PriceContext(currency, country, frozenset(segments), at), units)
    return found.amount if found else None


@pytest.mark.parametrize(("units", "total"), [(4, 4000), (5, 4500), (9, 8100), (10, 8000)])
def test_e1_the_tier_of_the_quantity_is_for_all_units(units: int, total: int) -> None:
    details = product((1000, None, None), tiers=[tier(5, 900), tier(10, 800)])
    assert units * (cost(details, units) or 0) == total


def test_e2_a_region_takes_precedence_over_a_segment() -> None:
    details = product((1000, None, None), (700, "BR", None), (850, None, "vip"))
    assert cost(details) == 1000
    assert cost(details, 1, "vip") == 850
    assert cost(details, country="BR") == 700
    assert cost(details, 1, "vip", country="BR") == 700
    both = product((1000, None, None), (700, "BR", None), (850, None, "vip"), (650, "BR", "vip"))
    assert cost(both, 1, "vip", country="BR") == 650
    assert cost(both, currency="EUR") is None


def test_e3_a_segment_takes_precedence_over_a_tier_without_one() -> None:
    details = product((1000, None, None), (900, None, "vip"), tiers=[tier(10, 800)])
    assert cost(details, 10, "vip") == 900
    assert cost(details, 10) == 800
    with_tier = product(
        (1000, None, None), (900, None, "vip"), tiers=[tier(10, 800), tier(10, 750, segment="vip")]
    )
    assert cost(with_tier, 10, "vip") == 750


def test_e4_of_two_segments_the_cheaper_price_is_used() -> None:
    details = product((1000, None, None), (880, None, "gold"), (850, None, "vip"))
    assert cost(details, 1, "gold", "vip") == 850


@pytest.mark.parametrize(
    ("segments", "at", "ceiling", "amount"),
    [
        (("vip",), SATURDAY, 2200, 1799),
        ((), SATURDAY, 2200, 2200),
        ((), SATURDAY, None, 2249),
        ((), WEDNESDAY.replace(hour=22, minute=30), 2200, 1849),
        ((), WEDNESDAY, 2200, 1999),
    ],
)
def test_e5_the_first_rule_that_holds_changes_the_price(
    segments: tuple[str, ...], at: datetime, ceiling: int | None, amount: int
) -> None:
    dynamic = Dynamic(
        rules=(
            DynamicRule(when={"segments": ["vip"]}, percent="-10"),
            DynamicRule(when={"days": [6, 7]}, percent="12.5"),
            DynamicRule(when={"from_time": "22:00", "to_time": "24:00"}, amount=-150),
        ),
        ceiling={"USD": ceiling} if ceiling else None,
    )
    details = product((1999, None, None), pricing_model="dynamic", dynamic=dynamic)
    assert cost(details, 1, *segments, at=at) == amount


def test_a_rule_never_makes_a_price_negative() -> None:
    details = product((100, None, None), dynamic=Dynamic(rules=(DynamicRule(amount=-500),)))
    assert cost(details) == 0


def test_a_dynamic_price_stays_between_floor_and_ceiling_also_where_no_rule_holds() -> None:
    never = DynamicRule(when={"segments": ["vip"]}, amount=1)
    for bounds, amount in (({"floor": {"USD": 1200}}, 1200), ({"ceiling": {"USD": 900}}, 900)):
        dynamic = Dynamic.model_validate({"rules": [never], **bounds})
        found = product_price(
            product((1000, None, None), dynamic=dynamic), PriceContext("USD", None, frozenset(), NOW)
        )
        assert found is not None
        assert (found.amount, found.source) == (amount, f"list price 1000, held at {amount}")


def test_hours_may_go_over_midnight() -> None:
    night = DynamicRule(when={"from_time": "22:00", "to_time": "06:00"}, amount=100)
    details = product((1000, None, None), dynamic=Dynamic(rules=(night,)))
    assert [cost(details, at=WEDNESDAY.replace(hour=hour)) for hour in (21, 22, 5, 6)] == [
        1000,
        1100,
        1100,
        1000,
    ]


def test_a_rule_applies_from_its_start_until_before_its_end() -> None:
    window = {"starts_at": "2026-03-04T10:00:00Z", "ends_at": "2026-03-07T10:00:00Z"}
    details = product((1000, None, None), dynamic=Dynamic(rules=(DynamicRule(when=window, amount=1),)))
    assert cost(details, at=WEDNESDAY) == 1001
    assert cost(details, at=SATURDAY) == 1000


def test_a_rule_may_need_a_quantity() -> None:
    details = product(
        (1000, None, None), dynamic=Dynamic(rules=(DynamicRule(when={"min_quantity": 3}, amount=-1),))
    )
    assert (cost(details, 2), cost(details, 3)) == (1000, 999)


def test_the_source_of_a_price_says_which_entry_and_rule_gave_it() -> None:
    details = product(
        (1000, None, None),
        tiers=[tier(10, 750, segment="vip", region="BR")],
        dynamic=Dynamic(rules=(DynamicRule(when={"segments": ["vip"]}, amount=-50),)),
    )
    found = product_price(details, PriceContext("USD", "BR", frozenset({"vip"}), NOW), 10)
    assert found is not None
    assert found.source == "tier from 10 in BR for vip 750, changed by rule 1"
    plain = product_price(details, PriceContext("USD", None, frozenset(), NOW))
    assert plain is not None
    assert plain.source == "list price 1000"


def test_a_variant_has_its_parents_values_where_its_own_are_empty() -> None:
    parent = product((1000, None, None), category="shirts", collections=("new",), tax_category="clothes")
    variant = product(variant_of=UUID(int=1), collections=("sale",))
    complete = with_parent(variant, parent)
    assert (complete.category, complete.collections, complete.tax_category) == (
        "shirts",
        ("sale",),
        "clothes",
    )
    assert complete.prices == (Price(currency="USD", amount=1000),)
    own = product((1200, None, None), variant_of=UUID(int=1))
    assert (plain_price(variant, "USD", parent), plain_price(own, "USD", parent)) == (1000, 1200)


def test_the_plain_price_is_for_all_regions_and_segments() -> None:
    assert plain_price(product((1000, None, None), (700, "BR", None)), "USD") == 1000
    assert plain_price(product((700, "BR", None)), "USD") is None
