"""Reconciliations with the gateway: who asks for them, what differs there, and the rule that holds for them.

R1: an account at which money was authorized is compared as often as its schedule says, and the last time
nothing is found any more; nothing is held for a checkout that is not under way; and no difference is reported
but those that were made.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import orjson

from checkout_saga.payments.accounts.domain import account_id
from checkout_saga.payments.domain.entries import Window
from checkout_saga.reconciliation.asking import start_asked_run
from checkout_saga.reconciliation.domain.codes import NOT_GIVEN_BACK
from contracts import payment
from contracts import reconciliation as facts
from kernel import ids
from kernel.store.pg_unit_of_work import PgUnitOfWork
from simulators.gateway import tokens
from simulators.gateway.payment import RequestedAmount
from tests.proofs.simulation.gateway_list import held
from tests.proofs.simulation.ledger import Request
from tests.proofs.simulation.scheduler import EPOCH
from tests.proofs.simulation.services import CHECKOUT

if TYPE_CHECKING:
    from tests.proofs.simulation.world import World

GATEWAY = "simulated"
AMOUNT = RequestedAmount(1_234, "USD")
MADE = {NOT_GIVEN_BACK}
"""The codes of the differences that are made here: an operator says falsely that an authorization has ended,
and the gateway refuses to end it."""
SLACK = timedelta(hours=1)


async def ask_for_run(work: PgUnitOfWork) -> UUID:
    """An operator has everything compared that has happened so far."""
    tenant = work.context.tenant
    window = Window(GATEWAY, tenant, EPOCH, work.now)
    run = await start_asked_run(account_id(tenant, GATEWAY), window, work, needs_account=False)
    return run.id


def lose_authorization(world: World, tenant: str) -> None:
    """The gateway holds money for a checkout that the log does not know, as after a restored database."""
    checkout_id = ids.new_id()
    lost = f"{checkout_id}:authorize:1"
    payment_id = str(ids.new_id())
    request = Request("authorize", tenant, payment_id, lost, AMOUNT, str(checkout_id), tokens.OK)
    _, entry = world.ledger.perform(request, world.scheduler.now)
    if entry is not None:
        world.done_at_gateway(entry)


def look_at_reconciliations(world: World) -> None:
    """Check R1 at the end of a run."""
    for code, what in _differences(world):
        if code not in MADE:
            world.broken("R1", f"a difference that was not made: {what}")
    if world.workload.reconciled:
        first: dict[str, datetime] = {}
        for it in world.databases[CHECKOUT].log:
            if it.type == payment.Authorized.TYPE:
                first.setdefault(it.tenant, it.recorded_at)
        for tenant, since in first.items():
            _look_at_account(world, tenant, since)


def _look_at_account(world: World, tenant: str, since: datetime) -> None:
    """``since``: when money was first authorized at it."""
    every, now = timedelta(hours=world.workload.reconciled), world.scheduler.now
    runs = [it for it in _ended_runs(world, tenant) if it.at > since + every - SLACK]
    if now - (runs[-1].at if runs else since) > every + SLACK:
        world.broken("R1", f"{tenant} was not compared in time")
    if len(runs) > 1 and runs[-1].found_something:
        world.broken("R1", f"the last comparison of {tenant} has found something")
    for entry in held(world.ledger):
        if entry.merchant == tenant and now - world.ledger.done_at[entry.number] > 2 * every:
            world.broken("R1", f"{entry.payment_id} is held for nothing")


class Run(NamedTuple):
    """A comparison that has ended. ``found_something``: it has repaired or reported some, or has failed."""

    at: datetime
    found_something: bool


def _differences(world: World) -> Iterator[tuple[str, str]]:
    for it in world.databases[CHECKOUT].log:
        if it.type == facts.DifferenceFound.TYPE:
            yield orjson.loads(it.body)["code"], it.body.decode()


def _ended_runs(world: World, tenant: str) -> Iterator[Run]:
    for it in world.databases[CHECKOUT].log:
        if it.type == facts.Completed.TYPE and it.tenant == tenant:
            body = orjson.loads(it.body)
            found = body["repaired"] or body["open"] or body.get("failure")
            yield Run(it.recorded_at, bool(found))
