"""An operation at a payment provider: its request, and its possible outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID


class Operation(StrEnum):
    """Operations of the payment gateway; also the kinds of their timers."""

    AUTHORIZE = "authorize"
    CONFIRM = "confirm"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """One intent, repeated under its key until its outcome is known. ``amount`` in minor units."""

    operation: Operation
    key: str
    gateway: str
    """The provider that is called, by the name that the facts record."""
    merchant: str
    payment_id: UUID
    checkout_id: UUID
    amount: int
    currency: str
    payment_token: str | None = None
    """Encrypted; only the adapter decrypts it."""
    customer_id: str | None = None
    reason: str | None = None
    account_id: UUID | None = None
    """The tenant's account at the provider; None: the installation's own, if the provider has one."""
    method: str = "card"
    attempt: int = 1
    """Which of the checkout's attempts to pay this is: each is a payment of its own."""
    reference: str | None = None
    """The provider's id of what is acted on, as far as a fact has recorded it: of the capture for a refund,
    otherwise of the authorization. None: no answer has named it yet."""
    return_url: str | None = None
    """Where the customer comes back to from the provider's page."""
    save: bool = False
    """The token is kept at the provider for later payments."""
    off_session: bool = False
    """The customer is not there to act."""
    instalments: Mapping[str, Any] | None = None
    """Handed to the provider as it is."""
    expires_at: datetime | None = None
    """Until when a push payment may be paid."""
    requested_at: datetime | None = None
    """When the intent was recorded; what the provider did for it is not older."""
    billing_details: str | None = None
    """Encrypted: name, e-mail, tax id and address, where the method needs them."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """What the customer pays with, as far as the provider tells. Personal data, except ``country``."""

    fingerprint: str | None = None
    """Equal for all tokens of one card."""
    brand: str | None = None
    last4: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """It is so, now. ``amount`` is what the provider says it has moved, in minor units."""

    reference: str
    amount: int
    captured: bool = False
    """The authorization has moved the money already, as push payments do: nothing is left to capture."""
    capture_before: datetime | None = None
    """When the provider ends the authorization; None: it does not tell."""
    instrument: Instrument | None = None
    sealed: str | None = None
    """Brand and last digits of ``instrument``, encrypted under the customer's own key: they are recorded in
    no other form."""


@dataclass(frozen=True, slots=True)
class Declined:
    """It is not so, and this request will never make it so."""

    code: str
    detail: str
    alarm: str | None = None
    """Not the customer or the bank has declined: the provider does not take such a request. The kind of the
    alarm that is raised, such as ``request_refused``."""


ActionKind = Literal["redirect", "sdk", "pix", "boleto", "wait"]


@dataclass(frozen=True, slots=True)
class ActionNeeded:
    """The outcome is open: with ``wait`` it depends on the provider alone, also for captures and refunds;
    otherwise on the customer, who opens ``url`` or uses ``data``."""

    reference: str
    kind: ActionKind = "redirect"
    url: str | None = None
    data: Mapping[str, str] | None = None
    """What the customer's browser or bank needs, such as a client secret or a code. Personal data."""
    until: datetime | None = None
    """When the provider stops waiting; None: it does not tell."""
    sealed: str | None = None
    """``data``, encrypted under the customer's own key: it is recorded in no other form."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer, or an invalid one: the operation may have happened or not. It is asked for again by key, for
    ever; after some tries an operator is called."""

    detail: str
    timed_out: bool = False
    """No answer came within the timeout; False for errors that come at once, such as a refused connection."""
    after: float | None = None
    """The provider wants to be left alone for so many seconds; None: the usual pause."""
    alarm: str | None = None
    """Repeating alone will hardly help: the kind of the alarm that is raised, such as
    ``provider_mismatch``."""


Outcome = Done | Declined | ActionNeeded | Unknown
