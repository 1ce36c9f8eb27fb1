"""What products can be searched and sorted by, and which of them a search finds."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from unicodedata import category, normalize
from uuid import UUID

from contracts.product import Details
from contracts.text import folded
from offer.catalogue.domain.variants import with_inherited

WORD = re.compile(r"[^\W_]+")
MAX_WORD = 64

SortKey = str | int


def without_accents(text: str) -> str:
    """In lower case and without marks: ``Café`` and ``CAFE`` are equal."""
    return "".join(it for it in normalize("NFKD", text).casefold() if category(it) != "Mn")


def words_of(*texts: str | None) -> frozenset[str]:
    found = (word for text in texts if text for word in WORD.findall(without_accents(text)))
    return frozenset(word[:MAX_WORD] for word in found)


@dataclass(frozen=True, slots=True)
class ListedProduct:
    """A product as searches see it; a variant has what it inherits."""

    product_id: UUID
    status: str
    type: str
    sku_key: str
    name_key: str
    words: frozenset[str]
    category: str | None
    collections: frozenset[str]
    brand: str | None
    vendor_id: str | None
    variant_of: UUID | None
    prices: Mapping[str, int]
    """The prices for all countries and customers, by currency."""


def listed(product_id: UUID, status: str, own: Details, parent: Details | None) -> ListedProduct:
    """``parent``: of a variant."""
    details = with_inherited(own, parent)
    return ListedProduct(
        product_id=product_id,
        status=status,
        type=details.type,
        sku_key=folded(details.sku),
        name_key=without_accents(details.name),
        words=words_of(details.name, details.sku, details.brand, details.category),
        category=details.category,
        collections=frozenset(details.collections),
        brand=details.brand,
        vendor_id=details.vendor_id,
        variant_of=details.variant_of,
        prices={it.currency: it.amount for it in details.prices if it.region is None and it.segment is None},
    )


@dataclass(frozen=True, slots=True)
class ProductSearch:
    """All filters must hold; of the values of one, any. An empty filter is none."""

    words: frozenset[str] = frozenset()
    """Each begins a word of the product."""
    ids: frozenset[UUID] = frozenset()
    sku_keys: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    only_active: bool = False
    categories: frozenset[str] = frozenset()
    collections: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()
    vendor_ids: frozenset[str] = frozenset()
    variants_of: frozenset[UUID] = frozenset()
    currency: str | None = None
    price_min: int | None = None
    price_max: int | None = None
    sort: str = "created"
    """``created``, ``name`` or ``price``."""
    descending: bool = False

    def finds(self, it: ListedProduct) -> bool:
        return (
            all(any(word.startswith(start) for word in it.words) for start in self.words)
            and (not self.only_active or it.status == "active")
            and (not self.collections or not self.collections.isdisjoint(it.collections))
            and self._is_priced(it)
            and all(
                not allowed or value in allowed
                for allowed, value in (
                    (self.ids, it.product_id),
                    (self.sku_keys, it.sku_key),
                    (self.types, it.type),
                    (self.statuses, it.status),
                    (self.categories, it.category),
                    (self.brands, it.brand),
                    (self.vendor_ids, it.vendor_id),
                    (self.variants_of, it.variant_of),
                )
            )
        )

    def key_of(self, it: ListedProduct) -> SortKey:
        """Products with equal keys are ordered by id, which is the order of their creation."""
        match self.sort:
            case "name":
                return it.name_key
            case "price":
                return it.prices[self.currency or ""]
            case _:
                return ""

    def _is_priced(self, it: ListedProduct) -> bool:
        if self.currency is None:
            return True
        price = it.prices.get(self.currency)
        return (
            price is not None
            and (self.price_min is None or price >= self.price_min)
            and (self.price_max is None or price <= self.price_max)
        )


def page_of(
    products: Iterable[ListedProduct], search: ProductSearch, after: tuple[SortKey, UUID] | None, limit: int
) -> list[ListedProduct]:
    """Those that the search finds, in its order, from the first one behind ``after``."""
    found = sorted((it for it in products if search.finds(it)), key=lambda it: it.product_id)
    if search.sort == "created":
        found.sort(key=lambda it: it.product_id, reverse=search.descending)
    else:
        found.sort(key=search.key_of, reverse=search.descending)
    rest = found if after is None else [it for it in found if _is_behind(it, search, *after)]
    return rest[:limit]


def _is_behind(it: ListedProduct, search: ProductSearch, key: SortKey, product_id: UUID) -> bool:
    if search.sort == "created":
        return it.product_id < product_id if search.descending else it.product_id > product_id
    own = search.key_of(it)
    if own == key:
        return it.product_id > product_id
    return (own < key) if search.descending else (own > key)  # type: ignore[operator]
