"""The ports of the cart's use cases."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol
from uuid import UUID

from cart.catalogue.domain import CatalogueSnapshot


class Catalogue(Protocol):
    """The cart service's projection of the catalogue."""

    async def read(
        self,
        tenant: str,
        products: Collection[UUID],
        promotions: Collection[UUID],
        *,
        code: str | None = None,
        until: Callable[[CatalogueSnapshot], bool] | None = None,
    ) -> CatalogueSnapshot:
        """These products, these promotions and the automatic ones, and all tax rates; with ``code``, a
        canonical one, also the promotion that has it.

        The projection lags the catalogue by some milliseconds: until ``until`` holds, the read waits for it,
        for a limited time. So the result may not fulfil ``until``.
        """
