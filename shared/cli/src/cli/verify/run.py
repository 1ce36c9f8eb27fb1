"""Gather the evidence in such an order that nothing under way looks like a violation, and judge it.

The ledger is read before the logs: whatever it holds was meant in a log before. What the shop says was done
is held against the ledger only as far as the log went before the ledger was read. Each database is read as
of one moment: the read models' before the checkouts', these before the others', so that what has been seen
stands in the logs, and what has been asked for is known to be handled, or to be on its way. The topics come
last; what they hold beyond the logs' ends is looked up once more.
"""

from __future__ import annotations

import asyncio
import time

from cli.stack.client import Addresses
from cli.stack.errors import StackError
from cli.stack.services import GATEWAY
from cli.verify.check import Check, Result, run_check
from cli.verify.checks import (
    gateway_reconciliation,
    keys,
    log,
    money,
    orders,
    promotions,
    read_models,
    sagas,
    stock,
    tenants,
)
from cli.verify.dataset.dataset import Dataset, open_dataset
from cli.verify.dataset.late_records import mark_late_records
from cli.verify.dataset.ledger import copy_ledger
from cli.verify.dataset.logs import LAST_POSITION, copy_log
from cli.verify.dataset.service_state import copy_read_models, copy_state
from cli.verify.dataset.snapshots import PAGE, connected
from cli.verify.dataset.topics import Topics, copy_topics, open_topics
from cli.verify.progress import Progress
from cli.verify.quiescence import wait_for_quiescence
from cli.verify.rebuilds import Rebuilds
from cli.verify.report import COMPARED, IN_FLIGHT, Report, counts
from contracts.topology import PUBLISHERS

FAMILIES = (log, read_models, money, gateway_reconciliation, stock, promotions, sagas, keys, orders, tenants)
CHECKS: tuple[Check, ...] = tuple(it for family in FAMILIES for it in family.CHECKS)


async def verify(
    at: Addresses, key: str, settle_seconds: float, progress: Progress, page: int = PAGE
) -> Report:
    if GATEWAY not in at.databases:
        raise StackError(
            "Payments go to a gateway that shows no books: there is nothing to compare ours with."
        )
    began = time.monotonic()
    with open_dataset() as found:
        async with open_topics(at.kafka) as source:
            await wait_for_quiescence(at.databases, source, settle_seconds, progress.say)
            rebuilds = Rebuilds(at.urls["projections"], key)
            await asyncio.to_thread(rebuilds.begin)
            await gather(at, source, found, progress, page)
        found.add("read_model_type", rebuilds.types())
        progress.say("putting the evidence in order")
        found.derive()
        results = all_results(found, progress)
        progress.say("rebuilding the read models to compare")
        results.insert(1 + _place(results, "P1"), await asyncio.to_thread(rebuilds.finish))
        return Report(counts(found, COMPARED), counts(found, IN_FLIGHT), results, time.monotonic() - began)


async def gather(at: Addresses, source: Topics, into: Dataset, progress: Progress, page: int = PAGE) -> None:
    """In the order that is told above."""
    async with connected("checkout-saga", at.databases["checkout-saga"]) as connection:
        into.add("horizon", [("settled", await connection.fetchval(LAST_POSITION))])
    await copy_ledger(at.databases[GATEWAY], into, page)
    await copy_read_models(at.databases["projections"], into, page)
    ends = {
        service: await copy_state(service, at.databases[service], into, page)
        for service in reversed(PUBLISHERS)
    }
    for service, end in ends.items():
        with progress.counting(f"the log of {service}", end) as told:
            await copy_log(service, at.databases[service], end, into, told, page)
    bounds = await source.bounds()
    with progress.counting("the topics", sum(end - begin for begin, end in bounds.values())) as told:
        await copy_topics(source, bounds, into, told, page)
    into.sql.execute("CREATE INDEX log_by_stream ON log (stream_id, version)")
    await mark_late_records(at.databases, ends, into, page)


def all_results(found: Dataset, progress: Progress) -> list[Result]:
    results = []
    for check in CHECKS:
        progress.say(f"{check.name}: {check.rule}")
        results.append(run_check(check, found))
    return results


def _place(results: list[Result], name: str) -> int:
    return next(at for at, it in enumerate(results) if it.check == name)
