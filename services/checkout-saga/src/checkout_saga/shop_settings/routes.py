"""The routes of a tenant's settings of checkouts and orders."""

from __future__ import annotations

from fastapi import Response

from checkout_saga.shop_settings import use_cases
from checkout_saga.shop_settings.schemas import SettingsBody, SettingsView, show_settings
from checkout_saga.shop_settings.use_cases import find_settings
from contracts.roles import ADMINS
from kernel.http.dependencies import Read, Write
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork


async def change_checkout_settings(body: SettingsBody, write: Write) -> Response:
    """Replace all settings. They count for what is decided from now on."""

    async def act(work: UnitOfWork) -> Result:
        write.check(await find_settings(work))
        settings = await use_cases.change_settings(body.settings(), work)
        return Result(show_settings(settings, work.now), settings.version)

    return await write.run(act)


async def get_checkout_settings(read: Read) -> Response:
    """Get the settings; the defaults if none have been set."""

    async def act(work: UnitOfWork) -> Result:
        settings = await find_settings(work)
        return Result(show_settings(settings, work.now), settings.version)

    return await read.run(act)


PATH = "/v1/settings/checkout"
ROUTES = RouteTable(
    "settings",
    (
        Route("GET", PATH, get_checkout_settings, ADMINS, SettingsView),
        Route("PUT", PATH, change_checkout_settings, ADMINS, SettingsView),
    ),
)
