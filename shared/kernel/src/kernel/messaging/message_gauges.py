"""Gauges of the outbox and of parked records, read from the database."""

from __future__ import annotations

from typing import Any

from kernel.observability.metrics.consumers import PARKED_OLDEST, PARKED_RECORDS
from kernel.observability.metrics.log import OLDEST_UNPUBLISHED, RELAY_GENERATION, UNPUBLISHED
from kernel.postgres.gauges import Reading

MAX_COUNTED = 100_000
"""Counting more unpublished messages would take seconds, and say nothing new."""
OUTBOX = f"""
    SELECT jsonb_build_object(
        'count', (SELECT count(*) FROM (
            SELECT FROM log WHERE position > c.position LIMIT {MAX_COUNTED}) AS unpublished),
        'oldest', coalesce((SELECT extract(epoch FROM feira_now() - recorded_at) FROM log
                            WHERE position > c.position ORDER BY position LIMIT 1), 0),
        'generation', c.generation)
    FROM relay_cursor c
"""  # noqa: S608  # a constant
PARKED = """
    SELECT jsonb_build_object(
        'counts', coalesce(jsonb_agg(jsonb_build_array(grp, reason, count)), '[]'),
        'oldest', coalesce(extract(epoch FROM now() - min(oldest)), 0))
    FROM (SELECT grp, reason, count(*) AS count, min(parked_at) AS oldest
          FROM parked WHERE resolved_at IS NULL GROUP BY grp, reason) AS p
"""


def outbox() -> Reading:
    return Reading(OUTBOX, _show_outbox)


def parked() -> Reading:
    return Reading(PARKED, _show_parked)


def _show_outbox(found: Any) -> None:
    UNPUBLISHED.set(found["count"])
    OLDEST_UNPUBLISHED.set(max(0.0, found["oldest"]))
    RELAY_GENERATION.set(found["generation"])


def _show_parked(found: Any) -> None:
    # those that are no longer there at all must not keep their last number
    PARKED_RECORDS.clear()
    for group, reason, count in found["counts"]:
        PARKED_RECORDS.labels(group, reason).set(count)
    PARKED_OLDEST.set(max(0.0, found["oldest"]))
