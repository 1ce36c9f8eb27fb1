"""What the cart service can be asked, and all that can happen to a cart."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.checkout_requests import CheckoutCommand, CheckoutReply
from contracts.envelope import Fact, Part
from contracts.sale import Destination, Money, Sale


class Lock(CheckoutCommand):
    """Freeze the cart for one checkout and tell what is in it; what is not named stays as the cart has it."""

    TYPE = "cart.lock"
    cart_id: UUID
    customer_id: str | None = None
    guest: bool = False
    """The id was made of an address: it buys, and is no customer of its own to whom the cart could belong."""
    destination: Destination | None = None
    expected_total: Money | None = None
    """The most that the caller has agreed to."""


class Unlock(CheckoutCommand):
    """Give the cart back to its customer; also when it was never locked."""

    TYPE = "cart.unlock"
    cart_id: UUID
    reason: str


class Hold(CheckoutCommand):
    """Money is being asked for: keep the cart locked for as long as that takes."""

    TYPE = "cart.hold"
    cart_id: UUID


class Convert(CheckoutCommand):
    """The cart has become an order."""

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
    """``quantity`` units more of the line ``item_id``, which begins its life here if it is new."""

    TYPE = "cart.item_added"
    item_id: UUID
    product_id: UUID
    product_type: str
    sku: str
    name: str
    quantity: int
    unit_price: int
    options: dict[str, Any] = {}


class ItemQuantityChanged(Fact):
    TYPE = "cart.item_quantity_changed"
    item_id: UUID
    quantity: int


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
    """The cart has had no customer before."""

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


class Repriced(Fact):
    """Prices changed under an open cart."""

    TYPE = "cart.repriced"
    items: tuple[RepricedItem, ...]
    reason: str = "catalogue"
    """What made them change: the catalogue, or the cart's destination."""


class Locked(CheckoutReply):
    TYPE = "cart.locked"
    session_id: str
    customer_id: str | None = None
    """For whom it was priced; a guest's is made of the address."""
    lock_expires_at: datetime
    sale: Sale
    shown: int | None = None
    """The total that the cart last showed: the sale's is never above it."""


class Unlocked(CheckoutReply):
    TYPE = "cart.unlocked"
    reason: str


class Held(CheckoutReply):
    """The lock ends with the checkout now, no longer by itself."""

    TYPE = "cart.held"


class HoldRefused(CheckoutReply):
    """The lock had ended before."""

    TYPE = "cart.hold_refused"
    cart_status: str


class LockRefused(CheckoutReply):
    TYPE = "cart.lock_refused"
    code: str
    detail: str
    held_by: UUID | None = None
    """The checkout that holds the cart, where that is the reason."""
    cart_status: str | None = None
    customer_id: str | None = None
    """The cart's own customer, where it is another one."""
    was: Money | None = None
    """The total that the cart last showed, or that the caller has agreed to, where it costs more ``now``."""
    now: Money | None = None
    discount_code: str | None = None
    """The code on the cart that does not count any more, for this ``reason``."""
    reason: str | None = None


class Expired(Fact):
    TYPE = "cart.expired"


class Converted(CheckoutReply):
    TYPE = "cart.converted"
    order_id: UUID


class ConversionRefused(CheckoutReply):
    """The order stands, but this cart is not, or no longer, the checkout's to close."""

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
    | Locked
    | Held
    | Unlocked
    | Expired
    | Converted
)
LockRequestFact = Locked | LockRefused | HoldRefused | Unlocked | Converted | ConversionRefused
"""Answers to one checkout about what did not happen to the cart, or has already been told."""
CartCommand = Lock | Unlock | Hold | Convert
