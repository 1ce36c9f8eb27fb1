"""The cart service's projection of the catalogue: applies the offer service's facts, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence

from cart.catalogue import entry_rows, referral_rows
from cart.catalogue.entry_rows import EntryRows
from cart.catalogue.news import News
from cart.catalogue.product_rows import ProductRows
from cart.catalogue.promotion_rows import PromotionRows
from cart.catalogue.referral_rows import ReferralRows
from cart.catalogue.repricing_requests import RepricingRequests
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
    *entry_rows.CHANGES,
    *referral_rows.KINDS,
)


class CatalogueProjection:
    scope = GROUP
    types = frozenset(kind.TYPE for kind in KINDS)

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        unit_of_work: PgUnitOfWork,  # noqa: ARG002  # a projection decides nothing
        connection: Connection,
    ) -> None:
        products, promotions, tax_rates = ProductRows(), PromotionRows(), TaxRateRows()
        entries, referrals = EntryRows(), ReferralRows()
        for message in batch:
            match message.fact():
                case product.Created() | product.Changed() | product.Activated() | product.Archived() as fact:
                    products.add(message.tenant, fact)
                case tax_rate.Set() as fact:
                    tax_rates.add(message.tenant, fact)
                case fact if type(fact) in entry_rows.CHANGES:
                    entries.add(message.tenant, fact)
                case fact if isinstance(fact, referral_rows.KINDS):
                    referrals.add(message.tenant, fact)
                case fact:
                    promotions.add(message.tenant, fact)
        news, requests = News(), RepricingRequests(batch)
        await requests.find_campaigns_offers(connection)
        families = await products.write(connection, news)
        for rows in (promotions, tax_rates, entries, referrals):
            await rows.write(connection, news)
        await requests.find_campaigns_offers(connection)
        await requests.write(connection, families)
        await news.tell(connection)
