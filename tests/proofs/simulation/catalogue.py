"""The cart service's catalogue in memory, projected from the offer service's facts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import cast
from uuid import UUID

from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.excerpt import CatalogueExcerpt, Wanted
from cart.catalogue.domain.products import Product
from cart.catalogue.domain.promotions import KnownPromotion
from contracts import order, product, promotion, tax_rate
from contracts.envelope import Fact
from kernel.messaging.batch import Handler
from kernel.messaging.inbound import InboundMessage
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection
from pricing.codes import canonical
from pricing.from_contracts import promotion_of, tax_rate_of
from pricing.tax import TaxRate
from tests.proofs.simulation.connection import Connection as SimulatedConnection
from tests.proofs.simulation.copied_offers import CopiedOffers
from tests.proofs.simulation.copied_referrals import CopiedReferrals


@dataclass
class Promoted:
    """``uses``: held or redeemed; ``redeemed``: those that cannot be released."""

    terms: promotion.Terms
    disabled: bool = False
    uses: int = 0
    redeemed: int = 0

    def known(self, promotion_id: UUID) -> KnownPromotion:
        total = self.terms.limits.total
        return KnownPromotion(
            promotion_id=promotion_id,
            key=None if self.terms.code is None else canonical(self.terms.code),
            rule=promotion_of(promotion_id, self.terms),
            disabled=self.disabled,
            used_up=total is not None and self.uses >= total,
            spent=total is not None and min(self.uses, self.redeemed) >= total,
            per_customer=self.terms.limits.per_customer,
        )


@dataclass
class Copy:
    """The tables of all tenants. Implements ``cart.catalogue.domain.Catalogue`` without waiting."""

    products: dict[tuple[str, UUID], Product] = field(default_factory=dict)
    promotions: dict[tuple[str, UUID], Promoted] = field(default_factory=dict)
    uses: defaultdict[tuple[str, UUID], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Held or redeemed, by promotion and customer. A group of its own counts them, perhaps before the group
    of the catalogue knows the promotion."""
    taxes: dict[tuple[str, UUID], TaxRate] = field(default_factory=dict)
    offers: CopiedOffers = field(default_factory=CopiedOffers)
    referrals: CopiedReferrals = field(default_factory=CopiedReferrals)
    buyers: dict[tuple[str, UUID], str] = field(default_factory=dict)
    """By order."""
    paid_orders: dict[tuple[str, str], set[UUID]] = field(default_factory=dict)
    """By customer."""

    async def read(
        self,
        tenant: str,
        wanted: Wanted,
        *,
        until: Callable[[CatalogueExcerpt], bool] | None = None,  # it never has to wait
    ) -> CatalogueExcerpt:
        offers = self.offers.wanted(tenant, wanted)
        upsells = self.offers.upsells(tenant, wanted, offers)
        products = {
            *wanted.products,
            *(it for known in offers.values() for it in known.product_ids),
            *(it.details.product_id for it in upsells.values()),
        }
        sold = {it: self.products[tenant, it] for it in sorted(products) if (tenant, it) in self.products}
        of_tenant = {
            promotion_id: found.known(promotion_id)
            for (owner, promotion_id), found in self.promotions.items()
            if owner == tenant
        }
        usable = {
            promotion_id: known
            for promotion_id, known in of_tenant.items()
            if (known.key is None and not known.disabled)
            or promotion_id in wanted.promotions
            or known.key in wanted.codes
        }
        return CatalogueExcerpt(
            sold,
            usable,
            tuple(rate for (owner, _), rate in self.taxes.items() if owner == tenant),
            offers=offers,
            upsells=upsells,
            customers={
                it: KnownCustomer(
                    it,
                    paid_orders=len(self.paid_orders.get((tenant, it), ())),
                    uses={
                        promotion_id: uses
                        for (owner, promotion_id), found in self.uses.items()
                        if owner == tenant and (uses := found[it])
                    },
                    referrals=self.referrals.candidates(tenant, it),
                )
                for it in wanted.customers
            },
        )

    async def read_ahead(self, tenant: str, wanted: Collection[Wanted]) -> None:
        """Does nothing: everything is in memory."""

    async def published_offers(self, tenant: str, offer_type: str) -> list[UUID]:  # of the port
        return []  # nobody here wants another offer instead

    def note(self, tenant: str, fact: Fact) -> None:
        place = tenant, fact.originator_id
        match fact:
            case product.Created(details=details, status=status):
                self.products[place] = Product(fact.originator_id, status, details)
            case product.Changed(details=details):
                self.products[place] = replace(self.products[place], details=details)
            case product.Activated():
                self.products[place] = replace(self.products[place], status="active")
            case product.Archived():
                self.products[place] = replace(self.products[place], status="archived")
            case promotion.Created(terms=terms):
                self.promotions[place] = Promoted(terms)
            case promotion.Changed(terms=terms):
                self.promotions[place].terms = terms
            case promotion.Disabled():
                self.promotions[place].disabled = True
            case promotion.Reserved():
                self.promotions[place].uses += 1
            case promotion.Released():
                self.promotions[place].uses -= 1
            case promotion.Redeemed():
                self.promotions[place].redeemed += 1
            case tax_rate.Set():
                self.taxes[place] = tax_rate_of(fact)
            case _ if not (self.offers.note(tenant, fact) or self.referrals.note(tenant, fact)):
                raise AssertionError(f"the simulated catalogue does not handle {fact.TYPE}")

    def note_use(self, tenant: str, fact: Fact) -> None:
        """Nothing depends on the stock: only what a cart shows of it."""
        match fact:
            case promotion.Reserved(customer_id=customer_id):
                self.uses[tenant, fact.originator_id][customer_id] += 1
            case promotion.Released(customer_id=customer_id):
                self.uses[tenant, fact.originator_id][customer_id] -= 1

    def note_customer(self, tenant: str, fact: Fact) -> None:
        order_id = fact.originator_id
        if isinstance(fact, order.Created):
            self.buyers[tenant, order_id] = fact.customer_id
        buyer = self.buyers.get((tenant, order_id))
        if buyer is None:
            return
        paid = self.paid_orders.setdefault((tenant, buyer), set())
        if isinstance(fact, order.Paid) or (isinstance(fact, order.Created) and fact.payment_id is None):
            paid.add(order_id)
        elif isinstance(fact, order.Cancelled):
            paid.discard(order_id)


class Copying:
    """Takes the place of one of the service's own projections: the same group, the same facts."""

    def __init__(self, projection: Handler, note: Callable[[str, Fact], None]) -> None:
        self.scope = projection.scope
        self.types = projection.types
        self._note = note

    async def handle(
        self, batch: Sequence[InboundMessage], work: PgUnitOfWork, connection: Connection
    ) -> None:
        on = cast(SimulatedConnection, connection)
        for it in batch:
            tenant, fact = it.tenant, it.fact()
            on.write_at_commit(lambda tenant=tenant, fact=fact: self._note(tenant, fact))  # type: ignore[misc]  # bound now
