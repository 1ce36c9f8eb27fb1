"""The commands to the cart service, and the facts of carts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.checkout_requests import CheckoutCommand, CheckoutReply
from contracts.envelope import Fact, Part
from contracts.referral import Snapshot
from contracts.sale import Destination, Exposure, Money, Sale, Totals


class Lock(CheckoutCommand):
    """Lock the cart for one checkout and reply with its sale. A field left out keeps the cart's value."""

    TYPE = "cart.lock"
    cart_id: UUID
    customer_id: str | None = None
    guest: bool = False
    """The id is derived from an e-mail address. A guest buys the cart without becoming its customer."""
    destination: Destination | None = None
    expected_total: Money | None = None
    """The maximum total that the caller has agreed to."""
    address: UUID | None = None
    """A pseudonym, under the key of links, of the client address of the storefront's request; the reply says
    what was refused of that address."""


class Unlock(CheckoutCommand):
    """Unlock the cart. It is answered also if the cart was never locked."""

    TYPE = "cart.unlock"
    cart_id: UUID
    reason: str


class Hold(CheckoutCommand):
    """Keep the cart locked because a payment is in progress: until the checkout ends or, with ``until``, at
    least until that time. With ``detach`` its sessions may have another open cart meanwhile."""

    TYPE = "cart.hold"
    cart_id: UUID
    until: datetime | None = None
    detach: bool = False


class Convert(CheckoutCommand):
    """Close the cart: it has become an order."""

    TYPE = "cart.convert"
    cart_id: UUID
    order_id: UUID


class Created(Fact):
    TYPE = "cart.created"
    session_id: str
    customer_id: str | None = None
    currency: str
    cart_type: str
    metadata: dict[str, Any] = {}
    expires_at: datetime


class ItemAdded(Fact):
    """``quantity`` units were added to the line ``item_id``; the line is created if it is new."""

    TYPE = "cart.item_added"
    item_id: UUID
    product_id: UUID
    product_type: str
    sku: str
    name: str
    quantity: int
    unit_price: int
    options: dict[str, Any] = {}
    offer_id: UUID | None = None
    upsell_id: UUID | None = None
    units: int = 1
    """Units of the product in one of the line's quantity: an offer may hold several."""
    gift_seats: int = 0
    """Seats of a team licence that are for others."""
    experiment: Exposure | None = None
    campaign_id: UUID | None = None
    """The campaign that made the unit price."""
    plan_id: str | None = None


class ItemQuantityChanged(Fact):
    TYPE = "cart.item_quantity_changed"
    item_id: UUID
    quantity: int
    gift_seats: int | None = None
    """None: as before, but never more than the quantity."""


class ItemRemoved(Fact):
    TYPE = "cart.item_removed"
    item_id: UUID


class Cleared(Fact):
    TYPE = "cart.cleared"


class DiscountApplied(Fact):
    TYPE = "cart.discount_applied"
    code: str
    promotion_id: UUID


class DiscountRemoved(Fact):
    TYPE = "cart.discount_removed"
    code: str


class CustomerSet(Fact):
    """The customer of a cart that had none before."""

    TYPE = "cart.customer_set"
    customer_id: str


class DestinationSet(Fact):
    TYPE = "cart.destination_set"
    country: str
    region: str | None = None


class RepricedItem(Part):
    item_id: UUID
    unit_price: int
    previous_price: int
    campaign_id: UUID | None = None
    """The campaign that made the unit price."""


class Repriced(Fact):
    """Prices of items in an open cart have changed."""

    TYPE = "cart.repriced"
    items: tuple[RepricedItem, ...]
    reason: str = "catalogue"
    """The cause: ``catalogue``, ``quantity`` (a tier), ``destination``, ``customer`` or
    ``parent_removed``."""


class ShippingSelected(Fact):
    TYPE = "cart.shipping_selected"
    option_id: UUID | None = None
    """None: the default, because the calculation failed."""
    name: str
    automatic: bool = False
    """Whether the cart chose the recommended option by itself."""
    fallback: bool = False


class ProposedUpsell(Part):
    offer_id: UUID
    upsell_id: UUID


class UpsellsOffered(Fact):
    """These upsells became eligible for the first time."""

    TYPE = "cart.upsells_offered"
    upsells: tuple[ProposedUpsell, ...]


class UpsellDeclined(Fact):
    TYPE = "cart.upsell_declined"
    offer_id: UUID
    upsell_id: UUID


class FlowJoined(Fact):
    """A flow leads its shopper to the purchase of this cart."""

    TYPE = "cart.flow_joined"
    flow_id: UUID


class Abandoned(Fact):
    """There was no activity for some time. ``value``: the cart's total, in minor units."""

    TYPE = "cart.abandoned"
    customer_id: str | None = None
    currency: str
    value: int
    items: int
    """Lines."""
    last_activity_at: datetime


class RecoveryLine(Part):
    name: str
    quantity: int
    total: int


class RecoveryDue(Fact):
    """It is time for a message to the customer about the abandoned cart."""

    TYPE = "cart.recovery_due"
    attempt: int
    customer_id: str
    currency: str
    totals: Totals
    lines: tuple[RecoveryLine, ...]
    expires_at: datetime


