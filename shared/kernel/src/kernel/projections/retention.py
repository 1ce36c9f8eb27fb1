"""Retention of runs: delete those that ended long ago, except for the latest of each read model and kind."""

from __future__ import annotations

from datetime import timedelta

from kernel.postgres.retention import Rule

DELETE_OLD_RUNS = """
    WITH old AS (
        SELECT run_id FROM read_model_run r
        WHERE state <> 'running' AND finished_at < now() - $1::interval
          AND EXISTS (SELECT FROM read_model_run later
                      WHERE (later.name, later.kind) = (r.name, r.kind) AND later.started_at > r.started_at)
        LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM read_model_run r USING old WHERE r.run_id = old.run_id
"""


def ended_runs(keep: timedelta) -> Rule:
    return Rule("runs of read models", keep, DELETE_OLD_RUNS)
