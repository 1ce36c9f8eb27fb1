"""Store the verdicts of a run in the projections service, which shows them and exports them as metrics."""

from __future__ import annotations

import time
from uuid import uuid4

from cli.errors import ServiceAway
from cli.http_client import post
from verify.report import Report

TRIES = 5
PAUSE_SECONDS = 2.0


def store_report(report: Report, key: str) -> None:
    """Repeats a request whose answer was lost: the report has an id, by which it is stored once. Raises
    ``StackError``."""
    body = {"verification_id": str(uuid4()), **report.as_reported()}
    for tries_left in reversed(range(TRIES)):
        try:
            post("projections", "/v1/verifications", key, body, idempotency_key=body["verification_id"])
            return
        except ServiceAway:
            if not tries_left:
                raise
        time.sleep(PAUSE_SECONDS)
