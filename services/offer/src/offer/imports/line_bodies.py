"""The lines of files of stock and prices; those of products and promotions are the bodies of requests."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kernel.http.requests import Amount, Body, Currency, ShortText
from offer.catalogue.schemas.pricing_models import Scope, Units


class StockLine(Body):
    """What is left out stays as it is."""

    sku: ShortText
    on_hand: Annotated[int, Field(ge=0, le=10**9)] | None = None
    allow_backorders: bool | None = None


class PriceLine(Body):
    """Without an amount the price is taken away. From ``min_quantity`` 2 on it is a tier."""

    sku: ShortText
    currency: Currency
    amount: Amount | None
    region: Scope = None
    segment: Scope = None
    min_quantity: Units = 1
