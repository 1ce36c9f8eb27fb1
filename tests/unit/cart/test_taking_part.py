"""Which promotions take part in the price of a cart, and which codes a cart takes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from cart.carts.domain.errors import InvalidDiscountCode, MaxDiscountCodesExceeded
from cart.carts.schemas.views import view
from cart.carts.use_cases.discounts import ApplyDiscount, apply_discount
from cart.carts.use_cases.shopping import show_cart
from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.offers import KnownCampaign
from cart.catalogue.domain.promotions import KnownPromotion
from contracts.campaign import CampaignDetails
from tests.support.scenario import NOW, given
from tests.unit.cart.catalogues import FakeCatalogue, product, promotion
from tests.unit.cart.facts import CART, LAMP, SAVE10, created, discount_applied, item_added

ONCE = {SAVE10: 1}
SPENT_BY_ANN = KnownCustomer("ann", uses=ONCE)
SALE = KnownCampaign(UUID(int=9), "active", False, CampaignDetails(name="Sale", promotion_ids=(SAVE10,)))


def shown(*entries: Any) -> dict[str, Any]:
    scenario = given(created(), item_added()).when(show_cart, CART, FakeCatalogue(product(), *entries))
    return dict(view(scenario.result, NOW))


def reasons(body: dict[str, Any]) -> list[tuple[str | None, str]]:
    return [(it["code"], it["reason"]) for it in body["rejected"]]


def test_an_automatic_promotion_for_other_products_is_not_mentioned() -> None:
    other = promotion(code=None, conditions={"product_ids": [str(LAMP)]})
    dear = promotion(UUID(int=42), code=None, conditions={"minimum_subtotal": 9999})
    assert reasons(shown(other, dear)) == [(None, "conditions_not_met")]


@pytest.mark.parametrize(
    ("left_out", "reason"),
    [
        (promotion(code=None, total=1, held=1), "limit_reached"),
        (replace(promotion(code=None), per_customer=1), "limit_reached"),
        (replace(promotion(code=None), campaigns=(replace(SALE, status="paused"),)), "expired"),
        (replace(promotion(code=None), campaigns=(replace(SALE, exhausted=True),)), "expired"),
    ],
)
def test_an_automatic_promotion_that_cannot_be_used_is_left_out(
    left_out: KnownPromotion, reason: str
) -> None:
    body = shown(left_out, SPENT_BY_ANN)
    assert body["totals"]["total"]["amount"] == 500
    assert reasons(body) == [(None, reason)]


def test_a_promotion_of_a_campaign_applies_while_the_campaign_runs() -> None:
    body = shown(replace(promotion(code=None), campaigns=(SALE,)))
    assert body["totals"]["total"]["amount"] == 450


def test_a_code_whose_uses_the_customer_has_taken_is_refused() -> None:
    limited = replace(promotion(), per_customer=1)
    apply = partial(apply_discount, catalogue=FakeCatalogue(product(), limited, SPENT_BY_ANN))
    scenario = given(created(), item_added()).when(apply, ApplyDiscount(CART, "SAVE10"))
    scenario.then_refused(InvalidDiscountCode, reason="limit_reached")
    given(created(customer_id="bob"), item_added()).when(apply, ApplyDiscount(CART, "SAVE10")).then(
        discount_applied()
    )


@pytest.mark.parametrize(
    "terms",
    [
        {"kind": "free_shipping", "value": "0"},
        {"conditions": {"customer_segments": ["vip"]}},
        {"conditions": {"first_order": True}},
    ],
)
def test_a_code_that_waits_for_shipping_or_for_the_customer_stays_idle(terms: dict[str, Any]) -> None:
    waiting = promotion(**terms)
    catalogue = FakeCatalogue(product(), waiting)
    scenario = given(created(customer_id=None), item_added())
    scenario.when(apply_discount, ApplyDiscount(CART, "SAVE10"), catalogue).then(discount_applied())
    assert scenario.result.sale.discounts == ()
    assert list(scenario.result.not_applied) == [SAVE10]


def test_a_code_for_a_segment_is_refused_to_a_known_customer_who_is_not_in_it() -> None:
    for_vips = promotion(conditions={"customer_segments": ["vip"]})
    scenario = given(created(), item_added()).when(
        apply_discount, ApplyDiscount(CART, "SAVE10"), FakeCatalogue(product(), for_vips)
    )
    scenario.then_refused(InvalidDiscountCode, reason="conditions_not_met")


def test_a_cart_takes_twenty_codes() -> None:
    codes = [discount_applied(f"CODE{number}", UUID(int=900 + number)) for number in range(20)]
    scenario = given(created(), item_added(), *codes)
    scenario.when(apply_discount, ApplyDiscount(CART, "SAVE10"), FakeCatalogue(product(), promotion()))
    scenario.then_refused(MaxDiscountCodesExceeded, maximum=20)
