"""Collect what simulated worlds have stored into the dataset that ``feira verify`` checks, and check it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from kernel.store.changes import LogRow
from tests.proofs.simulation import booked
from tests.proofs.simulation.play import END
from tests.proofs.simulation.scheduler import EPOCH
from tests.proofs.simulation.services import CHECKOUT, SERVICES
from tests.proofs.simulation.world import Violation, World
from verify.check import Check, run_check
from verify.checks import (
    campaigns,
    fulfillment,
    gateway_reconciliation,
    keys,
    ledger,
    log,
    money,
    orders,
    promotions,
    referrals,
    restocks,
    rewards,
    sagas,
    stock,
    taken_back,
    tenants,
)
from verify.dataset.dataset import Dataset
from verify.dataset.logs import CHECKOUT_TYPES, KEPT_BODIES

IN_MEMORY = Path(":memory:")
APART = 1_000_000
"""Positions of one world's logs lie below this; the next world's begin above."""
LOGS_ALONE = {"E1", "E2", "E4"}
"""Rules about topics on a real broker; the simulated consumers check the order themselves."""
FAMILIES = (
    *(log, money, gateway_reconciliation, stock, restocks, promotions, referrals, campaigns),
    *(sagas, keys, fulfillment, taken_back, orders, tenants, ledger, rewards),
)
CHECKS: tuple[Check, ...] = tuple(
    it for family in FAMILIES for it in family.CHECKS if it.name not in LOGS_ALONE
)
NO_DIGEST = b""
"""Used only by the rules that are left out here."""
PERSONAL = ("personal", "payment_token", "customer_id", "session_id")
CUSTOMER = {"promotion": "customer_id", "referral_rule": "referee_id"}
"""By stream the field with whom a use is counted."""
STEP_COMPLETED, ADVANCED = "checkout.step_completed", "checkout.advanced"


class Kept(NamedTuple):
    """Which parts of a row the rules need."""

    checkout: bool
    body: bool


@cache
def _kept(type_: str) -> Kept:
    """By the patterns that ``feira verify`` copies a real log by."""

    def fits(patterns: Iterable[str]) -> bool:
        return any(fnmatchcase(type_, it.replace("%", "*")) for it in patterns)

    return Kept(fits(CHECKOUT_TYPES), fits(KEPT_BODIES))


@contextmanager
def _evidence() -> Iterator[Dataset]:
    it = Dataset(IN_MEMORY)
    try:
        it.begin()
        yield it
    finally:
        it.close()


def judged(worlds: Iterable[World]) -> list[Violation]:
    """The violations that the rules find in these worlds together."""
    with _evidence() as evidence:
        evidence.add("horizon", [("now", EPOCH.timestamp() + END / 1e6), ("settled", 1e18)])
        evidence.add("read_model_type", [(booked.NAME, it) for it in sorted(booked.types())])
        for number, world in enumerate(worlds):
            _add(evidence, world, number * APART)
        evidence.sql.execute("CREATE INDEX log_by_stream ON log (stream_id, version)")
        evidence.derive()
        results = [run_check(check, evidence) for check in CHECKS]
    return [
        Violation(it.check, orjson.dumps(dict(row), default=str).decode())
        for it in results
        for row in it.rows
    ]


def _add(evidence: Dataset, world: World, above: int) -> None:
    for service in SERVICES:
        database = world.databases[service]
        evidence.add("log", (_row(service, above + at, it) for at, it in enumerate(database.log, start=1)))
        evidence.add(
            "seen",
            (
                (service, group, str(stream), version)
                for group, seen in database.seen.items()
                for stream, version in seen.items()
            ),
        )
        timers = database.timers.values()
        evidence.add(
            "timer",
            (
                (
                    service,
                    str(it.subject),
                    it.kind,
                    it.tenant,
                    it.due_at.timestamp(),
                    it.payload.get("tries", 0),
                )
                for it in timers
            ),
        )
        evidence.add(
            "belonging", ((service, f"timer {it.kind}", it.tenant, str(it.subject)) for it in timers)
        )
        names = database.holders.items()
        evidence.add(
            "belonging", ((service, f"name {kind}", tenant, str(it)) for (tenant, kind, _), it in names)
        )
    checkouts = world.databases["checkout-saga"].responses.items()
    evidence.add(
        "idempotency",
        (
            (tenant, what, who, str(it))
            for (tenant, what, who), it in checkouts
            if what.startswith("checkout")
        ),
    )
    books = booked.booked(world.databases[CHECKOUT])
    evidence.add("ledger_entry", books.entries)
    evidence.add("seen", books.read)
    _add_ledger(evidence, world, above)


def _add_ledger(evidence: Dataset, world: World, above: int) -> None:
    ledger = world.ledger
    evidence.add(
        "payment",
        (
            (
                *place,
                ledger.checkouts.get(place),
                it.status,
                it.currency,
                it.authorized,
                it.captured,
                it.refunded,
            )
            for place, it in ledger.payments.items()
        ),
    )
    evidence.add(
        "operation",
        (
            (
                *(it.merchant, it.key, it.operation, it.payment_id, above + it.number),
                *(it.status, it.code, it.amount, it.currency, it.reference),
            )
            for it in ledger.entries.values()
        ),
    )


def _row(service: str, position: int, it: LogRow) -> tuple[Any, ...]:
    kept = _kept(it.type)
    needs_body = it.kind == "command" or kept.checkout or it.type in (STEP_COMPLETED, ADVANCED)
    body: dict[str, Any] = orjson.loads(it.body) if needs_body else {}
    kept_body: str | None = None
    if it.type == STEP_COMPLETED:
        kept_body = orjson.dumps({"step": body["step"]}).decode()
    elif it.type == ADVANCED:
        kept_body = orjson.dumps(body | {"done": [{"step": one["step"]} for one in body["done"]]}).decode()
    elif it.type.startswith("referral_rule.use"):
        kept_body = orjson.dumps({"referrer": body["referrer_id"]}).decode()
    elif kept.body:
        kept_body = orjson.dumps({name: body[name] for name in body if name not in PERSONAL}).decode()
    stream, key = str(it.stream_id), str(it.key) if it.key is not it.stream_id else ""
    return (
        *(service, position, stream, it.version, str(it.message_id), it.kind, it.tenant, it.topic),
        *(key or stream, it.type, it.causation_id, it.recorded_at.timestamp()),
        NO_DIGEST,
        body.get("checkout_id"),
        body.get(CUSTOMER.get(it.type.partition(".")[0], "")),
        kept_body,
    )
