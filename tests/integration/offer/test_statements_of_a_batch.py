"""What a batch of commands costs the database: as many statements for many checkouts as for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

import pytest

from contracts import campaign, experiment, offer, product, promotion
from contracts.campaign import CampaignChange, CampaignDetails
from contracts.envelope import Command
from contracts.experiment import ExperimentDetails, Variant
from contracts.offer import ConfirmPrice, ReservePromotions
from contracts.sale import Sale
from contracts.topics import MESSAGES
from kernel.context import Context
from kernel.messaging.commands import CommandHandler
from kernel.messaging.inbound import InboundMessage
from kernel.store.clock import database_now
from kernel.store.event_store import EventStore, verify_cached_reads
from offer.app import command_routes
from offer.campaigns.domain.campaign import Campaign
from offer.campaigns.use_cases.campaigns import OF_PROMOTION
from offer.campaigns.use_cases.prices import ACTIVE_KEY
from offer.catalogue.domain.product import Product
from offer.experiments.domain.experiment import Experiment
from offer.experiments.use_cases.experiments import RUNS
from offer.offers.domain.offer import Offer
from offer.promotions.domain.promotion import Promotion
from offer.promotions.domain.redemption import redemption_id
from offer.quotes.domain.price_check import price_check_id
from pricing.from_contracts import Item, price_items, promotion_of, sale_of
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import Parts
from tests.support.scenario import CONTEXT, NOW
from tests.unit.offer.customers import FakeCustomers
from tests.unit.offer.examples import BOOK, CD, TEN_PERCENT, details, terms
from tests.unit.offer.offer_examples import CAMPAIGN, OFFER
from tests.unit.offer.offer_examples import details as offer_details

MIGRATIONS = Path(__file__).parents[3] / "services/offer/src/offer/migrations"
EXPERIMENT = uuid4()
ITEMS = (
    Item("a", CD, details(f"SKU-{CD}", 1999), 2, 1999),
    Item("b", BOOK, details(f"SKU-{BOOK}", 500), 1, 500),
)


@dataclass(frozen=True)
class Message:
    """As much of an ``InboundMessage`` as the handler reads."""

    content: Command
    tenant: str = "demo"

    @property
    def type(self) -> str:
        return self.content.TYPE

    def command(self) -> Command:
        return self.content

    def context(self) -> Context:
        return CONTEXT


@pytest.fixture(scope="module")
async def pool(parts: Parts) -> AsyncIterator[Pool]:
    database = await migrated_database("feira_offer_statements", parts.postgres_superuser_url, MIGRATIONS)
    async with service_pool(database) as pool:
        yield pool


@pytest.fixture(scope="module")
async def store(pool: Pool) -> EventStore:
    """Two products, an offer with both, a code, and what may change the price of the offer."""
    store = EventStore(pool, MESSAGES)
    work = await store.begin(CONTEXT)
    variants = tuple(Variant(variant_id=uuid4(), name=it, weight=50) for it in ("control", "other"))
    change = CampaignChange(type="percentage", value="15")
    terms_of_campaign = CampaignDetails(
        name="Spring", offer_ids=(OFFER,), promotion_ids=(TEN_PERCENT,), change=change
    )
    for item in ITEMS:
        sold = await work.open(Product, item.product_id)
        sold.record(product.Created(details=item.details, status="active"))
    (await work.open(Promotion, TEN_PERCENT)).record(promotion.Created(terms=terms()))
    kit = await work.open(Offer, OFFER)
    kit.record(offer.Created(details=offer_details()))
    kit.record(offer.Published())
    spring = await work.open(Campaign, CAMPAIGN)
    spring.record(campaign.Created(details=terms_of_campaign))
    spring.record(campaign.Started())
    tried = await work.open(Experiment, EXPERIMENT)
    tried.record(
        experiment.Created(offer_id=OFFER, details=ExperimentDetails(name="Price", variants=variants))
    )
    tried.record(experiment.Started(offer_id=OFFER))
    work.claim_key(ACTIVE_KEY, str(CAMPAIGN), CAMPAIGN)
    work.claim_key(OF_PROMOTION, str(TEN_PERCENT), CAMPAIGN)
    work.claim_key(RUNS, str(OFFER), EXPERIMENT)
    await store.commit(work)
    return store


def sale(offer_id: UUID | None = None) -> Sale:
    found = sale_of(price_items("USD", ITEMS, [promotion_of(TEN_PERCENT, terms())], NOW), ITEMS)
    lines = tuple(line.model_copy(update={"offer_id": offer_id}) for line in found.lines)
    return found.model_copy(update={"lines": lines})


def confirm(offer_id: UUID | None = None) -> ConfirmPrice:
    return ConfirmPrice(checkout_id=uuid4(), step="confirm_price", customer_id="ann", sale=sale(offer_id))


def reserve() -> ReservePromotions:
    return ReservePromotions(
        checkout_id=uuid4(),
        step="reserve_promotions",
        customer_id="ann",
        promotion_ids=(TEN_PERCENT,),
        sale=sale(),
    )


async def read_by(store: EventStore, *commands: Command) -> list[str]:
    """The statements by which a batch reads, each once for each time."""
    routes = command_routes(timedelta(minutes=30), FakeCustomers(), timedelta(minutes=5))
    batch = cast("list[InboundMessage]", [Message(it) for it in commands])
    statements: list[str] = []
    async with store.pool.acquire() as connection, connection.transaction():
        work = store.begin_within(connection, await database_now(connection), use_cache=True)
        with connection.query_logger(lambda it: statements.append(" ".join(it.query.split()))):
            await CommandHandler("offer", routes).handle(batch, work, connection)
            await verify_cached_reads(work)
        await store.flush(work, connection)
    work.committed()
    replies = "SELECT count(DISTINCT stream_id) FROM log WHERE stream_id = ANY($1)"
    streams = [it(command.process_id) for command in commands for it in (price_check_id, redemption_id)]
    assert await store.pool.fetchval(replies, streams) == len(commands)
    return statements


@pytest.mark.parametrize("many", [1, 20])
async def test_a_batch_of_plain_sales_is_read_and_compared_with_one_statement_each(
    store: EventStore, many: int
) -> None:
    for new in (confirm, reserve):
        await read_by(store, new())
        statements = await read_by(store, *(new() for _ in range(many)))
        assert len(statements) == 2, statements


@pytest.mark.parametrize("many", [1, 20])
async def test_offers_with_campaigns_and_experiments_cost_a_batch_one_statement_more(
    store: EventStore, many: int
) -> None:
    await read_by(store, confirm(OFFER))
    statements = await read_by(store, *(confirm(OFFER) for _ in range(many)))
    assert len(statements) == 3, statements


async def test_a_cold_batch_reads_the_owners_of_all_its_unique_keys_with_one_statement(
    pool: Pool, store: EventStore
) -> None:
    cold = EventStore(pool, MESSAGES)
    statements = await read_by(cold, *(confirm(OFFER) for _ in range(20)))
    assert sum("FROM claims c JOIN unnest" in it for it in statements) == 1, statements
