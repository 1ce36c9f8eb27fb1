"""Gauges of sagas that have not ended, read from the database."""

from __future__ import annotations

from typing import Any

from kernel.observability.metrics.sagas import NEEDING_OPERATOR, OLDEST_OPEN, OPEN
from kernel.postgres.gauges import Reading
from kernel.process.workflow import P, Workflow

STATES = ("processing", "requires_action", "compensating", "needs_operator")
"""The statuses of a process that has not ended."""


def open_sagas(saga: str, workflow: Workflow[P], open_key: str) -> Reading:
    """``saga``: the value of the label; ``open_key``: the kind of the unique key that a process holds from
    its start to its end, whose value begins with a ``time_key``. There must be an index for it.

    The state follows from the facts as in ``Process.evolve_steps``: from the last one, except where an undo
    has ended while another step needs an operator.
    """
    facts = workflow.kind.FACTS
    advanced, needed = facts.advanced.TYPE, facts.operator_needed.TYPE
    begun, acted = facts.compensation_started.TYPE, facts.action_required.TYPE
    query = f"""
        SELECT jsonb_build_object('states', coalesce(jsonb_object_agg(state, count), '{{}}'),
            'oldest', coalesce(extract(epoch FROM feira_now()) - min(oldest), 0))
        FROM (
            SELECT state, count(*) AS count, min(split_part(value, '/', 1)::numeric) AS oldest
            FROM claims c
            LEFT JOIN LATERAL (
                SELECT version, type, convert_from(body, 'UTF8')::jsonb AS body FROM log
                WHERE stream_id = c.holder AND type IN ('{advanced}', '{begun}', '{acted}', '{needed}')
                ORDER BY log.version DESC LIMIT 1
            ) AS last ON true
            CROSS JOIN LATERAL (SELECT CASE
                WHEN type = '{acted}' THEN 'requires_action'
                WHEN type = '{begun}' THEN 'compensating'
                WHEN type = '{needed}' THEN 'needs_operator'
                WHEN jsonb_array_length(coalesce(body -> 'undone', '[]')) = 0
                    OR jsonb_array_length(body -> 'done') + jsonb_array_length(body -> 'begun') > 0
                    THEN 'processing'
                WHEN EXISTS (
                    SELECT FROM log n WHERE n.stream_id = c.holder AND n.type = '{needed}'
                    AND NOT EXISTS (
                        SELECT FROM log a WHERE a.stream_id = c.holder AND a.version > n.version AND (
                            a.type = '{begun}' OR a.type = '{advanced}'
                            AND convert_from(a.body, 'UTF8')::jsonb -> 'undone'
                                ? (convert_from(n.body, 'UTF8')::jsonb ->> 'step')))
                ) THEN 'needs_operator'
                ELSE 'compensating' END AS state) AS known
            WHERE kind = '{open_key}'
            GROUP BY state) AS states
    """  # noqa: S608  # names of types and of a kind, from the code

    def show(found: Any) -> None:
        for state in STATES:
            OPEN.labels(saga, state).set(found["states"].get(state, 0))
        NEEDING_OPERATOR.labels(saga).set(found["states"].get("needs_operator", 0))
        OLDEST_OPEN.labels(saga).set(max(0.0, float(found["oldest"])))

    return Reading(query, show)
