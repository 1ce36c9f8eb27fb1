"""The table of what was noted of payments: counted by the rules, and deleted after two days.

Values are pseudonyms. Attempts of one value are counted and noted one after the other: each takes a lock of
every one of its values, in the order of the locks, and reads the time only then. So of attempts at the same
moment one is the first, and every other one sees it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from checkout_saga.fraud.domain.signals import ADDRESS, ATTEMPT, EMAIL_MISMATCH, INSTRUMENT, INSTRUMENTS
from contracts.cart import RefusedRequest
from contracts.fraud_rules import FraudRule
from kernel.postgres import advisory_locks
from kernel.postgres.retention import Rule
from kernel.store.writing import Connection, columns

LOCK = f"""
    SELECT pg_advisory_xact_lock({advisory_locks.COUNTED_VALUES}, wanted)
    FROM unnest($1::integer[]) AS wanted
"""  # noqa: S608  # a constant
NOW = "SELECT feira_now() + (clock_timestamp() - now())"
"""The present moment: ``now`` is that of the transaction's beginning, before it had the locks."""
COUNT = """
    SELECT wanted.rule, count(e.*) AS events, count(DISTINCT e.instrument) AS instruments
    FROM unnest($3::text[], $4::text[], $5::text[], $6::uuid[], $7::interval[])
        AS wanted (rule, signal, dimension, value, span)
    JOIN fraud_events e
        ON (e.tenant, e.dimension, e.value, e.signal) = ($1, wanted.dimension, wanted.value, wanted.signal)
        AND e.at > $8::timestamptz - wanted.span AND e.at <= $8::timestamptz
        AND NOT (e.subject = $2 AND e.signal = 'attempt')
    GROUP BY wanted.rule
"""
ADD = """
    INSERT INTO fraud_events (tenant, subject, signal, dimension, value, instrument, at)
    SELECT $1, $2, $3, added.dimension, added.value, $6, $7
    FROM unnest($4::text[], $5::uuid[]) AS added (dimension, value)
    ON CONFLICT DO NOTHING
"""
ADD_REFUSED = """
    INSERT INTO fraud_events (tenant, subject, signal, dimension, value, at)
    SELECT $1, added.subject, added.signal, $2, $3, added.at
    FROM unnest($4::uuid[], $5::text[], $6::timestamptz[]) AS added (subject, signal, at)
    ON CONFLICT DO NOTHING
"""
DELETE_OLD = """
    WITH old AS (
        SELECT tenant, subject, signal, dimension FROM fraud_events WHERE at < feira_now() - $1::interval
        LIMIT $2
    )
    DELETE FROM fraud_events e USING old
    WHERE (e.tenant, e.subject, e.signal, e.dimension) = (old.tenant, old.subject, old.signal, old.dimension)
"""
OLD_EVENTS = Rule("fraud events", timedelta(hours=48), DELETE_OLD)
"""Retention: no rule counts further back than a day."""


@dataclass(frozen=True, slots=True)
class Noted:
    """An attempt to pay. ``subject``: its payment; ``values``: by dimension."""

    tenant: str
    subject: UUID
    values: Mapping[str, UUID]
    email_mismatch: bool = False


async def lock(connection: Connection, noted: Noted) -> datetime:
    """Until the end of the transaction no other attempt with one of these values is counted. Returns the
    time, by which everything that others have noted is in the past."""
    await connection.execute(LOCK, sorted({_number(noted.tenant, *it) for it in noted.values.items()}))
    now: datetime = await connection.fetchval(NOW)
    return now


# failpoint: none needed (store-transaction)
async def note_attempt(connection: Connection, noted: Noted, at: datetime) -> None:
    """A repetition changes nothing."""
    signals = [ATTEMPT, *([EMAIL_MISMATCH] if noted.email_mismatch else [])]
    dimensions, values = [*noted.values], [*noted.values.values()]
    instrument = noted.values.get(INSTRUMENT)
    for signal in signals:
        await connection.execute(ADD, noted.tenant, noted.subject, signal, dimensions, values, instrument, at)


# failpoint: none needed (store-transaction)
async def note_refused(connection: Connection, noted: Noted, refused: Sequence[RefusedRequest]) -> None:
    """What the carts have refused of the attempt's address. A request that is reported again, by another
    checkout from there, changes nothing."""
    value = noted.values.get(ADDRESS)
    if value and refused:
        reported = columns([(it.request_id, it.signal, it.at) for it in refused])
        await connection.execute(ADD_REFUSED, noted.tenant, ADDRESS, value, *reported)


async def count(
    connection: Connection, noted: Noted, rules: Sequence[FraudRule], now: datetime
) -> dict[str, int]:
    """By id of the rule, what it counts besides this attempt; a rule whose dimension has no value has
    none."""
    wanted = [
        (it.id, ATTEMPT if it.signal == INSTRUMENTS else it.signal, it.dimension, value, it.window_seconds)
        for it in rules
        if it.dimension and it.window_seconds and (value := noted.values.get(it.dimension))
    ]
    if not wanted:
        return {}
    ids, signals, dimensions, values, seconds = columns(wanted)
    spans = [timedelta(seconds=it) for it in seconds]  # type: ignore[arg-type]  # a column of numbers
    rows = await connection.fetch(
        COUNT, noted.tenant, noted.subject, ids, signals, dimensions, values, spans, now
    )
    distinct = {it.id for it in rules if it.signal == INSTRUMENTS}
    return {it["rule"]: it["instruments" if it["rule"] in distinct else "events"] for it in rows}


def _number(tenant: str, dimension: str, value: UUID) -> int:
    """The second key of the lock; two values that share one only wait for each other."""
    digest = hashlib.sha256(f"{tenant}\0{dimension}\0{value}".encode()).digest()
    return int.from_bytes(digest[:4], signed=True)
