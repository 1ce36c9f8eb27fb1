"""The stored results of `feira verify`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from kernel.domain import NotFound
from kernel.postgres.retention import Rule
from kernel.store.writing import Connection
from projections.verifications.schemas import Verification, VerificationReport

COLUMNS = (
    "verification_id, reported_at, reported_by, holds, is_complete, seconds, checks, compared, in_flight"
)
INSERT = """
    INSERT INTO verification
        (verification_id, reported_by, holds, is_complete, seconds, checks, compared, in_flight)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (verification_id) DO NOTHING
"""
ONE = f"SELECT {COLUMNS} FROM verification WHERE verification_id = $1"  # noqa: S608  # constants
LATEST = f"""
    SELECT {COLUMNS} FROM verification
    WHERE $1::timestamptz IS NULL OR (reported_at, verification_id) < ($1, $2)
    ORDER BY reported_at DESC, verification_id DESC LIMIT $3
"""  # noqa: S608  # constants
DELETE_OLD = """
    DELETE FROM verification WHERE verification_id IN (
        SELECT verification_id FROM verification v
        WHERE reported_at < now() - $1::interval AND EXISTS (
            SELECT FROM verification later WHERE later.reported_at > v.reported_at
            AND later.is_complete >= v.is_complete)
        LIMIT $2)
"""
"""The latest one and the latest complete one stay."""


class VerificationNotFound(NotFound):
    """No result of `feira verify` was reported."""

    code = "VERIFICATION_NOT_FOUND"


# failpoint: none needed (store-transaction)
async def store(connection: Connection, report: VerificationReport, reporter: str) -> Verification:
    """Store a report once, and return what is stored under its id."""
    checks = [it.model_dump() for it in report.checks]
    await connection.execute(
        INSERT,
        report.verification_id,
        reporter,
        report.holds,
        report.is_complete,
        report.seconds,
        checks,
        report.compared,
        report.in_flight,
    )
    return _view(await connection.fetchrow(ONE, report.verification_id))


async def latest(
    pool: asyncpg.Pool[asyncpg.Record], after: tuple[datetime, UUID] | None, limit: int
) -> list[Verification]:
    """The latest first, from the one behind ``after``."""
    return [_view(row) for row in await pool.fetch(LATEST, *(after or (None, None)), limit)]


def old_verifications(keep: timedelta) -> Rule:
    return Rule("verifications", keep, DELETE_OLD)


def _view(row: Any) -> Verification:
    return Verification(**row)
