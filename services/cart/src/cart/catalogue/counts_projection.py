"""The copy of what is counted: the stock of products, and the uses of promotions by each customer.

It has a group of its own, so that it is counted from the topic's first fact: the group of the catalogue had
read many of them before there were tables for these counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from cart.catalogue.news import News
from cart.catalogue.promotion_use_rows import PromotionUseRows
from cart.catalogue.stock_rows import StockRows
from contracts import promotion, stock
from contracts.envelope import Fact
from kernel.messaging.inbound import InboundMessage
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection

GROUP = "cart.counts"
KINDS: tuple[type[Fact], ...] = (
    promotion.Reserved,
    promotion.Released,
    *get_args(stock.StockFact),
)


class CountsProjection:
    scope = GROUP
    types = frozenset(kind.TYPE for kind in KINDS)

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        unit_of_work: PgUnitOfWork,  # noqa: ARG002  # a projection decides nothing
        connection: Connection,
    ) -> None:
        stocks, uses, news = StockRows(), PromotionUseRows(), News()
        for message in batch:
            match message.fact():
                case promotion.Reserved() | promotion.Released() as fact:
                    uses.add(message.tenant, fact)
                case fact if isinstance(fact, stock.StockFact):
                    stocks.add(message.tenant, fact)
                case fact:
                    raise AssertionError(f"{fact.TYPE} changes no count")
        for rows in (stocks, uses):
            await rows.write(connection, news)
        await news.tell(connection)
