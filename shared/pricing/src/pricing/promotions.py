"""Promotions, and the checks that do not depend on other promotions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pricing.basket import Basket, Line
from pricing.promotion_kinds.registry import KINDS


class Stack(StrEnum):
    """How a promotion combines with others."""

    EXCLUSIVE = "exclusive"
    BEST_OF = "best_of"
    STACKABLE = "stackable"


class Reason(StrEnum):
    """Why a promotion was not applied."""

    UNSUPPORTED_KIND = "unsupported_kind"
    NOT_STARTED = "not_started"
    EXPIRED = "expired"
    CURRENCY_MISMATCH = "currency_mismatch"
    CONDITIONS_NOT_MET = "conditions_not_met"
    NO_EFFECT = "no_effect"
    NOT_COMBINABLE = "not_combinable"
    BETTER_DISCOUNT_APPLIED = "better_discount_applied"


@dataclass(frozen=True, slots=True)
class Conditions:
    """
    The conditions of a promotion, all of which must hold.

    The minimum is compared with what earlier promotions have left of the whole basket, in minor units of its
    currency. The sets select the lines that the promotion is for; an empty set selects all.
    """

    minimum_subtotal: int = 0
    product_ids: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    collections: frozenset[str] = frozenset()
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Stacking:
    """The smaller priority comes first. The cap is the maximum discount, in minor units."""

    mode: Stack = Stack.STACKABLE
    priority: int = 0
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class Promotion:
    """``value``: what it means is said by the module of its kind, in ``promotion_kinds``."""

    promotion_id: str
    kind: str
    value: int
    code: str | None = None
    currency: str | None = None
    conditions: Conditions = field(default_factory=Conditions)
    stacking: Stacking = field(default_factory=Stacking)
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def turn(self) -> tuple[int, str]:
        """The sort key of the order of application."""
        return self.stacking.priority, self.promotion_id


def standing_refusal(promotion: Promotion, currency: str, at: datetime) -> Reason | None:
    """Why the promotion cannot be used, with or without others; None if it can."""
    kind = KINDS.get(promotion.kind)
    if kind is None:
        return Reason.UNSUPPORTED_KIND
    if promotion.starts_at is not None and at < promotion.starts_at:
        return Reason.NOT_STARTED
    if promotion.ends_at is not None and at >= promotion.ends_at:
        return Reason.EXPIRED
    if kind.needs_currency and promotion.currency is None:
        return Reason.CURRENCY_MISMATCH
    if not {promotion.currency, promotion.conditions.currency} <= {None, currency}:
        return Reason.CURRENCY_MISMATCH
    return None


def eligible_lines(
    conditions: Conditions, basket: Basket, remaining: Mapping[str, int]
) -> dict[str, int] | None:
    """What is left of each line that the promotion is for, or None if its conditions do not hold."""
    if sum(remaining.values()) < conditions.minimum_subtotal:
        return None
    lines = {line.line_id: remaining[line.line_id] for line in basket.lines if _selects(conditions, line)}
    return lines or None


def _selects(conditions: Conditions, line: Line) -> bool:
    return (
        (not conditions.product_ids or line.product_id in conditions.product_ids)
        and (not conditions.categories or line.category in conditions.categories)
        and (not conditions.collections or not conditions.collections.isdisjoint(line.collections))
    )
