"""Results of `feira verify`, which runs where it reaches the databases: reported by it, read by operators."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from fastapi import Response

from kernel.http.auth import Caller
from kernel.http.dependencies import Write
from kernel.http.paging import Page, Paged
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.store.event_store import Transaction
from projections.verifications import rows
from projections.verifications.rows import VerificationNotFound
from projections.verifications.schemas import Verification, VerificationReport

PATH = "/v1/verifications"


@dataclass(frozen=True, slots=True)
class _Handlers:
    pool: asyncpg.Pool[asyncpg.Record]

    async def report_verification(self, body: VerificationReport, write: Write) -> Response:
        """Stores the result of a run of `feira verify`. A repetition changes nothing."""

        async def act(transaction: Transaction) -> Result:
            return Result(await rows.store(transaction.connection, body, write.context.actor))

        return await write.run_within(act)

    async def list_verifications(self, _caller: Caller, paging: Paged) -> Page[Verification]:
        """The latest first. They are about all tenants."""
        after = paging.after(datetime, UUID)
        found = await rows.latest(self.pool, (after[0], after[1]) if after else None, paging.more)
        return paging.page(
            found, key=lambda it: (it.reported_at, str(it.verification_id)), show=lambda it: it
        )

    async def get_latest_verification(self, _caller: Caller) -> Verification:
        """The latest result. It is about all tenants."""
        found = await rows.latest(self.pool, None, 1)
        if not found:
            raise VerificationNotFound("No result of `feira verify` was reported.")
        return found[0]


def table(pool: asyncpg.Pool[asyncpg.Record], operators: Collection[str]) -> RouteTable:
    """``operators``: the roles of keys that may report and read results."""
    do = _Handlers(pool)
    last = f"{PATH}/latest"
    return RouteTable(
        "operations",
        (
            Route("POST", PATH, do.report_verification, operators, Verification, status=201),
            Route("GET", PATH, do.list_verifications, operators, Page[Verification]),
            Route("GET", last, do.get_latest_verification, operators, Verification, (VerificationNotFound,)),
        ),
    )
