"""Creates products over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx


def product_body(**other: Any) -> dict[str, Any]:
    return {
        "sku": f"SKU-{uuid4()}",
        "name": "A CD",
        "type": "physical_product",
        "prices": [{"amount": 1999, "currency": "USD"}],
        **other,
    }


async def on_sale(admin: httpx.AsyncClient, on_hand: int | None = None, **other: Any) -> UUID:
    """A new active product; with a stock record if ``on_hand`` is given."""
    created = await admin.post("/v1/products", json=product_body(**other))
    assert created.status_code == 201, created.text
    product_id = UUID(created.json()["product_id"])
    assert (await admin.post(f"/v1/products/{product_id}/activate")).status_code == 200
    if on_hand is not None:
        counted = await admin.put(f"/v1/products/{product_id}/stock", json={"on_hand": on_hand})
        assert counted.status_code == 200, counted.text
    return product_id


async def stock(client: httpx.AsyncClient, product_id: UUID) -> dict[str, Any]:
    response = await client.get(f"/v1/products/{product_id}/stock")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body
