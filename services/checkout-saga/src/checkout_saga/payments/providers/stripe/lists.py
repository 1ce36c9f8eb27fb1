"""Stripe's lists as entries: payments, refunds, disputes, and of the balance's movements fees and payouts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from checkout_saga.payments.domain.entries import Entry, EntryKind, EntryState, Window
from checkout_saga.payments.providers.stripe.amounts import from_stripe
from checkout_saga.payments.providers.stripe.wire import Wire

Object = Mapping[str, Any]
DISPUTES: Mapping[str, EntryState] = {"won": EntryState.WON, "lost": EntryState.LOST}
"""By status; in every other one it is open."""
INQUIRY = "warning_"
"""Begins the statuses of questions of the bank, which move no money; one that becomes a dispute is listed as
such by then."""
REFUNDS: Mapping[str, EntryState] = {
    "succeeded": EntryState.DONE,
    "failed": EntryState.FAILED,
    "canceled": EntryState.FAILED,
}
"""By status; in every other one nothing has moved yet."""


async def entries(wire: Wire, asked: Window) -> list[Entry]:
    """An object is in the window in which it was created: an authorization that is captured later is found
    where it was made. What names another tenant is left out."""
    window, expand = (int(asked.since.timestamp()), int(asked.until.timestamp())), ["payment_intent"]
    disputes = await wire.all_of("disputes", *window, expand)
    further = asked.disputes - {it["id"] for it in disputes}
    disputes += [await wire.dispute(it) for it in sorted(further)]
    readers: tuple[tuple[Iterable[Object], Callable[[Object], Iterable[Entry]]], ...] = (
        (await wire.all_of("payment_intents", *window), _of_intent),
        (await wire.all_of("refunds", *window, expand), _of_refund),
        (disputes, _of_dispute),
        (await wire.all_of("balance_transactions", *window), _of_balance),
    )
    return [
        one
        for found, read in readers
        for it in found
        if _payment_tags(it).get("feira_tenant", asked.merchant) == asked.merchant
        for one in read(it)
    ]


def _of_intent(intent: Object) -> Iterator[Entry]:
    ids = _ids(intent)
    match intent["status"]:
        case "requires_capture":
            amount = intent.get("amount_capturable", intent["amount"])
            yield _entry(EntryKind.AUTHORIZATION, EntryState.OPEN, intent, amount, **ids)
        case "succeeded":
            amount = intent.get("amount_received", intent["amount"])
            yield _entry(EntryKind.CAPTURE, EntryState.DONE, intent, amount, **ids)


def _of_refund(refund: Object) -> Iterator[Entry]:
    state = REFUNDS.get(refund["status"])
    if state is not None:
        key = (refund.get("metadata") or {}).get("feira_key")
        why = refund.get("failure_reason") or ""
        ids = _ids(refund)
        yield _entry(EntryKind.REFUND, state, refund, refund["amount"], key=key, detail=why, **ids)


def _of_dispute(dispute: Object) -> Iterator[Entry]:
    if dispute["status"].startswith(INQUIRY):
        return
    state = DISPUTES.get(dispute["status"], EntryState.OPEN)
    due = (dispute.get("evidence_details") or {}).get("due_by")
    yield _entry(
        EntryKind.DISPUTE,
        state,
        dispute,
        dispute["amount"],
        detail=dispute.get("reason") or "",
        due_at=datetime.fromtimestamp(due, UTC) if due else None,
        **_ids(dispute),
    )


def _of_balance(movement: Object) -> Iterator[Entry]:
    """The fee of a payment, or of a dispute, stands beside its amount."""
    if movement["type"] == "payout":
        yield _entry(EntryKind.PAYOUT, EntryState.DONE, movement, -movement["amount"])
    if movement.get("fee"):
        yield _entry(EntryKind.FEE, EntryState.DONE, movement, movement["fee"])


def _entry(kind: EntryKind, state: EntryState, found: Object, amount: int, **more: Any) -> Entry:
    currency = found["currency"].upper()
    return Entry(
        kind=kind,
        state=state,
        reference=found["id"],
        amount=from_stripe(amount, currency) or 0,
        currency=currency,
        at=datetime.fromtimestamp(found["created"], UTC),
        **more,
    )


def _payment_tags(found: Object) -> Mapping[str, str]:
    """What the payment is marked with: this one, or the one behind a refund or a dispute."""
    behind = found.get("payment_intent")
    return (behind if isinstance(behind, Mapping) else found).get("metadata") or {}


def _ids(found: Object) -> dict[str, Any]:
    tags = _payment_tags(found)
    return {
        "payment_id": _uuid(tags.get("feira_payment")),
        "checkout_id": _uuid(tags.get("feira_checkout")),
        "names_tenant": "feira_tenant" in tags,
    }


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
