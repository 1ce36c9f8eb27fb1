"""The process manager of a renewal: charge, then extend; compensated in reverse if one is refused or late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from contracts.envelope import Command, Reply
from kernel.domain import Aggregate
from kernel.messaging.inbound import InboundMessage
from kernel.scheduling.timers import DueTimer
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection
from kernel.unit_of_work import UnitOfWork
from tests.integration.kernel.renewal import messages

DEADLINE = "renewal_deadline"
TIME_LIMIT = timedelta(hours=1)
STEPS = ("charge", "extend")
OUTCOMES: dict[type[Reply], str] = {
    messages.Charged: "completed",
    messages.ChargeRefused: "refused",
    messages.Refunded: "compensated",
    messages.Extended: "completed",
    messages.ExtensionRefused: "refused",
    messages.Withdrawn: "compensated",
}


class Renewal(Aggregate):
    def initialise(self) -> None:
        self.account_id: UUID
        self.months = 0
        self.states: dict[str, str] = {}
        """Step to begun, completed, refused or compensated."""
        self.is_compensating = False
        self.outcome = ""

    def request(self, account_id: UUID, months: int) -> None:
        self.record(messages.Requested(account_id=account_id, months=months))

    def begin(self, step: str) -> None:
        self.record(messages.StepBegun(step=step))

    def take(self, step: str, outcome: str) -> bool:
        """Record how the step ended; False if the reply is a repetition, or has been overtaken."""
        awaited = {"compensated"} if self.is_compensating else {"completed", "refused"}
        if self.outcome or outcome not in awaited or self.states.get(step) in {None, outcome}:
            return False
        self.record(messages.StepEnded(step=step, outcome=outcome))
        return True

    def compensate(self, reason: str) -> None:
        self.record(messages.CompensationBegun(reason=reason))

    def end(self, outcome: str) -> None:
        self.record(messages.Ended(outcome=outcome))

    def next_step(self) -> str | None:
        return next((it for it in STEPS if it not in self.states), None)

    def next_compensation(self) -> str | None:
        """The last step that has, or may have, taken effect: also one whose reply is still missing."""
        return next((it for it in reversed(STEPS) if self.states.get(it) in {"begun", "completed"}), None)

    def evolve(self, fact: object) -> None:
        match fact:
            case messages.Requested(account_id=account_id, months=months):
                self.account_id, self.months = account_id, months
            case messages.StepBegun(step=step):
                self.states[step] = "begun"
            case messages.StepEnded(step=step, outcome=outcome):
                self.states[step] = outcome
            case messages.CompensationBegun():
                self.is_compensating = True
            case messages.Ended(outcome=outcome):
                self.outcome = outcome


async def request(process_id: UUID, account_id: UUID, work: UnitOfWork) -> None:
    renewal = work.create(Renewal, process_id)
    renewal.request(account_id, months=12)
    work.set_timer(DEADLINE, process_id, work.now + TIME_LIMIT)
    _advance(renewal, work)


async def on_reply(reply: Reply, work: UnitOfWork) -> None:
    renewal = await work.open(Renewal, reply.process_id)
    outcome = OUTCOMES[type(reply)]
    if renewal.take(reply.step, outcome):
        if outcome == "refused":
            renewal.compensate(f"{reply.step} was refused")
        _advance(renewal, work)


async def on_deadline(timer: DueTimer, work: UnitOfWork) -> None:
    renewal = await work.open(Renewal, timer.subject)
    if not renewal.outcome and not renewal.is_compensating:
        renewal.compensate("the deadline has passed")
        _advance(renewal, work)


def _advance(renewal: Renewal, work: UnitOfWork) -> None:
    """Send the next command, or end the process if there is none."""
    if renewal.is_compensating:
        if step := renewal.next_compensation():
            _send(_compensation(renewal.id, step), work)
            return
    elif step := renewal.next_step():
        renewal.begin(step)
        _send(action(renewal, step), work)
        return
    renewal.end("failed" if renewal.is_compensating else "completed")
    work.cancel_timer(DEADLINE, renewal.id)


def action(renewal: Renewal, step: str) -> Command:
    kind = messages.Charge if step == "charge" else messages.Extend
    return kind(process_id=renewal.id, step=step, account_id=renewal.account_id, months=renewal.months)


def _compensation(process_id: UUID, step: str) -> Command:
    kind = messages.Refund if step == "charge" else messages.Withdraw
    return kind(process_id=process_id, step=step)


def _send(command: Command, work: UnitOfWork) -> None:
    work.send(command, key=command.process_id)


class ReplyHandler:
    types = frozenset(it.TYPE for it in OUTCOMES)

    def __init__(self, scope: str) -> None:
        self.scope = scope

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        work: PgUnitOfWork,
        connection: Connection,  # others write to the database themselves
    ) -> None:
        replies = [(it.context(), fact) for it in batch if isinstance(fact := it.fact(), Reply)]
        await work.preload_for((context, [(Renewal, it.process_id)]) for context, it in replies)
        for context, reply in replies:
            work.switch_context(context)
            await on_reply(reply, work)
