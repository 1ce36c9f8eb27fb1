"""PayPal's lists as entries: the transaction search, which lags, and the disputes.

The search tells that an authorization was made, and not whether it still holds money: one whose payment has
no capture in the list is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from checkout_saga.payments.domain.entries import Entry, EntryKind, EntryState, NotListed, Window
from checkout_saga.payments.domain.operation import Operation, Unknown
from checkout_saga.payments.providers.paypal import search
from checkout_saga.payments.providers.paypal.access import Account
from checkout_saga.payments.providers.paypal.client import (
    Answer,
    Client,
    Refused,
    Reply,
    Silence,
    is_missing,
)
from checkout_saga.payments.providers.paypal.documents import (
    Dispute,
    DisputePage,
    Money,
    Payment,
    TransactionInfo,
)
from checkout_saga.payments.providers.paypal.objects import AUTHORIZATIONS, CAPTURES
from checkout_saga.payments.providers.paypal.refusals import by_error

T = TypeVar("T", bound=BaseModel)
DISPUTES = "/v1/customer/disputes"
CAPTURE, REFUND, PAYOUT = "T00", "T11", "T04"
"""Groups of event codes."""
DONE, REVERSED = "S", "V"
"""Statuses of transactions."""
HELD = "CREATED"
CHECKOUT_ID = 36
"""The key of a refund begins with the checkout's id."""
OUTCOMES: Mapping[str, EntryState] = {
    "RESOLVED_SELLER_FAVOUR": EntryState.WON,
    "RESOLVED_WITH_PAYOUT": EntryState.WON,
    "CANCELED_BY_BUYER": EntryState.WON,
    "DENIED": EntryState.WON,
    "RESOLVED_BUYER_FAVOUR": EntryState.LOST,
    "ACCEPTED": EntryState.LOST,
}
"""With a payout PayPal pays the buyer itself; a claim that is denied leaves the seller the money."""


class Lists:
    def __init__(self, api: Client, account: Account) -> None:
        self._api = api
        self._account = account

    async def entries(self, window: Window) -> list[Entry]:
        """Raises ``NotListed``."""
        try:
            shown = search.transactions(self._api, self._account, window.since, window.until)
            found = [it async for it in shown if it.transaction_initiation_date < window.until]
        except search.SearchFailed as failed:
            raise NotListed(_unknown(failed.reply)) from None
        captured = {it.invoice_id for it in found if it.transaction_event_code.startswith(CAPTURE)}
        entries = [one for it in found for one in _moved(it)]
        for it in found:
            is_hold = it.transaction_event_code.startswith(search.AUTHORIZATION)
            if is_hold and it.invoice_id not in captured:
                held = await self._find(f"{AUTHORIZATIONS}/{it.transaction_id}", Payment)
                if held and held.status == HELD:
                    entries.append(_entry(EntryKind.AUTHORIZATION, EntryState.OPEN, it))
        return entries + await self._disputes(window)

    async def _disputes(self, window: Window) -> list[Entry]:
        since, until = window.since, window.until
        page = await self._read(DISPUTES, DisputePage, {"start_time": since.isoformat(), "page_size": "50"})
        disputes = list(page.items)
        while page.next_token:
            page = await self._read(DISPUTES, DisputePage, {"next_page_token": page.next_token})
            disputes += page.items
        wanted = {it.dispute_id for it in disputes if since <= it.create_time < until} | window.disputes
        shown = [await self._dispute(it) for it in sorted(wanted)]
        return [it for it in shown if it]

    async def _dispute(self, dispute_id: str) -> Entry | None:
        """The list leaves out which capture is disputed. None: it is no capture of ours, since another system
        has sold it with the same account."""
        found = await self._read(f"{DISPUTES}/{dispute_id}", Dispute)
        paid = None
        if found.capture_id:
            paid = await self._find(f"{CAPTURES}/{found.capture_id}", Payment)
            if paid is None:
                return None
        return Entry(
            kind=EntryKind.DISPUTE,
            state=OUTCOMES.get(found.outcome, EntryState.OPEN),
            reference=found.dispute_id,
            amount=found.dispute_amount.minor or 0,
            currency=found.dispute_amount.currency_code,
            at=found.create_time,
            payment_id=_uuid(paid.invoice_id) if paid else None,
            checkout_id=_uuid(paid.custom_id) if paid else None,
            detail=found.reason,
            due_at=found.seller_response_due_date,
        )

    async def _read(self, path: str, kind: type[T], params: Mapping[str, str] | None = None) -> T:
        return _answered(await self._api.get(self._account, path, params), kind)

    async def _find(self, path: str, kind: type[T]) -> T | None:
        """None: there is no such object for this system; another one may have made it."""
        reply = await self._api.get(self._account, path)
        return None if is_missing(reply) else _answered(reply, kind)


def _answered(reply: Reply, kind: type[T]) -> T:
    if not isinstance(reply, Answer):
        raise NotListed(_unknown(reply))
    try:
        return kind.model_validate_json(reply.body)
    except ValidationError:
        raise NotListed(Unknown(f"The provider's {kind.__name__} is invalid.")) from None


def _moved(info: TransactionInfo) -> list[Entry]:
    """A capture and its fee, a refund, or a payout; nothing for what has moved no money, or for a payment
    that the account itself has sent to others."""
    match info.transaction_event_code[: len(CAPTURE)], info.transaction_status:
        case (group, "S") if group == CAPTURE and (info.transaction_amount.minor or 0) > 0:
            fee = [_entry(EntryKind.FEE, EntryState.DONE, info, info.fee_amount)] if info.fee_amount else []
            return [_entry(EntryKind.CAPTURE, EntryState.DONE, info), *fee]
        case (group, status) if group == REFUND and status in {DONE, REVERSED}:
            state = EntryState.DONE if status == DONE else EntryState.FAILED
            return [_entry(EntryKind.REFUND, state, info)]
        case (group, "S") if group == PAYOUT:
            return [_entry(EntryKind.PAYOUT, EntryState.DONE, info)]
        case _:
            return []


def _entry(kind: EntryKind, state: EntryState, info: TransactionInfo, money: Money | None = None) -> Entry:
    amount, mark = money or info.transaction_amount, info.custom_field
    return Entry(
        kind=kind,
        state=state,
        reference=info.transaction_id,
        amount=abs(amount.minor or 0),
        currency=amount.currency_code,
        at=info.transaction_initiation_date,
        payment_id=_uuid(info.invoice_id),
        checkout_id=_uuid(mark[:CHECKOUT_ID] if mark else None),
        key=mark if kind is EntryKind.REFUND else None,
    )


def _unknown(reply: Reply) -> Unknown:
    match reply:
        case Silence(error, timed_out):
            return Unknown(f"No response to list: {error}.", timed_out=timed_out)
        case Refused() if isinstance(outcome := by_error(Operation.AUTHORIZE, reply), Unknown):
            return outcome
        case _:
            return Unknown("The provider refuses the list.")


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
