"""The requests and the views of reconciliations and their differences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from checkout_saga.payments.schemas import OperatorsReason, ProviderName
from checkout_saga.reconciliation.domain.difference import Difference, Resolution
from checkout_saga.reconciliation.domain.index_keys import OPEN, RESOLVED
from checkout_saga.reconciliation.domain.run import Reconciliation
from contracts.views import Money, money
from kernel.http.descriptions import Word
from kernel.http.requests import Body, Id, Instant

LONGEST = timedelta(days=366)


class NewReconciliation(Body):
    gateway: ProviderName
    since: Instant = Field(alias="from")
    until: Instant = Field(alias="to")

    @model_validator(mode="after")
    def _check_window(self) -> Self:
        if not timedelta() < self.until - self.since <= LONGEST:
            raise ValueError("The window ends after it begins, and is no longer than 366 days.")
        return self


class DifferenceResolution(OperatorsReason):
    resolution: Resolution
    payment_id: Id | None = None

    @model_validator(mode="after")
    def _check_payment(self) -> Self:
        if (self.resolution == "assigned") is (self.payment_id is None):
            raise ValueError("Give the payment if the money is assigned, and only then.")
        return self


class ReconciliationView(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True)

    reconciliation_id: UUID
    status: Literal["running", "completed", "failed"]
    account_id: UUID
    gateway: str
    since: datetime = Field(alias="from")
    until: datetime = Field(alias="to")
    started_at: datetime
    completed_at: datetime | None
    failure: str | None
    theirs: int
    ours: int
    matched: int
    repaired: int
    open: int
    version: int


class DifferenceView(BaseModel):
    difference_id: UUID
    status: Literal["open", "resolved"]
    account_id: UUID
    gateway: str
    code: str
    kind: str
    reference: str
    theirs: Money | None
    ours: Money | None
    payment_id: UUID | None
    checkout_id: UUID | None
    detail: str | None
    found_at: datetime
    resolution: str | None
    reason: str | None
    version: int


def show_run(run: Reconciliation, _now: datetime) -> ReconciliationView:
    return ReconciliationView.model_validate(
        {
            "reconciliation_id": run.id,
            "status": _status_of(run),
            "account_id": run.account_id,
            "gateway": run.gateway,
            "from": run.since,
            "to": run.until,
            "started_at": run.started_at,
            "completed_at": run.completed_at,
            "failure": run.failure,
            **run.counts._asdict(),
            "version": run.version,
        }
    )


def _status_of(run: Reconciliation) -> str:
    if run.completed_at is None:
        return "running"
    return "completed" if run.failure is None else "failed"


def show_difference(found: Difference, _now: datetime) -> DifferenceView:
    def shown(amount: int | None) -> Money | None:
        return None if amount is None else money(amount, found.currency)

    return DifferenceView.model_validate(
        {
            "difference_id": found.id,
            "status": OPEN if found.is_open else RESOLVED,
            "account_id": found.account_id,
            "gateway": found.gateway,
            "code": found.code,
            "kind": found.kind,
            "reference": found.reference,
            "theirs": shown(found.theirs),
            "ours": shown(found.ours),
            "payment_id": found.payment_id,
            "checkout_id": found.checkout_id,
            "detail": found.detail,
            "found_at": found.found_at,
            "resolution": found.resolution,
            "reason": found.reason,
            "version": found.version,
        }
    )


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewReconciliation": Word("Which account is compared, and over which time."),
        "NewReconciliation.from": Word("The first moment, by the provider's clock.", "2026-03-01T00:00:00Z"),
        "NewReconciliation.to": Word("The moment after the last one.", "2026-03-02T00:00:00Z"),
        "ReconciliationView": Word("A comparison of a provider's list with what is recorded here."),
        "ReconciliationView.from": Word("The first moment, by the provider's clock.", "2026-03-01T00:00:00Z"),
        "ReconciliationView.to": Word("The moment after the last one.", "2026-03-02T00:00:00Z"),
        "ReconciliationView.status": Word(
            "Whether it is still comparing; failed: it has given up.", "completed"
        ),
        "ReconciliationView.started_at": Word("When it began.", "2026-03-02T00:10:00Z"),
        "ReconciliationView.completed_at": Word("When it ended.", "2026-03-02T00:10:02Z"),
        "ReconciliationView.failure": Word("Why it has given up; null: it has not.", None),
        "ReconciliationView.account_id": Word("The account.", "01970000-0000-7000-8000-000000000001"),
        "ReconciliationView.theirs": Word("Entries of the provider's list.", 3),
        "ReconciliationView.ours": Word("Captures and refunds that are recorded here.", 3),
        "list_differences.status": Word("Only those with this status.", "open"),
        "reconciliation_id": Word("The comparison's id.", "01970000-0000-7000-8000-000000000002"),
        "matched": Word("Entries that agree.", 1),
        "repaired": Word("Entries whose outcome was asked for, or whose money was given back.", 1),
        "ReconciliationView.open": Word("Differences that wait for an operator.", 2),
        "DifferenceView": Word("A difference that only an operator can resolve."),
        "DifferenceView.status": Word("Whether it waits for an operator.", "open"),
        "DifferenceView.account_id": Word("The account.", "01970000-0000-7000-8000-000000000001"),
        "DifferenceView.code": Word(
            "MONEY_FOUND, AMOUNT_DIFFERS, REFUND_NOT_ASKED_FOR, REFUND_REVERSED, DISPUTE_WITHOUT_PAYMENT, "
            "NOT_AT_PROVIDER, NOT_GIVEN_BACK, ANSWER_MISMATCH, WEBHOOK_NOT_MATCHED, WEBHOOK_UNREADABLE, "
            "WEBHOOKS_REFUSED or CLEARING_NOT_EMPTY.",
            "MONEY_FOUND",
        ),
        "DifferenceView.kind": Word(
            "What differs: a call such as capture, a dispute, a webhook, or clearing.", "capture"
        ),
        "DifferenceView.reference": Word("The provider's id, or the one that is recorded here.", "ch_4711"),
        "DifferenceView.theirs": Word("The provider's amount; null: the provider does not have it."),
        "DifferenceView.ours": Word("The recorded amount; null: it is not recorded."),
        "DifferenceView.detail": Word("More about it, in a sentence.", None),
        "DifferenceView.payment_id": Word("The payment.", "01970000-0000-7000-8000-000000000003"),
        "DifferenceView.checkout_id": Word("The checkout.", "01970000-0000-7000-8000-000000000004"),
        "DifferenceView.resolution": Word("What an operator has decided.", "accepted"),
        "DifferenceView.reason": Word("Why.", "a test of the bank"),
        "difference_id": Word("The difference's id.", "01970000-0000-7000-8000-000000000005"),
        "found_at": Word("When it was found.", "2026-03-02T00:10:02Z"),
        "DifferenceResolution": Word(
            "What an operator has decided.", {"resolution": "accepted", "reason": "a test of the bank"}
        ),
        "DifferenceResolution.resolution": Word(
            "accepted: it stays as it is; returned: the money was given back at the provider; assigned: it "
            "belongs to a payment.",
            "accepted",
        ),
        "DifferenceResolution.payment_id": Word("To which the money is assigned.", None),
    }
)
