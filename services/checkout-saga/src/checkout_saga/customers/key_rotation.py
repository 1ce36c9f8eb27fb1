"""``python -m checkout_saga rewrap``: wraps all keys anew, so that older master keys are no longer needed."""

from __future__ import annotations

import sys
from dataclasses import asdict

import asyncpg
import structlog

from checkout_saga.settings import CheckoutSettings
from kernel.postgres.connections import CONNECT_TIMEOUT, STATEMENT_TIMEOUT
from kernel.security.key_rotation import Progress, rewrap

log = structlog.get_logger()


async def rotate_keys(settings: CheckoutSettings) -> None:
    """Exits with 1 if a customer's key is wrapped by none of the configured master keys."""
    connection = await asyncpg.connect(
        settings.database_url, timeout=CONNECT_TIMEOUT, command_timeout=STATEMENT_TIMEOUT
    )
    try:
        done = await rewrap(connection, settings.master_keys, _log_progress)
    finally:
        await connection.close(timeout=CONNECT_TIMEOUT)
    log.info("rewrapped", **asdict(done))
    if done.unreadable:
        sys.exit(1)


def _log_progress(done: Progress) -> None:
    log.info("rewrapping", **asdict(done))
