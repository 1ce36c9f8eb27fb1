"""Say what a sale would cost, by the catalogue's own prices, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.application.promotion_index import CODE
from offer.application.set_tax_rate import find_tax_rates
from offer.domain.errors import (
    CurrencyNotPriced,
    InvalidQuantity,
    MaxItemQuantityExceeded,
    ProductNotFound,
)
from offer.domain.product import Product
from offer.domain.promotion import UNKNOWN, Promotion
from pricing.codes import canonical
from pricing.from_contracts import Item, price_items, promotion_of, tax_rate_of, unit_price
from pricing.priced import Priced
from pricing.tax import Destination, TaxTable

MAX_UNITS = 1_000


@dataclass(frozen=True, slots=True)
class WantedLine:
    product_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class AskQuote:
    currency: str
    lines: tuple[WantedLine, ...]
    codes: tuple[str, ...] = ()
    automatic: tuple[UUID, ...] = ()
    """The promotions that need no code."""
    customer_id: str | None = None
    segment: str | None = None
    destination: Destination | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    code: str | None
    promotion_id: UUID | None
    reason: str


@dataclass(frozen=True, slots=True)
class Quote:
    items: tuple[Item, ...]
    priced: Priced
    rejected: tuple[Rejection, ...]
    at: datetime


async def quote(asked: AskQuote, work: UnitOfWork) -> Quote:
    at = asked.at or work.now
    items = await _items(asked, work)
    rejected: list[Rejection] = []
    usable = []
    for promotion, code in await _promotions(asked, work):
        obstacle = promotion.ineligibility(at, asked.customer_id) if promotion else UNKNOWN
        if obstacle or promotion is None:
            known = promotion.id if promotion else None
            rejected.append(Rejection(code, known, (obstacle or UNKNOWN).reason))
        else:
            usable.append(promotion_of(promotion.id, promotion.terms))
    rates = (await find_tax_rates(work)).rates.values()
    taxes = TaxTable(tuple(tax_rate_of(it) for it in rates), asked.destination)
    priced = price_items(asked.currency, items, usable, at, taxes)
    rejected += (Rejection(it.code, UUID(it.promotion_id), it.reason) for it in priced.rejected)
    return Quote(items, priced, tuple(rejected), at)


async def _items(asked: AskQuote, work: UnitOfWork) -> tuple[Item, ...]:
    products = await work.open_many(Product, {it.product_id for it in asked.lines})
    return tuple(
        _item(str(number), it, products[it.product_id], asked) for number, it in enumerate(asked.lines, 1)
    )


def _item(line_id: str, wanted: WantedLine, product: Product, asked: AskQuote) -> Item:
    if not product.for_sale:
        raise ProductNotFound("There is no such product on sale.", product_id=str(product.id))
    if wanted.quantity < 1:
        raise InvalidQuantity("A quantity is 1 or more.", product_id=str(product.id))
    if wanted.quantity > MAX_UNITS:
        raise MaxItemQuantityExceeded(f"A line has at most {MAX_UNITS} units.", product_id=str(product.id))
    region = asked.destination.country if asked.destination else None
    price = unit_price(product.details, asked.currency, region, asked.segment)
    if price is None:
        sku = product.details.sku
        raise CurrencyNotPriced(f"{sku} is not priced in {asked.currency}.", product_id=str(product.id))
    return Item(line_id, product.id, product.details, wanted.quantity, price)


async def _promotions(asked: AskQuote, work: UnitOfWork) -> Iterable[tuple[Promotion | None, str | None]]:
    """Each promotion once, with the code that led to it; none where no promotion has the code."""
    found: dict[UUID, str | None] = dict.fromkeys(asked.automatic)
    unknown: list[str] = []
    for code in asked.codes:
        looked_up_by = canonical(code)
        holder = await work.owner_of_key(CODE, looked_up_by) if looked_up_by else None
        if holder is None:
            unknown.append(code)
        else:
            found.setdefault(holder, code)
    promotions = await work.open_many(Promotion, found)
    return [*((promotions[key], code) for key, code in found.items()), *((None, code) for code in unknown)]
