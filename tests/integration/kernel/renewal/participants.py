"""The two participants of a renewal: billing, which calls a provider, and access, which decides alone.

Each derives its stream's id from the process id: consumers deduplicate by stream id, so the streams of two
services must not share one.
"""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from contracts.envelope import Command, Reply
from kernel import ids
from kernel.command_routes import CommandRoute, PreloadKeys
from kernel.domain import Aggregate
from kernel.scheduling.call_result import CallResult
from kernel.scheduling.timers import DueTimer
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork
from tests.integration.kernel.renewal import messages

CALL = "charge_call"


class Payment(Aggregate):
    """The charge of one process."""

    def initialise(self) -> None:
        self.is_requested = False
        self.reply: Reply | None = None

    def evolve(self, fact: object) -> None:
        match fact:
            case messages.ChargeRequested():
                self.is_requested = True
            case Reply() as reply:
                self.reply = reply


class Extension(Aggregate):
    """The extension of one process."""

    def initialise(self) -> None:
        self.reply: Reply | None = None

    def evolve(self, fact: object) -> None:
        if isinstance(fact, Reply):
            self.reply = fact


class Provider:
    """A payment provider that honours idempotency keys."""

    def __init__(self) -> None:
        self.broke: set[UUID] = set()
        """Accounts whose charges it declines."""
        self.charged: Counter[UUID] = Counter()
        """Idempotency key to the number of requests under it."""

    async def charge(self, key: UUID, account_id: UUID) -> bool:
        self.charged[key] += 1
        return account_id not in self.broke


class Billing:
    """A charge is an outbound call: its intent is stored with the fact, its outcome is the reply."""

    def __init__(self, store: EventStore, provider: Provider) -> None:
        self._store = store
        self._provider = provider
        self.routes: dict[type[Command], CommandRoute] = {
            messages.Charge: CommandRoute(self._charge, _payment),
            messages.Refund: CommandRoute(self._refund, _payment),
        }
        self.callers = {CALL: self._call}

    async def _charge(self, command: messages.Charge, work: UnitOfWork) -> None:
        payment = await work.open(Payment, payment_id(command.process_id))
        if payment.reply:
            payment.record(payment.reply.unrecorded())
        elif not payment.is_requested:
            payment.record(messages.ChargeRequested(account_id=command.account_id))
            call = {
                "process_id": str(command.process_id),
                "step": command.step,
                "account_id": str(command.account_id),
            }
            work.set_timer(CALL, payment.id, work.now, call)

    async def _refund(self, command: messages.Refund, work: UnitOfWork) -> None:
        payment = await work.open(Payment, payment_id(command.process_id))
        work.cancel_timer(CALL, payment.id)
        payment.record(messages.Refunded(process_id=command.process_id, step=command.step))

    async def _call(self, timer: DueTimer) -> CallResult:
        process_id = UUID(timer.payload["process_id"])
        is_accepted = await self._provider.charge(process_id, UUID(timer.payload["account_id"]))

        async def record(work: UnitOfWork) -> None:
            payment = await work.open(Payment, timer.subject)
            if payment.reply is None:
                request: dict[str, Any] = {"process_id": process_id, "step": timer.payload["step"]}
                refused = messages.ChargeRefused(**request, code="BROKE", detail="The provider has declined.")
                payment.record(messages.Charged(**request) if is_accepted else refused)
            work.cancel_timer(CALL, payment.id)

        await self._store.run(timer.context, record, timer.lease)
        return CallResult.DONE


class Access:
    def __init__(self) -> None:
        self.closed: set[UUID] = set()
        """Accounts that are refused."""
        self.silent: set[UUID] = set()
        """Accounts that get no reply."""
        self.routes: dict[type[Command], CommandRoute] = {
            messages.Extend: CommandRoute(self._extend, _extension),
            messages.Withdraw: CommandRoute(self._withdraw, _extension),
        }

    async def _extend(self, command: messages.Extend, work: UnitOfWork) -> None:
        if command.account_id in self.silent:
            return
        extension = await work.open(Extension, extension_id(command.process_id))
        request: dict[str, Any] = {"process_id": command.process_id, "step": command.step}
        if command.account_id in self.closed:
            refused = messages.ExtensionRefused(**request, code="CLOSED", detail="The account is closed.")
            extension.record(refused)
        else:
            extension.record(messages.Extended(**request))

    async def _withdraw(self, command: messages.Withdraw, work: UnitOfWork) -> None:
        extension = await work.open(Extension, extension_id(command.process_id))
        extension.record(messages.Withdrawn(process_id=command.process_id, step=command.step))


def payment_id(process_id: UUID) -> UUID:
    return ids.derive_id(process_id, "payment")


def extension_id(process_id: UUID) -> UUID:
    return ids.derive_id(process_id, "extension")


def _payment(command: Command) -> PreloadKeys:
    yield Payment, payment_id(command.process_id)


def _extension(command: Command) -> PreloadKeys:
    yield Extension, extension_id(command.process_id)
