"""The refusals of referrals. Each docstring stands in docs/errors.md."""

from kernel.domain import NotFound, Refused


class ReferralNotFound(NotFound):
    """There is no such referral program, rule, attribution or override."""

    code = "REFERRAL_NOT_FOUND"


class ReferralRefused(Refused):
    """The attribution is not possible; the member `reason` says why: `self_referral`, `already_attributed`,
    `blocked`, `not_in_audience`, `program_not_active` or `revoked`."""

    code = "REFERRAL_REFUSED"

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail, reason=reason)