class RecoverySkipped(Fact):
    """A message was due for a cart without a customer; it counts as used."""

    TYPE = "cart.recovery_skipped"
    attempt: int


class Recovered(Fact):
    """An abandoned cart is active again."""

    TYPE = "cart.recovered"
    by: str
    """``link``, ``call``, ``activity`` or ``checkout``."""
    attempt: int | None = None
    """The message whose link was used."""


class MergedLine(Part):
    item_id: UUID
    quantity: int


class NotMergedLine(Part):
    product_id: UUID
    options: dict[str, Any] = {}
    quantity: int
    reason: str
    """A code."""


class DroppedCode(Part):
    code: str
    reason: str


class MergedCodes(Part):
    kept: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    dropped: tuple[DroppedCode, ...] = ()


class Merged(Fact):
    """A guest's cart was merged into a customer's. Recorded in both; the lines, those that were not taken and
    the codes stand in the surviving cart's."""

    TYPE = "cart.merged"
    guest_cart_id: UUID
    into_cart_id: UUID
    strategy: str
    """``merge``, ``replace`` or ``reject``."""
    sessions: tuple[str, ...] = ()
    """Those that had the guest's cart: from now on they have the surviving one."""
    lines: tuple[MergedLine, ...] = ()
    not_merged: tuple[NotMergedLine, ...] = ()
    codes: MergedCodes | None = None


class ReferralApplied(Fact):
    """The set of referral rules that the cart's price contains has grown or changed."""

    TYPE = "cart.referral_applied"
    stage: str = "cart"
    snapshots: tuple[Snapshot, ...]


class ReferralRemoved(Fact):
    """The cart's price contains no referral rule any more."""

    TYPE = "cart.referral_removed"
    stage: str = "cart"
    snapshots: tuple[Snapshot, ...]
    """As they last were."""


class RefusedRequest(Part):
    """A request about a cart that was refused, as fraud rules count them."""

    request_id: UUID
    signal: str
    """``bad_code``: a discount code that does not apply; ``tampering``: the request named a price."""
    at: datetime


class Locked(CheckoutReply):
    """The cart is locked for the checkout, with the sale at the prices of this moment."""

    TYPE = "cart.locked"
    session_id: str
    customer_id: str | None = None
    """The customer for whom the sale was priced; a guest's id is derived from the e-mail address."""
    lock_expires_at: datetime
    sale: Sale
    shown: int | None = None
    """The total that the cart last showed; the sale's total is never above it."""
    refused_requests: tuple[RefusedRequest, ...] | None = None
    """Those of the command's address in the last day, in any cart; None if there are none."""


class Unlocked(CheckoutReply):
    """The cart is open again, or was not locked by the checkout."""

    TYPE = "cart.unlocked"
    reason: str
    detached: bool | None = None
    """True: its session has another open cart by now, so that this one is not the session's cart again."""


class Held(CheckoutReply):
    """The lock no longer expires by itself, or only at ``until``: otherwise it ends with the checkout."""

    TYPE = "cart.held"
    until: datetime | None = None
    detached: bool | None = None
    """True: the cart is not the open cart of its sessions any more, so that they may have another."""


class HoldRefused(CheckoutReply):
    """The lock had ended before the command arrived."""

    TYPE = "cart.hold_refused"
    cart_status: str


class LockRefused(CheckoutReply):
    """The cart was not locked for the checkout: ``code`` is the reason."""

    TYPE = "cart.lock_refused"
    code: str
    detail: str
    held_by: UUID | None = None
    """The checkout that holds the cart, if that is the reason."""
    cart_status: str | None = None
    customer_id: str | None = None
    """The cart's customer, if it is another one."""
    was: Money | None = None
    """The total that the cart last showed or the caller has agreed to, if the total is higher ``now``."""
    now: Money | None = None
    discount_code: str | None = None
    """The code on the cart that no longer applies, for this ``reason``."""
    reason: str | None = None
    missing: tuple[str, ...] | None = None
    """The qualifications that the customer lacks for a certification, if that is the reason."""


class Expired(Fact):
    """The time of the cart is over."""

    TYPE = "cart.expired"


class Converted(CheckoutReply):
    """The cart is closed: it has become the order."""

    TYPE = "cart.converted"
    order_id: UUID


class ConversionRefused(CheckoutReply):
    """The order stands, but the checkout does not hold the cart."""

    TYPE = "cart.conversion_refused"
    code: str
    detail: str
    held_by: UUID | None = None
    cart_status: str | None = None


CartFact = (
    Created
    | ItemAdded
    | ItemQuantityChanged
    | ItemRemoved
    | Cleared
    | DiscountApplied
    | DiscountRemoved
    | CustomerSet
    | DestinationSet
    | Repriced
    | ShippingSelected
    | UpsellsOffered
    | UpsellDeclined
    | FlowJoined
    | Abandoned
    | RecoveryDue
    | RecoverySkipped
    | Recovered
    | Merged
    | ReferralApplied
    | ReferralRemoved
    | Locked
    | Held
    | Unlocked
    | Expired
    | Converted
)
LockRequestFact = Locked | LockRefused | HoldRefused | Unlocked | Converted | ConversionRefused
"""Replies to one checkout that are recorded in a stream of its own, because they do not change the cart."""
CartCommand = Lock | Unlock | Hold | Convert
