"""Price a sale by the catalogue, with the promotions that were rejected."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import ProductNotFound
from offer.catalogue.domain.product import Product
from offer.promotions.domain.promotion import UNKNOWN, Promotion
from offer.promotions.use_cases.promotions import CODE
from offer.quotes.domain.errors import CurrencyNotPriced, InvalidQuantity, MaxItemQuantityExceeded
from offer.tax_rates.use_cases import find_tax_rates
from pricing.codes import canonical
from pricing.from_contracts import Item, price_items, promotion_of, tax_rate_of, unit_price
from pricing.priced import Priced
from pricing.tax import Destination, TaxTable

MAX_UNITS = 1_000


@dataclass(frozen=True, slots=True)
class QuoteLine:
    product_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    currency: str
    lines: tuple[QuoteLine, ...]
    codes: tuple[str, ...] = ()
    automatic: tuple[UUID, ...] = ()
    """Promotions without a code."""
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


async def quote(request: QuoteRequest, work: UnitOfWork) -> Quote:
    at = request.at or work.now
    items = await _items(request, work)
    rejected: list[Rejection] = []
    usable = []
    for promotion, code in await _promotions(request, work):
        if promotion is None:
            rejected.append(Rejection(code, None, UNKNOWN.reason))
        elif ineligibility := promotion.ineligibility(at, request.customer_id):
            rejected.append(Rejection(code, promotion.id, ineligibility.reason))
        else:
            usable.append(promotion_of(promotion.id, promotion.terms))
    rates = (await find_tax_rates(work)).rates.values()
    taxes = TaxTable(tuple(tax_rate_of(it) for it in rates), request.destination)
    priced = price_items(request.currency, items, usable, at, taxes)
    rejected += (Rejection(it.code, UUID(it.promotion_id), it.reason) for it in priced.rejected)
    return Quote(items, priced, tuple(rejected), at)


async def _items(request: QuoteRequest, work: UnitOfWork) -> tuple[Item, ...]:
    products = await work.open_many(Product, {it.product_id for it in request.lines})
    return tuple(
        _item(str(number), line, products[line.product_id], request)
        for number, line in enumerate(request.lines, 1)
    )


def _item(line_id: str, line: QuoteLine, product: Product, request: QuoteRequest) -> Item:
    if not product.for_sale:
        raise ProductNotFound("There is no such product for sale.", product_id=str(product.id))
    if line.quantity < 1:
        raise InvalidQuantity("A quantity must be at least 1.", product_id=str(product.id))
    if line.quantity > MAX_UNITS:
        raise MaxItemQuantityExceeded(f"A line has at most {MAX_UNITS} units.", product_id=str(product.id))
    region = request.destination.country if request.destination else None
    price = unit_price(product.details, request.currency, region, request.segment)
    if price is None:
        sku = product.details.sku
        raise CurrencyNotPriced(f"{sku} is not priced in {request.currency}.", product_id=str(product.id))
    return Item(line_id, product.id, product.details, line.quantity, price)


async def _promotions(
    request: QuoteRequest, work: UnitOfWork
) -> Iterable[tuple[Promotion | None, str | None]]:
    """Each promotion once, with the code that found it; None for a code that no promotion has."""
    code_of: dict[UUID, str | None] = dict.fromkeys(request.automatic)
    unknown: list[str] = []
    for code in request.codes:
        key = canonical(code)
        promotion_id = await work.owner_of_key(CODE, key) if key else None
        if promotion_id is None:
            unknown.append(code)
        else:
            code_of.setdefault(promotion_id, code)
    promotions = await work.open_many(Promotion, code_of)
    return [*((promotions[key], code) for key, code in code_of.items()), *((None, code) for code in unknown)]
