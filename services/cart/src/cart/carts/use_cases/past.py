"""Carts as they were: at a version or at a moment, and their history in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.errors import CartNotFound
from cart.carts.domain.sentences import sentence
from cart.carts.domain.totals import calculate_totals
from cart.carts.use_cases.cart_access import PricedCart, priced_at, wanted_by
from cart.catalogue.domain.excerpt import CatalogueExcerpt, PastCatalogue, Wanted
from contracts.cart import CartFact, Created
from kernel.recorded_fact import RecordedFact


@dataclass(frozen=True, slots=True)
class AsOf:
    """The state that is asked for: after this version, or at this recorded time."""

    version: int | None = None
    at: datetime | None = None

    def includes(self, fact: CartFact) -> bool:
        if self.version is not None:
            return fact.originator_version <= self.version
        return self.at is None or fact.timestamp <= self.at


class HistoryEntry(NamedTuple):
    """One fact of a cart. ``total_before`` is None for the first; both totals are by the catalogue of the
    fact's time, so that their difference is the fact's."""

    version: int
    recorded: RecordedFact
    summary: str
    total_before: int | None
    total_after: int
    currency: str


async def show_past_cart(
    cart_id: UUID, history: Sequence[RecordedFact], as_of: AsOf, tenant: str, catalogue: PastCatalogue
) -> tuple[PricedCart, datetime]:
    """The cart as it was, with the prices of then, and the time by which it was priced. Raises CartNotFound
    before its creation and above its version."""
    facts = [it for it in _facts(history) if as_of.includes(it)]
    if not facts or (as_of.version is not None and facts[-1].originator_version < as_of.version):
        raise CartNotFound("There was no such cart.")
    at = as_of.at or facts[-1].timestamp
    cart = _fold(cart_id, facts)
    return priced_at(cart, await catalogue.read_as_of(tenant, wanted_by(cart), at), at), at


async def tell_history(
    cart_id: UUID,
    history: Sequence[RecordedFact],
    after: int,
    limit: int,
    tenant: str,
    catalogue: PastCatalogue,
) -> list[HistoryEntry]:
    """The facts behind version ``after``, the oldest first. Raises CartNotFound."""
    facts = _facts(history)
    if not facts:
        raise CartNotFound("There is no such cart.")
    page = facts[after : after + limit]
    wanted = _wanted_by_each_state(_fold(cart_id, facts[:after]), page)
    excerpts: dict[datetime, CatalogueExcerpt] = {}
    before, cart = (_fold(cart_id, facts[:after]) for _ in range(2))
    entries: list[HistoryEntry] = []
    for recorded, fact in zip(history[after : after + limit], page, strict=True):
        at = fact.timestamp
        if at not in excerpts:
            excerpts[at] = await catalogue.read_as_of(tenant, wanted, at)
        fact.mutate(cart)
        entries.append(
            HistoryEntry(
                version=fact.originator_version,
                recorded=recorded,
                summary=sentence(fact, before),
                total_before=_total(before, excerpts[at], at) if before.exists else None,
                total_after=_total(cart, excerpts[at], at),
                currency=cart.currency,
            )
        )
        fact.mutate(before)
    return entries


def _facts(history: Sequence[RecordedFact]) -> list[CartFact]:
    """None if the stream belongs to another kind of aggregate."""
    if not history or not isinstance(history[0].fact, Created):
        return []
    return [cast(CartFact, it.fact) for it in history]


def _fold(cart_id: UUID, facts: Sequence[CartFact]) -> Cart:
    cart = Cart.empty(cart_id)
    for fact in facts:
        fact.mutate(cart)
    return cart


def _wanted_by_each_state(cart: Cart, facts: Sequence[CartFact]) -> Wanted:
    """What prices the cart before and after each of the facts."""
    states = [wanted_by(cart)]
    for fact in facts:
        fact.mutate(cart)
        states.append(wanted_by(cart))
    return Wanted(
        products={key for it in states for key in it.products},
        promotions={key for it in states for key in it.promotions},
        offers={key for it in states for key in it.offers},
        upsells={key for it in states for key in it.upsells},
        customers={key for it in states for key in it.customers},
    )


def _total(cart: Cart, excerpt: CatalogueExcerpt, at: datetime) -> int:
    """By the unit prices that the cart had recorded."""
    sale = cart.lock.sale if cart.lock else calculate_totals(cart, excerpt, at).sale
    return sale.totals.total
