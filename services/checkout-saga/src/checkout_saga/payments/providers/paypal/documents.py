"""What of PayPal's answers is read."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, Field

from checkout_saga.payments.providers.paypal.amounts import minor_units


class Money(BaseModel):
    currency_code: str
    value: str

    @property
    def minor(self) -> int | None:
        return minor_units(self.value, self.currency_code)


class RelatedIds(BaseModel):
    order_id: str | None = None
    authorization_id: str | None = None
    capture_id: str | None = None


class SupplementaryData(BaseModel):
    related_ids: RelatedIds = RelatedIds()


class Payment(BaseModel):
    """An authorization, a capture or a refund."""

    id: str
    status: str
    amount: Money
    invoice_id: str | None = None
    custom_id: str | None = None
    expiration_time: datetime | None = None
    """Of an authorization: when it ends."""
    supplementary_data: SupplementaryData = SupplementaryData()

    @property
    def order_id(self) -> str | None:
        return self.supplementary_data.related_ids.order_id


class Payments(BaseModel):
    authorizations: list[Payment] = Field(default_factory=list)
    captures: list[Payment] = Field(default_factory=list)
    refunds: list[Payment] = Field(default_factory=list)


class PurchaseUnit(BaseModel):
    amount: Money | None = None
    invoice_id: str | None = None
    custom_id: str | None = None
    payments: Payments = Payments()


class Link(BaseModel):
    href: str
    rel: str


class Order(BaseModel):
    id: str
    status: str
    purchase_units: list[PurchaseUnit] = Field(default_factory=list)
    links: list[Link] = Field(default_factory=list)

    @property
    def unit(self) -> PurchaseUnit:
        return self.purchase_units[0] if self.purchase_units else PurchaseUnit()

    @property
    def payments(self) -> Payments:
        return self.unit.payments

    @property
    def page(self) -> str | None:
        """Where the payer approves the order."""
        pages = {it.rel: it.href for it in self.links}
        return pages.get("payer-action") or pages.get("approve")


class Issue(BaseModel):
    issue: str = ""


class Fault(BaseModel):
    name: str = ""
    details: list[Issue] = Field(default_factory=list)

    @property
    def issue(self) -> str:
        return self.details[0].issue if self.details else self.name


class TransactionInfo(BaseModel):
    transaction_id: str
    transaction_event_code: str
    transaction_amount: Money
    fee_amount: Money | None = None
    transaction_status: str = ""
    transaction_initiation_date: datetime
    paypal_reference_id: str | None = None
    invoice_id: str | None = None
    custom_field: str | None = None


class TransactionDetail(BaseModel):
    transaction_info: TransactionInfo


class TransactionPage(BaseModel):
    transaction_details: list[TransactionDetail] = Field(default_factory=list)
    total_pages: int = 1


class DisputedTransaction(BaseModel):
    seller_transaction_id: str | None = None


class DisputeOutcome(BaseModel):
    outcome_code: str = ""


class Dispute(BaseModel):
    dispute_id: str
    create_time: datetime
    reason: str = ""
    dispute_amount: Money
    dispute_outcome: DisputeOutcome | None = None
    disputed_transactions: list[DisputedTransaction] = Field(default_factory=list)
    seller_response_due_date: datetime | None = None

    @property
    def outcome(self) -> str:
        """Empty while it is open."""
        return self.dispute_outcome.outcome_code if self.dispute_outcome else ""

    @property
    def capture_id(self) -> str | None:
        return next((it.seller_transaction_id for it in self.disputed_transactions), None)


class DisputePage(BaseModel):
    items: list[Dispute] = Field(default_factory=list)
    links: list[Link] = Field(default_factory=list)

    @property
    def next_token(self) -> str | None:
        """Of the next page; None: this is the last one."""
        address = next((it.href for it in self.links if it.rel == "next"), "")
        return next(iter(parse_qs(urlsplit(address).query).get("next_page_token", ())), None)
