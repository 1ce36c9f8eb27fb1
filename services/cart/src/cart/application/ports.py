"""What the cart service needs from the outside world."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol
from uuid import UUID

from cart.domain.catalogue import CatalogueSnapshot


class Catalogue(Protocol):
    """Our own copy of what the offer service sells."""

    async def excerpt(
        self,
        tenant: str,
        products: Collection[UUID],
        promotions: Collection[UUID],
        *,
        code: str | None = None,
        until: Callable[[CatalogueSnapshot], bool] | None = None,
    ) -> CatalogueSnapshot:
        """These products, these promotions and those that need no code; with ``code``, also the promotion
        that is looked up by it.

        The copy follows the catalogue by some milliseconds: where ``until`` does not hold yet, it is given a
        moment to arrive. Whoever asks looks again at what came.
        """
