"""Each database brought back to an earlier moment while people buy: ``python -m tests.proofs.restore``.

A base backup is taken under load. Then, for each of the four databases: purchases go on past a moment, the
database is brought back to that moment, and its service must refuse to write. After ``feira recover-log`` its
log has to be what it was, byte for byte, checkouts that were under way have to end, and buying goes on. A
person who was erased after the moment stays erased, and registered customers hold their addresses. At the end
``feira verify`` has to find nothing. Then the whole server is restored by ``feira restore``.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests.proofs.async_shop import Shop
from tests.proofs.caller import Caller, client
from tests.proofs.chaos.quiescence import until_quiet
from tests.proofs.chaos.verification import verify
from tests.proofs.restore.customers import Customers
from tests.proofs.restore.earlier_database import moment_of
from tests.proofs.restore.restores import ANSWER_WITHIN, ON_HAND, QUIET_WITHIN, Restores
from tests.proofs.verdict import Verdict, number, say
from tests.support.stack import PROGRAM, RunningStack, running_stack

BUYERS = 5


async def prove(stack: RunningStack, verdict: Verdict, archive: Path) -> None:
    async with client(ANSWER_WITHIN) as http:
        shop = Shop(Caller(http, stack.addresses.urls, "demo"))
        customers = Customers(shop, await shop.product("something to buy", 1999, ON_HAND), verdict)
        restores = Restores(stack, shop, customers, verdict, archive)
        buying = [asyncio.create_task(customers.buy(it)) for it in range(number("BUYERS", BUYERS))]
        try:
            await restores.prove()
        finally:
            for task in buying:
                task.cancel()
            for ended in await asyncio.gather(*buying, return_exceptions=True):
                if isinstance(ended, Exception):
                    verdict.violations.append(f"a customer was turned away: {ended!r}")


async def fill(stack: RunningStack, verdict: Verdict) -> tuple[str, list[str]]:
    """Products and carts that the restored server will lack, without payments: the simulated gateway's ledger
    goes back with it. Returns the moment before them, and the carts."""
    async with client(ANSWER_WITHIN) as http:
        shop = Shop(Caller(http, stack.addresses.urls, "demo"))
        product_id = await shop.product("sold before the restore", 1999, ON_HAND)
        await rest(stack, verdict)
        await asyncio.sleep(1.0)  # the option is exact to the second
        moment = await moment_of(stack.addresses.postgres)
        await asyncio.sleep(1.0)
        await shop.product("new before the restore", 1999, ON_HAND)
        carts = [await shop.cart(f"lost {it}", {product_id: 1}) for it in range(10)]
        await rest(stack, verdict)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}", [str(it.body["cart_id"]) for it in carts]


async def rest(stack: RunningStack, verdict: Verdict) -> None:
    slow = await until_quiet(stack, lambda: 0, QUIET_WITHIN)
    verdict.expect_in_time(not slow, f"the stack does not become quiescent: {slow}")


def restore_whole_server(environment: Mapping[str, str], backup: Path, until: str, verdict: Verdict) -> None:
    began = time.monotonic()
    done = subprocess.run(
        (PROGRAM, "restore", str(backup), "--until", until),
        check=False,
        env=dict(environment),
        capture_output=True,
        text=True,
    )
    say(done.stdout)
    verdict.figures["seconds_to_restore_the_server"] = round(time.monotonic() - began, 1)
    if done.returncode:
        raise AssertionError(f"feira restore: {done.stdout[-500:]} {done.stderr[-500:]}")


async def find_all(stack: RunningStack, carts: list[str], verdict: Verdict) -> None:
    async with client(ANSWER_WITHIN) as http:
        shop = Shop(Caller(http, stack.addresses.urls, "demo"))
        for it in carts:
            found = await shop.caller.read("cart", f"/v1/carts/{it}")
            verdict.expect(len(found["items"]) == 1, f"cart {it} is not as it was: {found}")
        await rest(stack, verdict)
        await verify(stack, verdict)


if __name__ == "__main__":
    verdict = Verdict("restore")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, verdict.taking_down():
        home, archive = Path(folder) / "home", Path(folder) / "wal"
        environment = {"FEIRA_WAL_ARCHIVE": str(archive)}
        with running_stack(home, environment) as stack:
            asyncio.run(prove(stack, verdict, archive))
            until, carts = asyncio.run(fill(stack, verdict))
        restore_whole_server(stack.environment, archive.with_name("backup"), until, verdict)
        with running_stack(home, environment) as stack:
            asyncio.run(find_all(stack, carts, verdict))
    sys.exit(verdict.end())
