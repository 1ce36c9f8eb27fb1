"""The parameters of a search of products."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import Query

from contracts.text import folded
from kernel.http.paging import Paging, foreign_cursor
from kernel.http.problems import invalid
from kernel.http.requests import Currency, Id, UntrimmedText
from offer.catalogue.domain.listing import ProductSearch, SortKey, words_of
from offer.catalogue.schemas.products import ProductType, Status

T = TypeVar("T")
Many = Annotated[list[T] | None, Query(max_length=100)]
Price = Annotated[int | None, Query(ge=0, le=10**12)]
Sort = Literal["created", "-created", "name", "-name", "price", "-price"]


class SearchParameters:
    """A handler takes it as ``Depends()``. All filters must hold; a repeated one holds if any of its values
    does."""

    def __init__(
        self,
        q: Annotated[str | None, Query(max_length=200)] = None,
        ids: Many[Id] = None,
        sku: Many[UntrimmedText] = None,
        type: Many[ProductType] = None,  # noqa: A002 (the name of the parameter)
        status: Many[Status] = None,
        category: Many[UntrimmedText] = None,
        collection: Many[UntrimmedText] = None,
        brand: Many[UntrimmedText] = None,
        vendor_id: Many[UntrimmedText] = None,
        variant_of: Many[Id] = None,
        currency: Annotated[Currency | None, Query()] = None,
        price_min: Price = None,
        price_max: Price = None,
        sort: Sort = "created",
    ) -> None:
        if currency is None and (price_min is not None or price_max is not None or sort.endswith("price")):
            raise invalid("Prices are compared in one currency.", "/currency", "query")
        self.sort = sort
        self._search = ProductSearch(
            words=words_of(q),
            ids=_set(ids),
            sku_keys=frozenset(folded(it) for it in sku or ()),
            types=frozenset(type or ()),
            statuses=frozenset(status or ()),
            categories=_set(category),
            collections=_set(collection),
            brands=_set(brand),
            vendor_ids=_set(vendor_id),
            variants_of=_set(variant_of),
            currency=currency,
            price_min=price_min,
            price_max=price_max,
            sort=sort.removeprefix("-"),
            descending=sort.startswith("-"),
        )

    def search(self, *, only_active: bool) -> ProductSearch:
        return replace(self._search, only_active=only_active)

    def after(self, paging: Paging) -> tuple[SortKey, UUID] | None:
        """The position of the last product of the previous page."""
        kind: Any = int if self._search.sort == "price" else str
        found = paging.after(Literal[self.sort], kind, str)
        return None if found is None else (found[1], _cursor_id(found[2]))


def _set(values: Iterable[T] | None) -> frozenset[T]:
    return frozenset(values or ())


def _cursor_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise foreign_cursor() from None
