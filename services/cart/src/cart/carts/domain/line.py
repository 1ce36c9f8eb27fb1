"""A cart line. Items with equal product, options, offer and upsell are one line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from contracts.cart import ItemAdded, RepricedItem
from contracts.sale import Exposure
from kernel.ids import derive_id


class Line(NamedTuple):
    item_id: UUID
    product_id: UUID
    product_type: str
    name: str
    quantity: int
    unit_price: int
    options: Mapping[str, Any]
    previous_price: int | None = None
    """The price before the catalogue's last change, and ``price_updated_at`` its time; None if the price has
    not changed since the last change of the destination."""
    price_updated_at: datetime | None = None
    offer_id: UUID | None = None
    upsell_id: UUID | None = None
    units: int = 1
    """Units of the product in one of the quantity: an offer may hold several."""
    gift_seats: int = 0
    experiment: Exposure | None = None
    campaign_id: UUID | None = None
    plan_id: str | None = None

    @classmethod
    def from_fact(cls, fact: ItemAdded) -> Line:
        return cls(
            item_id=fact.item_id,
            product_id=fact.product_id,
            product_type=fact.product_type,
            name=fact.name,
            quantity=fact.quantity,
            unit_price=fact.unit_price,
            options=fact.options,
            offer_id=fact.offer_id,
            upsell_id=fact.upsell_id,
            units=fact.units,
            gift_seats=fact.gift_seats,
            experiment=fact.experiment,
            campaign_id=fact.campaign_id,
            plan_id=fact.plan_id,
        )

    def enlarged_by(self, fact: ItemAdded) -> Line:
        return self._replace(
            quantity=self.quantity + fact.quantity, gift_seats=self.gift_seats + fact.gift_seats
        )

    def at_price(self, change: RepricedItem, changed_at: datetime | None) -> Line:
        """``changed_at``: None unless the catalogue caused the change."""
        previous = None if changed_at is None else change.previous_price
        # ``_replace`` takes three times as long, and every cart that is repriced or read passes here
        values = list(self)
        values[_UNIT_PRICE], values[_CAMPAIGN] = change.unit_price, change.campaign_id
        values[_PREVIOUS], values[_UPDATED_AT] = previous, changed_at
        return Line._make(values)


_UNIT_PRICE, _CAMPAIGN = Line._fields.index("unit_price"), Line._fields.index("campaign_id")
_PREVIOUS, _UPDATED_AT = Line._fields.index("previous_price"), Line._fields.index("price_updated_at")


def item_id_of(
    cart_id: UUID,
    product_id: UUID,
    options: Mapping[str, Any],
    offer_id: UUID | None = None,
    upsell_id: UUID | None = None,
) -> UUID:
    """The id is derived from the product, its options, the offer and the upsell; the order of the options'
    keys makes no difference."""
    values = _by_value(options)
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":")) if options else "{}"
    origin = "".join(f" {name} {it}" for name, it in (("offer", offer_id), ("upsell", upsell_id)) if it)
    return derive_id(cart_id, f"{product_id} {canonical}{origin}")


def _by_value(options: Any) -> Any:
    """Numbers that are equal become the same text: 1 and 1.0."""
    match options:
        case dict():
            return {name: _by_value(value) for name, value in options.items()}
        case list():
            return [_by_value(value) for value in options]
        case float() if options.is_integer():
            return int(options)
    return options
