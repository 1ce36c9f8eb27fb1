"""Record the result of a stock count."""

from dataclasses import dataclass
from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.application.find_stock import find_stock
from offer.application.ports import Expect, any_version
from offer.domain.stock import Stock


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
