"""The open carts of a tenant, by the index that ``carts_by_product`` keeps."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cart.carts.carts_by_product import SELECT_CARTS_OF_TENANT
from kernel.postgres.service_pool import ServicePool

SELECT_HOLDING = """
    SELECT DISTINCT cart_id FROM cart_holding
    WHERE tenant = $1 AND cart_id > $2 AND product_id = ANY($4) ORDER BY cart_id LIMIT $3
"""


class IndexedCarts:
    """Implements ``cart.carts.use_cases.syncing.OpenCarts``."""

    def __init__(self, pool: ServicePool) -> None:
        self._pool = pool

    async def after(
        self, tenant: str, offer_ids: Sequence[UUID], cart_id: UUID, limit: int
    ) -> Sequence[UUID]:
        if offer_ids:
            rows = await self._pool.fetch(SELECT_HOLDING, tenant, cart_id, limit, list(offer_ids))
        else:
            rows = await self._pool.fetch(SELECT_CARTS_OF_TENANT, tenant, cart_id, limit)
        return [row["cart_id"] for row in rows]
