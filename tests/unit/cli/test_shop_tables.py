"""Rules for showing offers, promotions and carts."""

from typing import Any

from cli.pages import more_line
from cli.shop_tables import (
    derivation_lines,
    lines_of_cart,
    lines_of_offer,
    lines_table,
    offers_table,
    plans_table,
    promotions_table,
    proposals_table,
    rewards_table,
    sync_line,
)
from tests.unit.cli.test_views import drawn


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


OFFER: dict[str, Any] = {
    "offer_id": "o-1",
    "slug": "data-path",
    "status": "published",
    "name": "Data",
    "price": {"base": usd(6900), "current": usd(6210)},
    "products": [
        {"product_id": "p-1", "quantity": 1, "required": True},
        {"product_id": "p-2", "quantity": 2, "required": False},
    ],
    "automatic_promotions": ["WELCOME5"],
}
CART: dict[str, Any] = {
    "cart_id": "c-1",
    "status": "active",
    "version": 7,
    "customer_id": "ann",
    "totals": {
        "subtotal": usd(6810),
        "discount": usd(341),
        "shipping": usd(0),
        "tax": usd(0),
        "total": usd(6469),
    },
    "discounts": [
        {"code": "WELCOME5", "kind": "percentage", "amount": usd(341), "status": "applied"},
        {"code": None, "kind": "volume", "amount": usd(10), "status": "applied"},
        {
            "code": "OLD",
            "kind": "percentage",
            "amount": usd(0),
            "status": "not_applied",
            "reason": "expired",
        },
    ],
}


def test_a_plan_shows_the_prices_of_one_period() -> None:
    plan = {"plan_id": "p-1", "code": "starter", "status": "active", "terms_version": 2, "trial_days": 14}
    plan |= {"billing_cycle": {"interval": "month", "count": 3}, "prices": [usd(2900), usd(1)]}
    (row,) = drawn(plans_table([plan]))[1:]
    assert row == ["p-1", "starter", "active", "2", "3", "month", "2900", "USD,", "1", "USD", "14"]


def test_an_offer_shows_its_price_now_beside_its_base_price() -> None:
    (row,) = drawn(offers_table([OFFER]))[1:]
    assert row == ["o-1", "data-path", "published", "6900", "USD", "6210", "USD", "Data"]
    assert lines_of_offer(OFFER) == [
        "offer o-1: published, data-path, Data",
        "base 6900 USD, now 6210 USD",
        "product p-1: 1",
        "product p-2: 2, optional",
        "automatic promotions: WELCOME5",
    ]


def test_proposals_say_what_is_off_and_which_are_added_without_a_question() -> None:
    bump = {"upsell_id": "u-1", "type": "order_bump", "name": "Book", "auto_add": True}
    percent = {"discount": {"type": "percentage", "value": 12.5}}
    minor_units = {"discount": {"type": "fixed_amount", "value": 300}}
    rows = drawn(proposals_table([bump | percent, {**bump, "auto_add": False} | minor_units]))[1:]
    assert rows == [["u-1", "order_bump", "12.5", "%", "yes", "Book"], ["u-1", "order_bump", "300", "Book"]]


def test_promotions_show_their_uses_and_those_without_a_code_are_automatic() -> None:
    promotion = {"promotion_id": "p-1", "kind": "volume", "value": 5, "status": "active", "uses": 3}
    rows = drawn(
        promotions_table(
            [
                {**promotion, "code": None, "limits": {"total": None}},
                {**promotion, "code": "TEAM", "limits": {"total": 9}},
            ]
        )
    )[1:]
    assert rows == [
        ["p-1", "automatic", "volume", "5", "active", "3"],
        ["p-1", "TEAM", "volume", "5", "active", "3", "9"],
    ]


def test_a_reward_shows_what_is_left_and_its_code_but_not_whose_it_is() -> None:
    reward: dict[str, Any] = {"reward_id": "r-1", "order_id": "o-1", "status": "issued", "currency": "USD"}
    reward |= {
        "referrer_id": "bob",
        "referee_id": "ann",
        "amount": 607,
        "reversed": 90,
        "left": 517,
        "debt": 0,
    }
    issued = {"promotion_id": "p-1", "code": "reward-r-1", "amount": 517, "ends_at": None}
    waiting = {**reward, "status": "granted", "issued": None}
    rows = drawn(rewards_table([{**reward, "issued": issued}, waiting]))[1:]
    assert rows == [
        ["r-1", "o-1", "issued", "607", "USD", "90", "517", "0", "reward-r-1"],
        ["r-1", "o-1", "granted", "607", "USD", "90", "517", "0"],
    ]


def test_a_cart_shows_its_amounts_and_why_a_code_has_no_effect_but_not_whose_it_is() -> None:
    lines = lines_of_cart(CART)
    assert lines == [
        "cart c-1: active, version 7",
        "total 6469 USD: subtotal 6810, discount 341, shipping 0, tax 0",
        "discount WELCOME5: 341 USD, applied",
        "discount volume: 10 USD, applied",
        "discount OLD: 0 USD, not_applied (expired)",
    ]
    item = {"name": "Book", "quantity": 2, "unit_price": usd(600), "price_source": "upsell"}
    item |= {"discount": usd(30), "tax": usd(0), "total": usd(1170)}
    (row,) = drawn(lines_table([item]))[1:]
    assert row == ["Book", "2", "600", "USD", "upsell", "30", "0", "1170"]


def test_the_parts_of_an_amount_stand_below_it() -> None:
    part = {"name": "subtotal", "amount": usd(1200), "how": "2 x 600", "children": []}
    node = {"name": "total", "amount": usd(1170), "how": "subtotal - discounts", "children": [part]}
    assert list(derivation_lines(node)) == [
        "total: 1170 USD, subtotal - discounts",
        "  subtotal: 1200 USD, 2 x 600",
    ]


def test_the_next_page_and_the_progress_of_a_run_are_named() -> None:
    assert more_line({"next_cursor": None}) is None
    assert more_line({"next_cursor": "abc"}) == "There are more: use --cursor abc."
    run = {"status": "running", "processed": 200, "updated": 3, "errors": 0}
    assert sync_line(run) == "running: 200 processed, 3 updated, 0 errors"
