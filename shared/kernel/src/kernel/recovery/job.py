"""``python -m SERVICE recover-log``: brings back what a restored database has lost, and prints a report.

Exit codes: 0: the log has all that the topics hold (in a dry run: nothing is missing); 1: it could not be
recovered; 2: unknown options; 3: something is missing, and a dry run was asked for.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import structlog

from contracts.registry import MessageRegistry
from kernel.postgres.connections import create_pool
from kernel.postgres.service_pool import ServicePool
from kernel.recovery.derivations import Derivations
from kernel.recovery.log_recovery import (
    LogContradicts,
    LogRecovery,
    Recovered,
    RelayIsLeading,
    Repeat,
    repeat_nothing,
)
from kernel.service.settings import ServiceSettings
from kernel.store.event_store import EventStore

LOG = structlog.get_logger()
DRY_RUN, FROM_BEGINNING, ACCEPT = "--dry-run", "--from-beginning", "--accept-contradictions"
OPTIONS = frozenset({DRY_RUN, FROM_BEGINNING, ACCEPT})
STATEMENT_TIMEOUT = 6 * 3600.0
"""Seconds. A single statement appends all that a log lacks, which may be the whole log."""
USAGE = f"usage: recover-log [{DRY_RUN}] [{FROM_BEGINNING}] [{ACCEPT}]"


class RecoverySettings(ServiceSettings):
    """A recovery serves nothing and calls nothing outside: it needs the database and the broker alone."""

    port: int = 1


class Additions(NamedTuple):
    """What a recovery needs that is made with its connections."""

    derivations: Derivations
    repeat: Repeat


async def add_nothing(_pool: ServicePool) -> Additions:
    return Additions({}, repeat_nothing)


async def recover_log(
    settings: RecoverySettings,
    service: str,
    messages: MessageRegistry,
    derivations: Derivations,
    options: Sequence[str],
    add: Callable[[ServicePool], Awaitable[Additions]] = add_nothing,
) -> None:
    """Prints one JSON object on the standard output. ``add``: what comes beside ``derivations``."""
    if unknown := sorted(set(options) - OPTIONS):
        sys.stderr.write(f"unknown option {unknown[0]}; {USAGE}\n")
        sys.exit(2)
    dry_run = DRY_RUN in options
    name = f"{service} recover-log"
    pool = await create_pool(
        settings.database_url, settings.env, 2, name, statement_timeout=STATEMENT_TIMEOUT, as_itself=True
    )
    try:
        added = await add(pool)
        recovery = LogRecovery(
            service,
            EventStore(pool, messages, snapshot_facts=0),
            settings.kafka,
            messages,
            {**derivations, **added.derivations},
            repeat=added.repeat,
            from_beginning=FROM_BEGINNING in options,
            accept_contradictions=ACCEPT in options,
        )
        recovered = await _recover(recovery, dry_run=dry_run)
        repeated = 0
        if recovered is None and not dry_run:
            repeated = await recovery.repeat_alone()
    except LogContradicts as problem:
        LOG.error("log_not_recovered", service=service, reason=str(problem), examples=problem.examples)
        _print({"service": service, "error": str(problem), "examples": problem.examples})
        sys.exit(1)
    finally:
        pool.terminate()
    if recovered is None:
        LOG.info(
            "nothing_to_recover", service=service, reason="a relay leads: the log agrees with the topics"
        )
        _print({"service": service, "facts": 0, "commands": 0, "relay_leads": True, "repeated": repeated})
        return
    _print(as_json(recovered))
    if dry_run and recovered.facts + recovered.commands:
        sys.exit(3)


async def _recover(recovery: LogRecovery, *, dry_run: bool) -> Recovered | None:
    """None: a relay leads, and nothing is missing. Its lock alone does not prove that: a relay that is still
    comparing has it as well, and so has one that vanished with its machine. Raises ``LogContradicts``."""
    try:
        return await recovery.run(dry_run=dry_run)
    except RelayIsLeading as leading:
        found = await recovery.run(dry_run=True)
        if found.facts + found.commands:
            raise LogContradicts(
                f"{leading}, but messages are missing: stop the service's relays", []
            ) from None
        return None


def as_json(recovered: Recovered) -> dict[str, Any]:
    found = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in dataclasses.asdict(recovered).items()
    }
    return found | {"derived": recovered.derived._asdict() if recovered.derived else None}


def _print(report: object) -> None:
    sys.stdout.buffer.write(orjson.dumps(report) + b"\n")
    sys.stdout.flush()
