"""Requests of merchants: set up the shop, and change it while customers buy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from contracts.product import Details, Price
from contracts.promotion import Limits, Terms
from kernel.store.pg_unit_of_work import PgUnitOfWork
from offer.catalogue.use_cases import (
    ChangeProduct,
    activate_product,
    archive_product,
    change_product,
    create_product,
)
from offer.inventory.use_cases.seats import keep_seats
from offer.inventory.use_cases.stock_counts import CountStock, ReceiveStock, count_stock, receive_stock
from offer.promotions.use_cases.promotions import create_promotion, disable_promotion
from offer.tax_rates.use_cases import SetTaxRate, set_tax_rate
from tests.proofs.simulation.workload import TAXED, Change, Goods, Workload

Act = Callable[[PgUnitOfWork], Awaitable[UUID]]
CODE = "ONCE"
FEW = 3
"""A stock count finds fewer units than this."""


def with_goods(number: int, goods: Goods) -> Act:
    async def act(work: PgUnitOfWork) -> UUID:
        details = Details(
            sku=f"SKU-{number}",
            name=f"Thing {number}",
            type="physical_product",
            prices=(Price(amount=goods.price, currency="USD"),),
        )
        product = await create_product(details, work, keep_seats)
        await activate_product(product.id, work)
        if goods.stock is not None:
            await count_stock(CountStock(product.id, goods.stock, allow_backorders=False), work)
        return product.id

    return act


def with_promotion(workload: Workload) -> Act:
    async def act(work: PgUnitOfWork) -> UUID:
        limits = Limits(total=workload.uses, per_customer=1)
        terms = Terms(code=CODE, kind="percentage", value=str(workload.percent), limits=limits)
        return (await create_promotion(terms, work)).id

    return act


def with_tax(percent: int) -> Act:
    """A tax rate for the one country with taxes."""

    async def act(work: PgUnitOfWork) -> UUID:
        rate = SetTaxRate(TAXED, None, None, str(percent), inclusive=False, name="IVA")
        return (await set_tax_rate(rate, work)).originator_id

    return act


def with_change(it: Change, product_id: UUID, promotion_id: UUID) -> Act:
    async def act(work: PgUnitOfWork) -> UUID:
        match it.what:
            case "price":
                prices = [{"amount": it.number, "currency": "USD"}]
                await change_product(ChangeProduct(product_id, {"prices": prices}), work, keep_seats)
            case "archive":
                await archive_product(product_id, work)
            case "count":
                await count_stock(CountStock(product_id, it.number % FEW, allow_backorders=False), work)
            case "receive":
                await receive_stock(ReceiveStock(product_id, it.number), work)
            case "tax":
                await with_tax(it.number)(work)
            case "disable":
                await disable_promotion(promotion_id, work)
            case _:
                raise ValueError(it.what)
        return product_id

    return act
