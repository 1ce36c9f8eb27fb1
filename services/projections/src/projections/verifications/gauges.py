"""The gauges of the last complete run of `feira verify`, read from the database by every replica."""

from __future__ import annotations

from typing import Any

from kernel.observability.metrics.declaring import Part, expose
from kernel.observability.metrics.read_models import VERIFIED_AT, VIOLATIONS
from kernel.postgres.gauges import Reading

LATEST = """
    SELECT jsonb_build_object('at', extract(epoch FROM reported_at), 'checks', checks) FROM verification
    WHERE is_complete ORDER BY reported_at DESC LIMIT 1
"""


def latest() -> Reading:
    expose(Part.VERIFY)
    return Reading(LATEST, _show)


def _show(found: Any) -> None:
    """Checks that the run did not judge have no value."""
    VIOLATIONS.clear()
    if found is None:
        return
    VERIFIED_AT.set(found["at"])
    for check in found["checks"]:
        if check["verdict"] != "not_judged":
            VIOLATIONS.labels(check["check"]).set(check["violations"])
