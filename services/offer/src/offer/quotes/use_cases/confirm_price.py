"""Compare a cart's amounts with the catalogue's own prices, promotions and tax rates of this moment."""

from collections.abc import Mapping

from contracts.envelope import Command
from contracts.offer import ConfirmPrice
from kernel.command_routes import CommandRoute, PreloadKeys
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.product import Product
from offer.inventory.domain.reply_to import reply_to
from offer.promotions.domain.promotion import Promotion
from offer.quotes.domain.price_check import PriceCheck, price_check_id
from offer.tax_rates.domain import TaxRates, tax_rates_id
from offer.tax_rates.use_cases import find_tax_rates
from pricing.derivation import digest
from pricing.from_contracts import (
    NO_TAX,
    Item,
    destination_of,
    price_items,
    promotion_of,
    sale_of,
    tax_rate_of,
    unit_price,
)
from pricing.tax import TaxTable


async def confirm_price(command: ConfirmPrice, work: UnitOfWork) -> None:
    to, sale = reply_to(command), command.sale
    check = await work.open(PriceCheck, price_check_id(command.process_id))
    if check.repeat(to):
        return
    country = sale.destination.country if sale.destination else None
    products = await work.open_many(Product, {line.product_id for line in sale.lines})
    items: list[Item] = []
    for line in sale.lines:
        product = products[line.product_id]
        price = unit_price(product.details, sale.currency, country)
        if not product.for_sale or price is None:
            missing = "for sale" if not product.for_sale else f"priced in {sale.currency}"
            check.refuse(to, f"{line.name} ({line.sku}) is no longer {missing}.")
            return
        items.append(Item(line.line_id, product.id, product.details, line.quantity, price, line.offer_id))
    promotions = await work.open_many(Promotion, {it.promotion_id for it in sale.discounts})
    usable = [promotion_of(key, it.terms) for key, it in promotions.items() if it.exists and not it.disabled]
    taxes = NO_TAX
    if sale.destination:
        rates = (await find_tax_rates(work)).rates.values()
        taxes = TaxTable(tuple(tax_rate_of(it) for it in rates), destination_of(sale.destination))
    priced = price_items(sale.currency, items, usable, work.now, taxes)
    check.compare(to, sale, sale_of(priced, items, sale.destination), digest(priced))


def command_routes() -> Mapping[type[Command], CommandRoute]:
    return {ConfirmPrice: CommandRoute(confirm_price, _with_catalogue, _tax_rates)}


def _with_catalogue(command: ConfirmPrice) -> PreloadKeys:
    yield PriceCheck, price_check_id(command.process_id)
    for line in command.sale.lines:
        yield Product, line.product_id
    for discount in command.sale.discounts:
        yield Promotion, discount.promotion_id


def _tax_rates(command: ConfirmPrice, tenant: str) -> PreloadKeys:
    if command.sale.destination:
        yield TaxRates, tax_rates_id(tenant)
