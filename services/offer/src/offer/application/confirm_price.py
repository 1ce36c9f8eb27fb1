"""Check what a cart says a sale costs, by the catalogue's own prices, promotions and rates of this moment."""

from contracts.offer import ConfirmPrice
from kernel.unit_of_work import UnitOfWork
from offer.application.set_tax_rate import find_tax_rates
from offer.domain.price_check import PriceCheck, price_check_id
from offer.domain.product import Product
from offer.domain.promotion import Promotion
from offer.domain.reply_to import reply_to
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
    by, sale = reply_to(command), command.sale
    check = await work.open(PriceCheck, price_check_id(command.process_id))
    if check.repeat(by):
        return
    country = sale.destination.country if sale.destination else None
    products = await work.open_many(Product, {line.product_id for line in sale.lines})
    items: list[Item] = []
    for line in sale.lines:
        product = products[line.product_id]
        now_costs = unit_price(product.details, sale.currency, country)
        if not product.for_sale or now_costs is None:
            what = "for sale" if not product.for_sale else f"priced in {sale.currency}"
            check.refuse(by, f"{line.name} ({line.sku}) is no longer {what}")
            return
        items.append(Item(line.line_id, product.id, product.details, line.quantity, now_costs, line.offer_id))
    named = await work.open_many(Promotion, {it.promotion_id for it in sale.discounts})
    usable = [promotion_of(key, it.terms) for key, it in named.items() if it.exists and not it.disabled]
    taxes = NO_TAX
    if sale.destination:
        rates = (await find_tax_rates(work)).rates.values()
        taxes = TaxTable(tuple(tax_rate_of(it) for it in rates), destination_of(sale.destination))
    priced = price_items(sale.currency, items, usable, work.now, taxes)
    check.compare(by, sale, sale_of(priced, items, sale.destination), digest(priced))
