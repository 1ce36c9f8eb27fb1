"""The state of a cart, folded from its facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from cart.carts.domain.line import Line
from cart.carts.domain.status import Lock, Phase, Status
from contracts import cart as facts
from contracts.referral import Snapshot
from contracts.sale import Destination
from kernel.domain import UTC_MIN, Aggregate

CATALOGUE, QUANTITY, DESTINATION, CUSTOMER = "catalogue", "quantity", "destination", "customer"
PARENT_REMOVED = "parent_removed"
"""The reasons for which a cart is repriced."""

ACTIVITY = {
    facts.Created,
    facts.ItemAdded,
    facts.ItemQuantityChanged,
    facts.ItemRemoved,
    facts.Cleared,
    facts.DiscountApplied,
    facts.DiscountRemoved,
    facts.CustomerSet,
    facts.DestinationSet,
    facts.UpsellDeclined,
    facts.Recovered,
    facts.Merged,
    facts.Unlocked,
}
"""What callers do, and the cart's return from a checkout. Repricing is none."""


def is_activity(fact: facts.CartFact) -> bool:
    if isinstance(fact, facts.ShippingSelected):
        return not fact.automatic
    return type(fact) in ACTIVITY


class CartState(Aggregate):
    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.session_id = ""
        self.customer_id: str | None = None
        self.currency = ""
        self.cart_type = ""
        self.metadata: Mapping[str, Any] = {}
        self.destination: Destination | None = None
        self.created_at = self.expires_at = UTC_MIN
        self.status = Status.ACTIVE
        self.lines: dict[UUID, Line] = {}
        self.codes: dict[UUID, str] = {}
        self.locks: dict[UUID, Lock] = {}
        """Every lock that was ever granted, by its checkout."""
        self.holder: UUID | None = None
        """The checkout that holds the cart now, or has bought it."""
        self.order_id: UUID | None = None
        self.left_sessions: set[str] = set()
        """Those of which it is not the open cart any more, because it waits for a payment."""
        self.last_activity_at = UTC_MIN
        """When a caller last changed the cart, or a checkout gave it back."""
        self.phase_began_at = UTC_MIN
        self.abandoned_at: datetime | None = None
        """None unless the cart is abandoned now."""
        self.times_abandoned = 0
        self.recovery_attempts = 0
        """Messages that were due, in the cart's whole life."""
        self.merged_into: UUID | None = None
        self.merges: dict[UUID, facts.Merged] = {}
        """What was merged into this cart, by the guest's cart."""
        self.shipping: facts.ShippingSelected | None = None
        self.upsells_offered: dict[UUID, datetime] = {}
        """Upsells that were ever eligible, with the first time."""
        self.declined: set[UUID] = set()
        """Upsells."""
        self.flow_ids: set[UUID] = set()
        """The flows that lead to the purchase of this cart."""
        self.referrals: tuple[Snapshot, ...] = ()
        """The referral discounts that the cart was last shown with."""

    @property
    def lock(self) -> Lock | None:
        """The lock that the cart is under, or was sold under."""
        return self.locks.get(self.holder) if self.holder else None

    @property
    def all_sessions(self) -> tuple[str, ...]:
        """Also those that may have another open cart."""
        merged = (session for merge in self.merges.values() for session in merge.sessions)
        return tuple(dict.fromkeys((self.session_id, *merged)))

    @property
    def sessions(self) -> tuple[str, ...]:
        """Those whose open cart it is, as long as it is open."""
        return tuple(it for it in self.all_sessions if it not in self.left_sessions)

    @property
    def is_detached(self) -> bool:
        return self.session_id in self.left_sessions

    @property
    def product_ids(self) -> set[UUID]:
        return {line.product_id for line in self.lines.values()}

    @property
    def country(self) -> str | None:
        return self.destination.country if self.destination else None

    @property
    def is_open(self) -> bool:
        """Whether it may be changed, now or after its checkout."""
        return self.status in {Status.ACTIVE, Status.ABANDONED, Status.LOCKED}

    @property
    def phase(self) -> Phase:
        if self.status is Status.ABANDONED:
            return Phase.RETURN
        return Phase.ACTIVITY if self.status is Status.ACTIVE and self.lines else Phase.NOTHING

    def lock_is_over(self, now: datetime) -> bool:
        """The lock has expired, and the cart is not recorded as unlocked yet."""
        lock = self.lock
        return self.status is Status.LOCKED and lock is not None and not lock.held and lock.expires_at <= now

    def is_overdue(self, now: datetime) -> bool:
        """Its lifetime has ended, it is not recorded as expired yet, and no checkout holds it."""
        return self.status_at(now) is Status.EXPIRED and self.status is not Status.EXPIRED

    def status_at(self, now: datetime) -> Status:
        """The status at this time, even if the timer that records it has not fired yet."""
        status = Status.ACTIVE if self.lock_is_over(now) else self.status
        is_overdue = status in {Status.ACTIVE, Status.ABANDONED} and self.expires_at <= now
        return Status.EXPIRED if is_overdue else status

    def evolve(self, fact: facts.CartFact) -> None:
        if is_activity(fact):
            self.last_activity_at = fact.timestamp
        phase = self.phase
        self._apply(fact)
        if self.phase is not phase:
            self.phase_began_at = fact.timestamp

    def _apply(self, fact: facts.CartFact) -> None:  # noqa: PLR0912, PLR0915  # one case per fact
        match fact:  # case by case, so that the most frequent one is the first
            case facts.Repriced(items=items, reason=reason, timestamp=at):
                changed_at = at if reason == CATALOGUE else None
                for change in items:
                    self.lines[change.item_id] = self.lines[change.item_id].at_price(change, changed_at)
            case facts.Created():
                self.session_id, self.customer_id = fact.session_id, fact.customer_id
                self.currency, self.cart_type = fact.currency, fact.cart_type
                self.metadata, self.expires_at = fact.metadata, fact.expires_at
                self.created_at = fact.timestamp
            case facts.ItemAdded(item_id=item_id):
                line = self.lines.get(item_id)
                self.lines[item_id] = line.enlarged_by(fact) if line else Line.from_fact(fact)
            case facts.ItemQuantityChanged(item_id=item_id, quantity=quantity, gift_seats=seats):
                line = self.lines[item_id]
                seats = min(line.gift_seats if seats is None else seats, quantity)
                self.lines[item_id] = line._replace(quantity=quantity, gift_seats=seats)
            case facts.ItemRemoved(item_id=item_id):
                del self.lines[item_id]
            case facts.Cleared():
                self.lines.clear()
            case facts.DiscountApplied(code=code, promotion_id=promotion_id):
                self.codes[promotion_id] = code
            case facts.DiscountRemoved(code=code):
                self.codes = {key: value for key, value in self.codes.items() if value != code}
            case facts.CustomerSet(customer_id=customer_id):
                self.customer_id = customer_id
            case facts.DestinationSet(country=country, region=region):
                self.destination = Destination(country=country, region=region)
            case facts.ShippingSelected():
                self.shipping = fact
            case facts.UpsellsOffered(upsells=upsells, timestamp=at):
                for proposed in upsells:
                    self.upsells_offered.setdefault(proposed.upsell_id, at)
            case facts.UpsellDeclined(upsell_id=upsell_id):
                self.declined.add(upsell_id)
            case facts.FlowJoined(flow_id=flow_id):
                self.flow_ids.add(flow_id)
            case facts.Abandoned(timestamp=at):
                self.status, self.abandoned_at = Status.ABANDONED, at
                self.times_abandoned += 1
            case facts.RecoveryDue(attempt=attempt) | facts.RecoverySkipped(attempt=attempt):
                self.recovery_attempts = attempt
            case facts.Recovered():
                self.status, self.abandoned_at = Status.ACTIVE, None
            case facts.Merged(into_cart_id=into, guest_cart_id=guest):
                if into == self.id:
                    self.merges[guest] = fact
                    self.left_sessions -= set(fact.sessions)
                else:
                    self.status, self.merged_into = Status.MERGED, into
            case facts.ReferralApplied(snapshots=snapshots):
                self.referrals = snapshots
            case facts.ReferralRemoved():
                self.referrals = ()
            case facts.Locked(process_id=checkout_id):
                self.status, self.holder = Status.LOCKED, checkout_id
                self.locks[checkout_id] = Lock.granted_by(fact)
            case facts.Held(process_id=checkout_id, until=until, detached=detached):
                self.locks[checkout_id] = self.locks[checkout_id].held_until(until)
                if detached:
                    self.left_sessions = set(self.all_sessions)
            case facts.Unlocked(detached=detached):
                self.status, self.holder = Status.ACTIVE, None
                if not detached:
                    self.left_sessions = set()
            case facts.Converted(process_id=checkout_id, order_id=order_id):
                self.status, self.holder, self.order_id = Status.CONVERTED, checkout_id, order_id
            case facts.Expired():
                self.status = Status.EXPIRED
            case _:
                assert_never(fact)
