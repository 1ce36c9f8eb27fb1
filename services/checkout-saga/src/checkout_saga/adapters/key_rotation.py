"""``python -m checkout_saga rewrap``: one run, after which the older master keys are needed no more."""

from __future__ import annotations

import sys
from dataclasses import asdict

import asyncpg
import structlog

from checkout_saga.settings import CheckoutSettings
from kernel.database import CONNECT_SECONDS, STATEMENT_SECONDS
from kernel.key_rotation import Progress, rewrap

log = structlog.get_logger()


async def rotate_keys(settings: CheckoutSettings) -> None:
    """Ends with 1 where a key of a customer was wrapped by none of the master keys told."""
    connection = await asyncpg.connect(
        settings.database_url, timeout=CONNECT_SECONDS, command_timeout=STATEMENT_SECONDS
    )
    try:
        done = await rewrap(connection, settings.master_keys, _tell)
    finally:
        await connection.close(timeout=CONNECT_SECONDS)
    log.info("rewrapped", **asdict(done))
    if done.unreadable:
        sys.exit(1)


def _tell(done: Progress) -> None:
    log.info("rewrapping", **asdict(done))
