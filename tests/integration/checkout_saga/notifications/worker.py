"""A process that sends the mails that are due, until a failpoint kills it."""

from __future__ import annotations

import asyncio
import sys

from kernel.faults import failpoints
from kernel.postgres.connections import create_pool
from tests.integration.checkout_saga.notifications.mailing import post_office


async def main(database_url: str, port: int) -> None:
    async with await create_pool(database_url, "test", 2) as pool:
        await (await post_office(pool, port)).calls.run()


if __name__ == "__main__":
    failpoints.enable(sys.argv[3])
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
