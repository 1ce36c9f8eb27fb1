"""The comparison of what carts, quotes and orders show of one sale."""

from __future__ import annotations

from typing import Any

from tests.proofs.chaos.shown_sales import quote_lines, shown_in

LINE = {"product_id": "p", "offer_id": "o", "quantity": 1, "unit_price": {"amount": 500}}


def shown(total: int, code: str = "TEN", **line: Any) -> dict[str, Any]:
    return {
        "lines": [LINE | line],
        "discounts": [{"code": code, "amount": {"amount": 50}}, {"code": "IDLE", "amount": {"amount": 0}}],
        "shipping": {"option_id": "post"},
        "totals": {"total": {"amount": total}},
    }


def test_the_same_sale_with_another_total_is_a_contradiction() -> None:
    assert shown_in(shown(450)).contradicts(shown_in(shown(451)))
    assert not shown_in(shown(450)).contradicts(shown_in(shown(450)))


def test_another_code_or_another_price_makes_another_sale() -> None:
    cart = shown_in(shown(450))
    assert not cart.contradicts(shown_in(shown(451, code="FIVE")))
    assert not cart.contradicts(shown_in(shown(451, unit_price={"amount": 501})))


def test_a_cart_and_an_order_show_a_line_alike() -> None:
    in_cart = {key: it for key, it in LINE.items() if key != "offer_id"}
    in_order = {**in_cart, "offer_id": None, "upsell_id": None}
    assert shown_in({**shown(450), "lines": [in_cart]}) == shown_in({**shown(450), "lines": [in_order]})


def test_a_quote_names_an_offer_once_for_all_its_lines() -> None:
    items = [LINE, LINE | {"product_id": "q"}, {"product_id": "b", "quantity": 3}]
    items.append({"product_id": "m", "upsell_id": "u", "quantity": 2})
    assert quote_lines(items) == [
        {"quantity": 1, "offer_id": "o"},
        {"quantity": 3, "product_id": "b"},
        {"quantity": 2, "upsell_id": "u"},
    ]
