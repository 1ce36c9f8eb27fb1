"""Run the simulated gateway, or bring its database up to date: ``python -m simulators.gateway [migrate]``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from kernel import logging
from kernel.database import create_pool
from kernel.http.server import run, serve
from kernel.migrate import apply
from kernel.settings import read
from simulators.gateway.app import build
from simulators.gateway.settings import GatewaySettings

MIGRATIONS = Path(__file__).parent / "migrations"


async def main(settings: GatewaySettings) -> None:
    stopping = asyncio.Event()
    size = settings.database_connections
    async with await create_pool(settings.database_url, settings.env, size, settings.instance) as pool:
        await serve(build(settings, pool, stopping), settings, stopping)


if __name__ == "__main__":
    settings = read(GatewaySettings)
    logging.configure(settings.log_level, settings.instance)
    match sys.argv[1:]:
        case []:
            run(main(settings))
        case ["migrate"]:
            apply(settings.migration_url or settings.database_url, MIGRATIONS)
        case _:
            sys.exit("usage: python -m simulators.gateway [migrate]")
