"""Promotions, and the checks that do not depend on other promotions."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from contracts.sale import Referral
from pricing.customer import Customer
from pricing.promotion_kinds.kind import PromotionKind
from pricing.selector import Selector


class Stack(StrEnum):
    """How a promotion combines with others."""

    EXCLUSIVE = "exclusive"
    BEST_OF = "best_of"
    STACKABLE = "stackable"


class Reason(StrEnum):
    """Why a promotion was not applied."""

    UNSUPPORTED_KIND = "unsupported_kind"
    DISABLED = "disabled"
    NOT_STARTED = "not_started"
    EXPIRED = "expired"
    LIMIT_REACHED = "limit_reached"
    CURRENCY_MISMATCH = "currency_mismatch"
    CONDITIONS_NOT_MET = "conditions_not_met"
    NO_EFFECT = "no_effect"
    NOT_COMBINABLE = "not_combinable"
    BETTER_DISCOUNT_APPLIED = "better_discount_applied"


@dataclass(frozen=True, slots=True)
class Conditions(Selector):
    """
    The conditions of a promotion, all of which must hold.

    The minimum is compared with what earlier promotions have left of the whole basket, in minor units of its
    currency. The selector has the lines that the promotion is for. The customer must be one of
    ``customer_ids`` and in one of the segments, if there are any; ``first_order``: they must not have paid an
    order yet.
    """

    minimum_subtotal: int = 0
    currency: str | None = None
    customer_ids: frozenset[str] = frozenset()
    customer_segments: frozenset[str] = frozenset()
    first_order: bool = False

    @property
    def are_for_some(self) -> bool:
        """Whether they concern the customer."""
        return bool(self.customer_ids or self.customer_segments) or self.first_order

    def accept(self, customer: Customer) -> bool:
        """Whether those hold that concern the customer; they do not hold for an unknown one."""
        return not (
            (self.customer_ids and customer.customer_id not in self.customer_ids)
            or (self.customer_segments and self.customer_segments.isdisjoint(customer.segments))
            or (self.first_order and customer.paid_orders != 0)
        )

    def wait_for(self, customer: Customer) -> bool:
        """Whether the answer of ``accept`` may change when more is known of the customer."""
        return (
            bool(self.customer_ids and customer.customer_id is None)
            or bool(self.customer_segments and not customer.is_known)
            or (self.first_order and customer.paid_orders is None)
        )


@dataclass(frozen=True, slots=True)
class Stacking:
    """The smaller priority comes first. The cap is the maximum discount, in minor units."""

    mode: Stack = Stack.STACKABLE
    priority: int = 0
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class Promotion:
    """
    A promotion as prices depend on it.

    ``terms`` is None if the kind is not supported. ``refused``: why it cannot be used, as the caller knows:
    it is disabled or used up. ``referral``: why a referral discount is given; it is no different otherwise.
    """

    promotion_id: str
    kind: str
    terms: PromotionKind | None
    code: str | None = None
    currency: str | None = None
    conditions: Conditions = field(default_factory=Conditions)
    stacking: Stacking = field(default_factory=Stacking)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    refused: Reason | None = None
    referral: Referral | None = None

    @property
    def turn(self) -> tuple[int, str]:
        """The sort key of the order of application."""
        return self.stacking.priority, self.promotion_id


def standing_refusal(promotion: Promotion, currency: str, at: datetime) -> Reason | None:
    """Why the promotion cannot be used, with or without others; None if it can."""
    terms = promotion.terms
    if terms is None:
        return Reason.UNSUPPORTED_KIND
    if promotion.refused is Reason.DISABLED:
        return Reason.DISABLED
    if promotion.starts_at is not None and at < promotion.starts_at:
        return Reason.NOT_STARTED
    if promotion.ends_at is not None and at >= promotion.ends_at:
        return Reason.EXPIRED
    if promotion.refused is not None:
        return promotion.refused
    if terms.needs_currency and promotion.currency is None:
        return Reason.CURRENCY_MISMATCH
    if promotion.currency not in {None, currency} or promotion.conditions.currency not in {None, currency}:
        return Reason.CURRENCY_MISMATCH
    return None


def may_stay_idle(promotion: Promotion, customer: Customer, *, shipping_is_due: bool) -> bool:
    """Whether a code that does nothing yet may stay on a cart: shipping may become due, the customer may
    become known."""
    waits_for_shipping = promotion.terms is not None and promotion.terms.on_shipping and not shipping_is_due
    return waits_for_shipping or promotion.conditions.wait_for(customer)
