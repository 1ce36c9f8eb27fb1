"""Orders of some product types, bought over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from checkout_saga.checkout.domain import step_names
from contracts.sale import Sale, SaleLine, Totals
from tests.integration.checkout_saga import neighbours as answers
from tests.integration.checkout_saga.neighbours import ENDS, Neighbours, begin
from tests.unit.checkout_saga import examples

SETTINGS = "/v1/settings/checkout"
PRICE = 1000


def sold(*types: tuple[str, UUID], quantity: int = 1) -> Sale:
    """A line of each type and product, with so many units of it."""
    lines = tuple(
        SaleLine(
            line_id=str(uuid4()),
            product_id=product_id,
            product_type=product_type,
            sku=product_type,
            name=product_type,
            quantity=quantity,
            unit_price=PRICE,
            discount=0,
            tax=0,
            total=PRICE * quantity,
        )
        for product_type, product_id in types
    )
    total = sum(it.total for it in lines)
    totals = Totals(subtotal=total, discount=0, shipping=0, tax=0, total=total)
    return Sale(currency="USD", lines=lines, totals=totals)


async def bought(
    sale: Sale,
    shop: httpx.AsyncClient,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
    **other: Any,
) -> dict[str, Any]:
    monkeypatch.setitem(answers.ANSWERS, step_names.LOCK_CART, examples.cart_locked(sale))
    monkeypatch.setitem(answers.ANSWERS, step_names.CONFIRM_PRICE, examples.price_confirmed(sale))
    ended = await neighbours.serve(shop, await begin(shop, **other), ENDS)
    assert ended["status"] == "completed", ended
    return await order_of(shop, ended["order_id"])


async def order_of(shop: httpx.AsyncClient, order_id: str) -> dict[str, Any]:
    return dict((await shop.get(f"/v1/orders/{order_id}")).json())


def results(order: dict[str, Any]) -> list[str]:
    return [it["fulfillment"]["result"] for it in order["lines"]]
