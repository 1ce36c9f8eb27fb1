"""The discount of one promotion."""

from collections.abc import Mapping

from pricing.allocation import allocate
from pricing.basket import Basket
from pricing.priced import AppliedDiscount
from pricing.promotion_kinds.registry import KINDS
from pricing.promotions import Promotion, Reason, eligible_lines
from pricing.rounding import Mode


def discount(
    promotion: Promotion, basket: Basket, remaining: Mapping[str, int], mode: Mode
) -> AppliedDiscount | Reason:
    """Apply the promotion to what is left of its lines. A `Reason` if it gives no discount."""
    lines = eligible_lines(promotion.conditions, basket, remaining)
    if lines is None:
        return Reason.CONDITIONS_NOT_MET
    basis = sum(lines.values())
    amount = KINDS[promotion.kind].amount(promotion.value, basis, mode)
    cap = promotion.stacking.cap
    amount = min(amount, basis if cap is None else min(basis, cap))
    if amount <= 0:
        return Reason.NO_EFFECT
    return AppliedDiscount(
        promotion_id=promotion.promotion_id,
        code=promotion.code,
        kind=promotion.kind,
        amount=amount,
        allocation={key: share for key, share in allocate(amount, lines).items() if share},
        value=promotion.value,
        cap=cap,
        basis=basis,
    )
