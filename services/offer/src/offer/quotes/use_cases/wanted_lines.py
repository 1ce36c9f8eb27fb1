"""The lines of a quote: an offer is one line for each of its required products."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from uuid import UUID

from kernel.domain import Refused
from offer.catalogue.domain.errors import ProductNotFound
from offer.offers.domain.errors import OfferNotFound
from offer.quotes.domain.errors import CurrencyNotPriced, InvalidQuantity
from offer.quotes.domain.shop import NotForSale, Shop, Wanted
from offer.upsells.domain.errors import UpsellNotFound


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One of the three ids is given."""

    quantity: int
    product_id: UUID | None = None
    offer_id: UUID | None = None
    upsell_id: UUID | None = None


def wanted_lines(lines: Iterable[QuoteLine], shop: Shop, session_id: str | None) -> list[Wanted]:
    """With the ids "1", "2" and so on, in order. ``session_id``: whose variants of offers they are.

    Raises ``OfferNotFound``, ``UpsellNotFound`` and ``InvalidQuantity``.
    """
    line_ids = map(str, count(1))
    wanted: list[Wanted] = []
    for line in lines:
        if line.quantity < 1:
            raise InvalidQuantity("A quantity must be at least 1.")
        if line.offer_id is not None:
            wanted += _of_offer(line.offer_id, line.quantity, shop, session_id, line_ids)
        elif line.upsell_id is not None:
            wanted.append(_of_upsell(line.upsell_id, line.quantity, shop, next(line_ids)))
        elif line.product_id is not None:
            wanted.append(Wanted(next(line_ids), line.product_id, line.quantity))
    return wanted


def refusal_of(missing: NotForSale, currency: str) -> Refused:
    product_id = str(missing.product_id)
    if missing.is_for_sale:
        return CurrencyNotPriced(f"It is not priced in {currency}.", product_id=product_id)
    return ProductNotFound("There is no such product for sale.", product_id=product_id)


def _of_offer(
    offer_id: UUID, quantity: int, shop: Shop, session_id: str | None, line_ids: Iterator[str]
) -> list[Wanted]:
    offer = shop.offers.get(offer_id)
    if offer is None:
        raise OfferNotFound("There is no such offer for sale.", offer_id=str(offer_id))
    required = sorted(
        (it for it in offer.details.products if it.required),
        key=lambda it: (it.position, str(it.product_id)),
    )
    seen = offer.experiment.exposure_of(session_id) if offer.experiment else None
    return [
        Wanted(next(line_ids), it.product_id, quantity, units=it.quantity, offer_id=offer_id, experiment=seen)
        for it in required
    ]


def _of_upsell(upsell_id: UUID, quantity: int, shop: Shop, line_id: str) -> Wanted:
    upsell = shop.upsells.get(upsell_id)
    if upsell is None or upsell.is_removed:
        raise UpsellNotFound("There is no such upsell.", upsell_id=str(upsell_id))
    return Wanted(line_id, upsell.details.product_id, quantity, upsell_id=upsell_id)
