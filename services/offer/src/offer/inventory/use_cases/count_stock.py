"""Record the result of a stock count."""

from dataclasses import dataclass
from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.catalogue.use_cases.if_match import Expect, any_version
from offer.inventory.domain.stock import Stock
from offer.inventory.use_cases.find_stock import find_stock


@dataclass(frozen=True, slots=True)
class CountStock:
    product_id: UUID
    on_hand: int
    allow_backorders: bool


async def count_stock(command: CountStock, work: UnitOfWork, expect: Expect = any_version) -> Stock:
    stock = await find_stock(command.product_id, work)
    expect(stock)
    stock.count(command.product_id, command.on_hand, allow_backorders=command.allow_backorders)
    return stock
