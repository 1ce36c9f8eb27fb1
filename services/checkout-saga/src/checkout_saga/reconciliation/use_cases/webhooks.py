"""Webhooks that were not processed become differences, so that an operator sees to them."""

from __future__ import annotations

from collections.abc import Sequence

from checkout_saga.reconciliation.domain.codes import (
    WEBHOOK_NOT_MATCHED,
    WEBHOOK_UNREADABLE,
    WEBHOOKS_REFUSED,
)
from checkout_saga.reconciliation.domain.run import Counts
from checkout_saga.reconciliation.domain.webhooks import Refused, Unprocessed
from checkout_saga.reconciliation.use_cases.comparing import Account
from checkout_saga.reconciliation.use_cases.differences import note_difference
from contracts import reconciliation as facts
from kernel.unit_of_work import UnitOfWork

WEBHOOK = "webhook"
"""The kind of such differences."""
REFUSED_OFTEN = 5
CODES = {"unmatched": WEBHOOK_NOT_MATCHED, "unreadable": WEBHOOK_UNREADABLE}
"""By the state of the event."""


async def report_webhooks(
    events: Sequence[Unprocessed], refused: Refused | None, account: Account, work: UnitOfWork
) -> Counts:
    found = [_of_event(it, account) for it in events]
    if refused is not None and refused.refusals >= REFUSED_OFTEN:
        found.append(_of_refusals(refused, account))
    return Counts(open=sum([await note_difference(it, None, work) for it in found]))


def _of_event(event: Unprocessed, account: Account) -> facts.DifferenceFound:
    about = f"{event.type} about {event.reference}" if event.reference else event.type
    return facts.DifferenceFound(
        account_id=account.id,
        gateway=account.gateway,
        code=CODES[event.state],
        kind=WEBHOOK,
        reference=event.event_id,
        currency="",
        detail=about or None,
    )


def _of_refusals(refused: Refused, account: Account) -> facts.DifferenceFound:
    """One for each time that it begins."""
    return facts.DifferenceFound(
        account_id=account.id,
        gateway=account.gateway,
        code=WEBHOOKS_REFUSED,
        kind=WEBHOOK,
        reference=refused.first_at.isoformat(),
        currency="",
        detail=f"{refused.refusals} webhooks in a row were refused by the time of this comparison",
    )
