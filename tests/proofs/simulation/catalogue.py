"""The cart service's copy of the catalogue, kept from the offer service's facts as they arrive."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import cast
from uuid import UUID

from cart.adapters.catalogue_projection import GROUP, CatalogueProjection
from cart.domain.catalogue import CatalogueSnapshot, KnownPromotion, Product
from contracts import product, promotion, tax_rate
from contracts.envelope import Fact
from kernel.messaging.inbound import InboundMessage
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection
from pricing.codes import canonical
from pricing.from_contracts import promotion_of, tax_rate_of
from pricing.tax import TaxRate
from tests.proofs.simulation.connection import Connection as SimulatedConnection


@dataclass
class Promoted:
    """``uses`` are those that are held or redeemed; ``redeemed`` will not come back."""

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
        )


@dataclass
class Copy:
    """The tables of all tenants. Fulfils ``cart.application.ports.Catalogue``; it waits for nothing."""

    products: dict[tuple[str, UUID], Product] = field(default_factory=dict)
    promotions: dict[tuple[str, UUID], Promoted] = field(default_factory=dict)
    taxes: dict[tuple[str, UUID], TaxRate] = field(default_factory=dict)

    async def read(
        self,
        tenant: str,
        products: Collection[UUID],
        promotions: Collection[UUID],
        *,
        code: str | None = None,
        until: Callable[[CatalogueSnapshot], bool] | None = None,  # a moment's patience changes nothing
    ) -> CatalogueSnapshot:
        known = {it: self.products[tenant, it] for it in sorted(products) if (tenant, it) in self.products}
        told = {it: one.known(it) for (whose, it), one in self.promotions.items() if whose == tenant}
        usable = {
            it: one
            for it, one in told.items()
            if (one.key is None and not one.disabled) or it in promotions or (code and one.key == code)
        }
        taxes = tuple(it for (whose, _), it in self.taxes.items() if whose == tenant)
        return CatalogueSnapshot(known, usable, taxes)

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
            case _:
                raise AssertionError(f"the copy knows nothing of {fact.TYPE}")


class Copying:
    """In the place of the service's own follower, for the same group and the same facts."""

    scope = GROUP
    types = CatalogueProjection.types

    def __init__(self, copy: Copy) -> None:
        self._copy = copy

    async def handle(
        self, batch: Sequence[InboundMessage], session: PgUnitOfWork, connection: Connection
    ) -> None:
        on = cast(SimulatedConnection, connection)
        for it in batch:
            tenant, fact = it.tenant, it.fact()
            on.write_at_commit(lambda tenant=tenant, fact=fact: self._copy.note(tenant, fact))  # type: ignore[misc]  # bound now
