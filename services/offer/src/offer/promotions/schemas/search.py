"""The parameters of a search of promotions."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from fastapi import Query

from kernel.http.requests import Id, UntrimmedText
from offer.catalogue.domain.listing import words_of
from offer.promotions.list_query import PromotionSearch
from offer.promotions.schemas.promotions import Kind

T = TypeVar("T")
Many = Annotated[list[T] | None, Query(max_length=100)]


class SearchParameters:
    """A handler takes it as ``Depends()``. All filters must hold; a repeated one holds if any of its values
    does."""

    def __init__(
        self,
        q: Annotated[str | None, Query(max_length=200)] = None,
        code: Many[UntrimmedText] = None,
        kind: Many[Kind] = None,
        status: Many[Literal["active", "disabled"]] = None,
        automatic: bool | None = None,
        campaign_id: Many[Id] = None,
    ) -> None:
        self.search = PromotionSearch(
            words=tuple(sorted(words_of(q))),
            codes=tuple(code) if code else None,
            kinds=tuple(kind) if kind else None,
            statuses=tuple(status) if status else None,
            automatic=automatic,
            campaign_ids=tuple(campaign_id) if campaign_id else None,
        )
