"""Read and change a tenant's settings of checkouts and orders."""

from __future__ import annotations

from checkout_saga.shop_settings.domain import ShopSettings, TenantSettings, settings_id
from kernel.unit_of_work import UnitOfWork


async def find_settings(work: UnitOfWork) -> TenantSettings:
    """The tenant's; the defaults if none have been set."""
    return await work.open(TenantSettings, settings_id(work.context.tenant))


async def change_settings(settings: ShopSettings, work: UnitOfWork) -> TenantSettings:
    current = await find_settings(work)
    current.change(settings)
    return current
