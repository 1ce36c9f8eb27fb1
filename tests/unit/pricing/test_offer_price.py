"""The price of an offer, of its products, and of upsells beside it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from contracts.campaign import CampaignChange
from contracts.experiment import Changes, PriceChange
from contracts.offer import OfferPrice
from contracts.upsell import Reduction
from pricing.offer_price import (
    CurrentPrice,
    WeightedComponent,
    campaign_price,
    component_prices,
    current_price,
)
from pricing.rounding import Mode
from pricing.upsell_price import upsell_price

STARTS, ENDS = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC)
E7 = OfferPrice(currency="USD", base=9900, discount=7900, discount_starts_at=STARTS, discount_ends_at=ENDS)
SECOND = timedelta(seconds=1)
A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)


def percent_off(value: str) -> CampaignChange:
    return CampaignChange(type="percentage", value=value)


@pytest.mark.parametrize(
    ("at", "amount"), [(STARTS - SECOND, 9900), (STARTS, 7900), (ENDS - SECOND, 7900), (ENDS, 9900)]
)
def test_e7_the_discount_counts_inside_its_window(at: datetime, amount: int) -> None:
    assert current_price(E7, at).amount == amount


def test_e8_the_lowest_candidate_is_used_and_none_are_combined() -> None:
    campaigns = [(A, percent_off("15"))]
    assert current_price(E7, STARTS, campaigns) == CurrentPrice(7900, "discount", discount_ends_at=ENDS)
    assert current_price(E7, ENDS, campaigns) == CurrentPrice(8415, "campaign", A)


def test_e9_a_variant_replaces_the_base_before_campaigns_apply() -> None:
    variant = Changes(price=PriceChange(base=9500))
    price = current_price(E7, STARTS, [(A, percent_off("20"))], variant)
    assert price == CurrentPrice(7600, "campaign", A)


def test_of_equal_prices_the_base_is_used_before_a_discount_and_that_before_campaigns() -> None:
    price = OfferPrice(currency="USD", base=1000)
    same = CampaignChange(type="set_price", value="1000")
    assert current_price(price, STARTS, [(A, same)]).source == "base"
    cheaper = CampaignChange(type="set_price", value="900")
    assert current_price(price, STARTS, [(B, cheaper), (A, cheaper)]).campaign_id == A


def test_a_variant_without_a_price_changes_none() -> None:
    assert current_price(E7, STARTS, variant=Changes(name="Another name")).amount == 7900


def test_a_campaign_sets_a_price_or_takes_off_an_amount_but_not_below_nothing() -> None:
    def price(kind: str, value: str, mode: Mode = Mode.HALF_UP) -> int:
        return campaign_price(250, CampaignChange(type=kind, value=value), mode)

    assert [price("set_price", "99"), price("fixed_amount", "50"), price("fixed_amount", "300")] == [
        99,
        200,
        0,
    ]
    assert [price("percentage", "25"), price("percentage", "25", Mode.HALF_EVEN)] == [187, 188]


def test_e10_an_offers_price_is_split_by_list_prices() -> None:
    components = [
        WeightedComponent(A, 1, 0, 5000),
        WeightedComponent(B, 1, 1, 3333),
        WeightedComponent(C, 2, 2, 1999),
    ]
    parts = component_prices(7900, components)
    assert parts == {A: 3203, B: 2135, C: 2562}
    assert sum(2 * part for part in parts.values()) == 15800


def test_unpriced_products_have_no_part_and_if_all_are_unpriced_the_first_has_the_whole() -> None:
    assert component_prices(100, [WeightedComponent(A, 1, 0, None), WeightedComponent(B, 1, 1, 5)]) == {
        A: 0,
        B: 100,
    }
    assert component_prices(100, [WeightedComponent(B, 1, 1, 0), WeightedComponent(A, 1, 0, None)]) == {
        A: 100,
        B: 0,
    }


def test_of_equal_remainders_the_smaller_position_is_rounded_up() -> None:
    components = [WeightedComponent(A, 1, 10, 1), WeightedComponent(B, 1, 9, 1)]
    assert component_prices(101, components) == {A: 50, B: 51}


@pytest.mark.parametrize(
    ("price", "percent", "mode", "reduced"),
    [
        (1999, "10", Mode.HALF_UP, 1799),
        (1990, "15", Mode.HALF_UP, 1691),
        (1990, "15", Mode.HALF_EVEN, 1692),
        (999, "33.33", Mode.HALF_UP, 666),
    ],
)
def test_e12_an_upsell_costs_its_product_less_a_percentage(
    price: int, percent: str, mode: Mode, reduced: int
) -> None:
    assert upsell_price(Reduction(type="percentage", value=percent), price, mode) == reduced


def test_an_upsell_costs_its_product_less_an_amount_but_not_below_nothing() -> None:
    assert upsell_price(Reduction(type="fixed_amount", value="500"), 999) == 499
    assert upsell_price(Reduction(type="fixed_amount", value="1000"), 999) == 0
