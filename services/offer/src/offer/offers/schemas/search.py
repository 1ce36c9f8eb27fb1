"""The parameters of a search of offers."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from fastapi import Query

from kernel.http.requests import Id, UntrimmedText
from offer.catalogue.domain.listing import words_of
from offer.offers.list_query import OfferSearch
from offer.offers.schemas.fields import OfferType

T = TypeVar("T")
Many = Annotated[list[T] | None, Query(max_length=100)]
Status = Literal["draft", "published", "paused", "archived"]


class OfferSearchParameters:
    """A handler takes it as ``Depends()``. All filters must hold; a repeated one holds if any of its values
    does."""

    def __init__(
        self,
        q: Annotated[str | None, Query(max_length=200)] = None,
        slug: Many[UntrimmedText] = None,
        status: Many[Status] = None,
        type: Many[OfferType] = None,  # noqa: A002 (the name of the parameter)
        product_id: Many[Id] = None,
        campaign_id: Many[Id] = None,
    ) -> None:
        self.search = OfferSearch(
            words=tuple(sorted(words_of(q))),
            slugs=tuple(slug) if slug else None,
            statuses=tuple(status) if status else None,
            types=tuple(type) if type else None,
            product_ids=tuple(product_id) if product_id else None,
            campaign_ids=tuple(campaign_id) if campaign_id else None,
        )
