"""The process manager of a renewal: charge, then extend; compensated if one is refused or late."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from contracts.envelope import Command
from contracts.process import ProcessFact
from kernel.process.manager import ProcessManager
from kernel.process.process import FactTypes, Process
from kernel.process.state import Failure, Reason
from kernel.process.workflow import Send, Step, Workflow
from kernel.scheduling.timers import DueTimer
from kernel.unit_of_work import UnitOfWork
from tests.integration.kernel.renewal import messages

DEADLINE = "renewal_deadline"
TIME_LIMIT = timedelta(hours=1)
RenewalFact = messages.Requested | messages.Completed | messages.Failed | ProcessFact


class Renewal(Process):
    FACTS = FactTypes(
        started=messages.Requested,
        advanced=messages.Advanced,
        compensation_started=messages.CompensationStarted,
        action_required=messages.ActionRequired,
        operator_needed=messages.OperatorNeeded,
        operator_retried=messages.OperatorRetried,
        operator_resolved=messages.OperatorResolved,
        waiting_began=messages.WaitingBegan,
        deadline_moved=messages.DeadlineMoved,
        completed=messages.Completed,
        failed=messages.Failed,
    )

    def request(self, account_id: UUID, months: int, deadline: datetime) -> None:
        self.record(messages.Requested(account_id=account_id, months=months, deadline=deadline))

    def completed(self) -> messages.Completed:
        return messages.Completed()

    def failed(self, failure: Failure) -> messages.Failed:
        return messages.Failed(code=failure.code)

    def evolve(self, fact: RenewalFact) -> None:
        match fact:
            case messages.Requested():
                self.status, self.deadline = "processing", fact.deadline
                self.account_id, self.months = fact.account_id, fact.months
            case messages.Completed():
                self.status = "completed"
            case messages.Failed():
                self.status = "failed"
            case _:
                self.evolve_steps(fact)


def charge(renewal: Renewal) -> Send:
    return _send(
        messages.Charge(
            process_id=renewal.id, step="charge", account_id=renewal.account_id, months=renewal.months
        )
    )


def refund(renewal: Renewal) -> Send:
    return _send(messages.Refund(process_id=renewal.id, step="charge"))


def extend(renewal: Renewal) -> Send:
    return _send(
        messages.Extend(
            process_id=renewal.id, step="extend", account_id=renewal.account_id, months=renewal.months
        )
    )


def withdraw(renewal: Renewal) -> Send:
    return _send(messages.Withdraw(process_id=renewal.id, step="extend"))


def _send(command: Command) -> Send:
    return Send(command, key=command.process_id)


WORKFLOW = Workflow(
    Renewal,
    steps=(
        Step(
            name="charge",
            do=charge,
            completed=messages.Charged,
            refused=messages.ChargeRefused,
            undo=refund,
            undone=messages.Refunded,
        ),
        Step(
            name="extend",
            do=extend,
            completed=messages.Extended,
            refused=messages.ExtensionRefused,
            undo=withdraw,
            undone=messages.Withdrawn,
        ),
    ),
    versions={1: (("charge",), ("extend",))},
    deadline_timer=DEADLINE,
    expired=Reason("EXPIRED", "The deadline has passed."),
)
RENEWALS = ProcessManager(WORKFLOW)


async def request(process_id: UUID, account_id: UUID, work: UnitOfWork) -> None:
    renewal = work.create(Renewal, process_id)
    renewal.request(account_id, months=12, deadline=work.now + TIME_LIMIT)
    await RENEWALS.start(renewal, work)


async def on_deadline(timer: DueTimer, work: UnitOfWork) -> None:
    await RENEWALS.on_deadline(timer.subject, work)
