"""Retention of runs: delete those that ended long ago, but for the latest of each model and currency, to
which the results belong. Of the cut points, the history of segments keeps the latest day, too."""

from __future__ import annotations

from datetime import timedelta

from kernel.postgres.retention import Rule

DELETE_OLD_RUNS = """
    DELETE FROM model_run WHERE (tenant, run_id) IN (
        SELECT tenant, run_id FROM model_run r
        WHERE state NOT IN ('queued', 'running') AND finished_at < feira_now() - $1::interval
          AND EXISTS (SELECT FROM model_run later
                      WHERE (later.tenant, later.model, later.currency, later.state)
                          = (r.tenant, r.model, r.currency, r.state) AND later.finished_at > r.finished_at)
        LIMIT $2)
"""


def ended_model_runs(keep: timedelta) -> Rule:
    return Rule("runs of models", keep, DELETE_OLD_RUNS)
