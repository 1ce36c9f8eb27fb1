"""Begin a move of the stack's clock and wait for its end, also while services are restarted."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from cli.errors import ServiceAway
from cli.http_client import get, post

OUTAGE_SECONDS = 90.0
"""How long the services may be away, one after the other or together."""
POLL_SECONDS = 0.3


def started(service: str, path: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Repeated with the same idempotency key, a move is recorded once. Raises ``StackError``."""
    once = uuid4().hex
    return _in_spite_of_outages(lambda: post(service, path, key, body, idempotency_key=once))


def finished(service: str, path: str, key: str, report: Callable[[str], None]) -> dict[str, Any]:
    """The clock after the move. Raises ``StackError``. ``report`` gets a line of progress."""
    while (found := _in_spite_of_outages(lambda: get(service, path, key)))["state"] != "still":
        report(f"{found['now']} of {found['reaches']}: {', '.join(found['under_way'])}")
        time.sleep(POLL_SECONDS)
    return found


def _in_spite_of_outages(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    deadline = time.monotonic() + OUTAGE_SECONDS
    while True:
        try:
            return call()
        except ServiceAway:
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_SECONDS)
