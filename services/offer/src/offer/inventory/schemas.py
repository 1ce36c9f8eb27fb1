"""Requests and views of stock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from kernel.http.descriptions import Word
from kernel.http.requests import Body
from offer.inventory.domain.stock import Stock

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "CountBody": Word("The result of a stock count.", {"on_hand": 100, "allow_backorders": False}),
        "ReceiptBody": Word("A receipt of goods."),
        "ReceiptBody.quantity": Word("The units received.", 10),
        "StockView": Word("The stock of a product."),
        "on_hand": Word("The units on hand; null if the stock is unlimited.", 100),
        "reserved": Word("The units held by checkouts.", 3),
        "available": Word("On hand less reserved; null if the stock is unlimited.", 97),
        "allow_backorders": Word("Whether more units can be sold than are on hand.", False),
    }
)


class CountBody(Body):
    on_hand: Annotated[int, Field(ge=0, le=10**9)]
    allow_backorders: bool = False


class ReceiptBody(Body):
    quantity: Annotated[int, Field(ge=1, le=10**9)]


class StockView(BaseModel):
    """Without a stock record the product is unlimited; ``on_hand`` and ``available`` are null then."""

    product_id: UUID
    on_hand: int | None
    reserved: int
    available: int | None
    """On hand less reserved; negative if more units are held than are on hand."""
    allow_backorders: bool
    version: int


def show_stock(product_id: UUID, stock: Stock, now: datetime) -> StockView:
    return StockView(
        product_id=product_id,
        on_hand=stock.on_hand if stock.exists else None,
        reserved=stock.reserved(now),
        available=stock.available(now) if stock.exists else None,
        allow_backorders=stock.allow_backorders,
        version=stock.version,
    )
