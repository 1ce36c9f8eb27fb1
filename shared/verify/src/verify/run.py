"""Copy all sources into the dataset in an order that makes work in flight look like no violation, and check
it.

The gateway's ledger is read before the logs: intents are logged before effects. Logged payment results are
compared with the ledger only up to the log position before the ledger was read. Each database is read as
it is at one moment: the projections first, then checkout-saga, then the others. So every message seen by a
consumer is in the copied logs, and every logged command is known as handled or pending. The topics are read
last; records beyond the ends of the copied logs are looked up once more.
"""

from __future__ import annotations

import asyncio
import time

from cli.addresses import Addresses
from cli.database import connected
from cli.kafka import connection_to
from contracts.topology import GATEWAY, READING_ORDER
from verify.check import Check, Result, run_check
from verify.checks import (
    campaigns,
    carts,
    fulfillment,
    gateway_reconciliation,
    invoices,
    keys,
    ledger,
    licenses,
    log,
    money,
    notifications,
    orders,
    plans,
    promotions,
    read_models,
    reconciliations,
    referrals,
    restocks,
    rewards,
    sagas,
    snapshots,
    stock,
    taken_back,
    tenants,
)
from verify.checks.sales import recomputation, uses
from verify.dataset.consistent_reads import PAGE
from verify.dataset.dataset import Dataset, open_dataset
from verify.dataset.late_records import mark_late_records
from verify.dataset.ledger import copy_ledger
from verify.dataset.logs import LAST_POSITION, copy_log
from verify.dataset.service_state import copy_read_models, copy_state
from verify.dataset.topics import Topics, copy_topics, open_topics
from verify.dataset.visibility import check_visibility
from verify.progress import Progress
from verify.quiescence import wait_for_quiescence
from verify.rebuilds import Rebuilds
from verify.report import COMPARED, IN_FLIGHT, Report, counts

FAMILIES = (
    log,
    snapshots,
    read_models,
    money,
    gateway_reconciliation,
    ledger,
    reconciliations,
    invoices,
    licenses,
    stock,
    restocks,
    promotions,
    referrals,
    rewards,
    campaigns,
    plans,
    sagas,
    notifications,
    keys,
    carts,
    recomputation,
    uses,
    fulfillment,
    taken_back,
    orders,
    tenants,
)
CHECKS: tuple[Check, ...] = tuple(it for family in FAMILIES for it in family.CHECKS)


async def verify(
    at: Addresses, key: str, settle_seconds: float, progress: Progress, page: int = PAGE
) -> Report:
    """Checks that need the ledger of an external gateway are not judged."""
    has_ledger = GATEWAY.name in at.databases
    began = time.monotonic()
    await check_visibility(at.databases)
    with open_dataset() as dataset:
        async with open_topics(connection_to(at.kafka)) as source:
            await wait_for_quiescence(at.databases, source, settle_seconds, progress.say)
            rebuilds = Rebuilds(at.urls["projections"], key)
            await asyncio.to_thread(rebuilds.begin)
            await gather(at, source, dataset, progress, page)
        dataset.add("read_model_type", rebuilds.types())
        progress.say("deriving tables")
        dataset.derive()
        results = all_results(dataset, progress, has_ledger=has_ledger)
        progress.say("waiting for the comparisons of read models")
        results.insert(1 + _index_of(results, "P1"), await asyncio.to_thread(rebuilds.finish))
        return Report(
            counts(dataset, COMPARED), counts(dataset, IN_FLIGHT), results, time.monotonic() - began
        )


async def gather(at: Addresses, source: Topics, into: Dataset, progress: Progress, page: int = PAGE) -> None:
    """Copy all sources in the order described above."""
    async with connected("checkout-saga", at.databases["checkout-saga"]) as connection:
        into.add("horizon", [("settled", await connection.fetchval(LAST_POSITION))])
    if GATEWAY.name in at.databases:
        await copy_ledger(at.databases[GATEWAY.name], into, page)
    await copy_read_models(at.databases["projections"], into, page)
    ends = {
        service: await copy_state(service, at.databases[service], into, page) for service in READING_ORDER
    }
    for service, end in ends.items():
        with progress.counting(f"the log of {service}", end) as advance:
            await copy_log(service, at.databases[service], end, into, advance, page)
    bounds = await source.bounds()
    with progress.counting("the topics", sum(end - begin for begin, end in bounds.values())) as advance:
        await copy_topics(source, bounds, into, advance, page)
    into.sql.execute("CREATE INDEX log_by_stream ON log (stream_id, version)")
    await mark_late_records(at.databases, ends, into, page)


def all_results(dataset: Dataset, progress: Progress, *, has_ledger: bool = True) -> list[Result]:
    results = []
    for check in CHECKS:
        progress.say(f"{check.name}: {check.rule}")
        results.append(run_check(check, dataset, has_ledger=has_ledger))
    return results


def _index_of(results: list[Result], name: str) -> int:
    return next(at for at, it in enumerate(results) if it.check == name)
