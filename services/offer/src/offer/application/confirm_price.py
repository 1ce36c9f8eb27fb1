"""Check, by the catalogue's own prices and promotions of this moment, what a cart says a sale costs."""

from contracts.offer import ConfirmPrice
from kernel.work import Work
from offer.domain.asking import asked_by
from offer.domain.price_check import PriceCheck, price_check_id
from offer.domain.product import Product
from offer.domain.promotion import Promotion
from pricing.derivation import digest
from pricing.from_contracts import Item, price_items, promotion_of, sale_of, unit_price


async def confirm_price(command: ConfirmPrice, work: Work) -> None:
    by, sale = asked_by(command), command.sale
    check = await work.open(PriceCheck, price_check_id(command.checkout_id))
    if check.repeat(by):
        return
    products = await work.open_many(Product, {line.product_id for line in sale.lines})
    items: list[Item] = []
    for line in sale.lines:
        product = products[line.product_id]
        now_costs = unit_price(product.details, sale.currency)
        if not product.for_sale or now_costs is None:
            what = "for sale" if not product.for_sale else f"priced in {sale.currency}"
            check.refuse(by, f"{line.name} ({line.sku}) is no longer {what}")
            return
        items.append(Item(line.line_id, product.id, product.details, line.quantity, now_costs, line.offer_id))
    named = await work.open_many(Promotion, {it.promotion_id for it in sale.discounts})
    usable = [promotion_of(key, it.terms) for key, it in named.items() if it.exists and not it.disabled]
    priced = price_items(sale.currency, items, usable, work.now)
    check.compare(by, sale, sale_of(priced, items), digest(priced))
