"""The discount of one promotion."""

from pricing.allocation import allocate
from pricing.priced import AppliedDiscount
from pricing.promotion_kinds.kind import Basis, PromotionKind
from pricing.promotions import Promotion, Reason
from pricing.rounding import Mode


def discount(
    promotion: Promotion, terms: PromotionKind, basis: Basis, mode: Mode
) -> AppliedDiscount | Reason:
    """Apply the promotion, whose conditions hold, to what is left. A `Reason` if it gives no discount."""
    grant = terms.give(basis, mode)
    if grant is None:
        return Reason.CONDITIONS_NOT_MET
    total = sum(grant.shared_by.values())
    cap = promotion.stacking.cap
    amount = min(grant.amount, total if cap is None else min(total, cap))
    if amount <= 0:
        return Reason.NO_EFFECT
    return AppliedDiscount(
        promotion_id=promotion.promotion_id,
        code=promotion.code,
        kind=promotion.kind,
        amount=amount,
        allocation={key: share for key, share in allocate(amount, grant.shared_by).items() if share},
        cap=cap,
        basis=total,
        granted=grant.amount,
        how=grant.how,
        referral=promotion.referral,
    )
