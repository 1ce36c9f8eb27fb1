"""Replace the results of a model in one transaction, with the end of the run: half a run is never visible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from kernel.postgres.service_pool import ServicePool
from kernel.store.writing import Connection
from projections.model_runs import queue
from projections.model_runs.fits.outcome import Outcome
from projections.model_runs.models import CUSTOMER_SEGMENTS, CUSTOMER_VALUE
from projections.model_runs.queue import Ended, Taken

AT_ONCE = 5_000
DELETE_VALUES = "DELETE FROM customer_value WHERE tenant = $1 AND currency = $2"
ADD_VALUES = """
    INSERT INTO customer_value
        (tenant, customer_id, currency, run_id, p_alive, probability_90d, expected_orders_90d, value_12m)
    SELECT $1, customer_id, $2, $3, p_alive, probability, orders, value
    FROM unnest($4::text[], $5::float8[], $6::float8[], $7::float8[], $8::bigint[])
        AS it (customer_id, p_alive, probability, orders, value)
"""
DELETE_POINTS = "DELETE FROM forecast_point WHERE tenant = $1 AND currency = $2"
ADD_POINTS = """
    INSERT INTO forecast_point (tenant, currency, run_id, name, period, value, low, high)
    SELECT $1, $2, $3, * FROM unnest($4::text[], $5::date[], $6::float8[], $7::float8[], $8::float8[])
"""
DELETE_LATER_SEGMENTS = """
    DELETE FROM customer_segment WHERE tenant = $1 AND currency = $2 AND from_day >= $3
"""
DELETE_LATER_CUT_POINTS = """
    DELETE FROM segment_cut_points WHERE tenant = $1 AND currency = $2 AND day >= $3
"""
ADD_CUT_POINTS = """
    INSERT INTO segment_cut_points (tenant, currency, day, cut_points) VALUES ($1, $2, $3, $4)
"""
ADD_SEGMENTS = """
    INSERT INTO customer_segment (tenant, currency, from_day, customer_id, r, f, m, segment)
    SELECT $1, $2, $3, it.*
    FROM unnest($4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[])
        AS it (customer_id, r, f, m, segment)
    LEFT JOIN LATERAL (
        SELECT r, f, m, segment FROM customer_segment before
        WHERE (before.tenant, before.currency, before.customer_id) = ($1, $2, it.customer_id)
        ORDER BY from_day DESC LIMIT 1) AS before ON true
    WHERE (before.r, before.f, before.m, before.segment) IS DISTINCT FROM (it.r, it.f, it.m, it.segment)
"""


# failpoint: none needed (model-run)
async def store(pool: ServicePool, run: Taken, outcome: Outcome) -> bool:
    """False, and nothing is changed, if another worker has the run."""
    how = Ended(
        "done",
        trained_from=outcome.trained_from,
        trained_to=outcome.trained_to,
        rows=len(outcome.results),
        parameters=outcome.parameters,
        log_likelihood=outcome.log_likelihood,
        errors=outcome.errors,
    )
    async with pool.acquire() as connection, connection.transaction():
        if not await queue.end(connection, run, how):
            return False
        if run.model == CUSTOMER_VALUE:
            await _replace(connection, run, outcome, DELETE_VALUES, ADD_VALUES)
        elif run.model == CUSTOMER_SEGMENTS:
            await _add_segments(connection, run, outcome)
        else:
            await _replace(connection, run, outcome, DELETE_POINTS, ADD_POINTS)
    return True


# failpoint: none needed (model-run), 2 calls
async def _replace(connection: Connection, run: Taken, outcome: Outcome, delete: str, add: str) -> None:
    await connection.execute(delete, run.tenant, run.currency)
    for columns in _columns(outcome.results):
        await connection.execute(add, run.tenant, run.currency, run.run_id, *columns)


# failpoint: none needed (model-run), 4 calls
async def _add_segments(connection: Connection, run: Taken, outcome: Outcome) -> None:
    """Where they differ from the days before. A run of the same day, or of an earlier one, replaces what was
    found since."""
    of_day = run.tenant, run.currency, outcome.trained_to
    await connection.execute(DELETE_LATER_SEGMENTS, *of_day)
    await connection.execute(DELETE_LATER_CUT_POINTS, *of_day)
    await connection.execute(ADD_CUT_POINTS, *of_day, outcome.parameters)
    for columns in _columns(outcome.results):
        await connection.execute(ADD_SEGMENTS, *of_day, *columns)


def _columns(rows: Sequence[tuple[Any, ...]]) -> Iterator[list[list[Any]]]:
    """The columns of so many rows at once."""
    left = iter(rows)
    while some := list(islice(left, AT_ONCE)):
        yield [list(it) for it in zip(*some, strict=True)]
