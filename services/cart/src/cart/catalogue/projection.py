"""The cart service's projection of the catalogue: applies the offer service's facts, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence

from cart.catalogue.change_listener import NOTIFY
from cart.catalogue.product_rows import ProductRows
from cart.catalogue.promotion_rows import PromotionRows
from cart.catalogue.repricing_requests import request_repricing
from cart.catalogue.tax_rate_rows import TaxRateRows
from contracts import product, promotion, tax_rate
from contracts.envelope import Fact
from kernel.messaging.inbound import InboundMessage
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection

GROUP = "cart.catalogue"
KINDS: tuple[type[Fact], ...] = (
    product.Created,
    product.Changed,
    product.Activated,
    product.Archived,
    promotion.Created,
    promotion.Changed,
    promotion.Disabled,
    promotion.Reserved,
    promotion.Redeemed,
    promotion.Released,
    tax_rate.Set,
)


class CatalogueProjection:
    scope = GROUP
    types = frozenset(kind.TYPE for kind in KINDS)

    # failpoint: none needed (consumer-batch)
    async def handle(
        self,
        batch: Sequence[InboundMessage],
        unit_of_work: PgUnitOfWork,  # noqa: ARG002  # a projection decides nothing
        connection: Connection,
    ) -> None:
        products, promotions, tax_rates = ProductRows(), PromotionRows(), TaxRateRows()
        for message in batch:
            match message.fact():
                case product.Created() | product.Changed() | product.Activated() | product.Archived() as fact:
                    products.add(message.tenant, fact)
                case tax_rate.Set() as fact:
                    tax_rates.add(message.tenant, fact)
                case fact:
                    promotions.add(message.tenant, fact)
        await request_repricing(connection, batch)
        written = [await rows.write(connection) for rows in (products, promotions, tax_rates)]
        if any(written):
            await connection.execute(NOTIFY)
