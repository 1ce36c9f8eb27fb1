"""Gauges of sagas that have not ended, read from the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kernel.observability.metrics.sagas import NEEDING_OPERATOR, OLDEST_OPEN, OPEN
from kernel.postgres.gauges import Reading
from kernel.process.workflow import P, Workflow
from kernel.store.loading import LOG

WAITING = "waiting"
STATES = ("processing", "requires_action", WAITING, "compensating", "needs_operator")
"""The states of a process that has not ended. A process that waits has the state ``waiting`` in the place of
its status: the wait has a time limit."""
OVERDUE_AFTER = timedelta(minutes=5)
"""So long after the end of its time a wait counts as stuck."""


def states_of_open(workflow: Workflow[P], open_key: str, log: str = LOG) -> str:
    """A query of ``tenant``, ``holder``, ``value`` and ``state`` of each process that has not ended, and the
    time limit ``until`` of one that waits.
    ``open_key``: the kind of the unique key that a process holds from its start to its end; there must be an
    index for it. ``log``: as seen by those on whose behalf it is read.

    The state follows from the facts as in ``Process.evolve_steps``: from the last one, except where an undo
    has ended while another step needs an operator.
    """
    facts = workflow.kind.FACTS
    advanced, needed = facts.advanced.TYPE, facts.operator_needed.TYPE
    begun, acted = facts.compensation_started.TYPE, facts.action_required.TYPE
    waited = facts.waiting_began.TYPE
    return f"""
        SELECT c.tenant, c.holder, c.value, known.state,
            CASE WHEN type = '{waited}' THEN (body ->> 'until')::timestamptz END AS until
        FROM claims c
        LEFT JOIN LATERAL (
            SELECT version, type, convert_from(body, 'UTF8')::jsonb AS body FROM {log} l
            WHERE stream_id = c.holder
              AND type IN ('{advanced}', '{begun}', '{acted}', '{needed}', '{waited}')
            ORDER BY l.version DESC LIMIT 1
        ) AS last ON true
        CROSS JOIN LATERAL (SELECT CASE
            WHEN type = '{acted}' THEN 'requires_action'
            WHEN type = '{waited}' THEN '{WAITING}'
            WHEN type = '{begun}' THEN 'compensating'
            WHEN type = '{needed}' THEN 'needs_operator'
            WHEN jsonb_array_length(coalesce(body -> 'undone', '[]')) = 0
                OR jsonb_array_length(body -> 'done') + jsonb_array_length(body -> 'begun') > 0
                THEN 'processing'
            WHEN EXISTS (
                SELECT FROM {log} n WHERE n.stream_id = c.holder AND n.type = '{needed}'
                AND NOT EXISTS (
                    SELECT FROM {log} a WHERE a.stream_id = c.holder AND a.version > n.version AND (
                        a.type = '{begun}' OR a.type = '{advanced}'
                        AND convert_from(a.body, 'UTF8')::jsonb -> 'undone'
                            ? (convert_from(n.body, 'UTF8')::jsonb ->> 'step')))
            ) THEN 'needs_operator'
            ELSE 'compensating' END AS state) AS known
        WHERE c.kind = '{open_key}'
    """  # noqa: S608  # names of types and of a kind, from the code


def open_sagas(saga: str, workflow: Workflow[P], open_key: str) -> Reading:
    """``saga``: the value of the label; ``open_key``: as for ``states_of_open``, with values that begin with
    a ``time_key``."""
    query = f"""
        SELECT jsonb_build_object('states', coalesce(jsonb_object_agg(state, count), '{{}}'),
            'oldest', coalesce(extract(epoch FROM feira_now()) - min(oldest), 0))
        FROM (
            SELECT state, count(*) AS count, min(split_part(value, '/', 1)::numeric) FILTER (
                WHERE until IS NULL OR until + '{OVERDUE_AFTER}'::interval <= feira_now()) AS oldest
            FROM ({states_of_open(workflow, open_key)}) AS open
            GROUP BY state) AS states
    """  # noqa: S608  # names of types and of a kind, from the code

    def show(found: Any) -> None:
        for state in STATES:
            OPEN.labels(saga, state).set(found["states"].get(state, 0))
        NEEDING_OPERATOR.labels(saga).set(found["states"].get("needs_operator", 0))
        OLDEST_OPEN.labels(saga).set(max(0.0, float(found["oldest"])))

    return Reading(query, show)
