"""The refusals of offers. Each docstring stands in docs/errors.md."""

from kernel.domain import NotFound, Refused


class OfferNotFound(NotFound):
    """There is no such offer, or it is not published."""

    code = "OFFER_NOT_FOUND"


class SlugExists(Refused):
    """Another offer has this slug."""

    code = "SLUG_EXISTS"


class OfferStatusConflict(Refused):
    """The status of the offer, which is the member `offer_status`, does not allow this."""

    code = "OFFER_STATUS_CONFLICT"


class CampaignNotFound(NotFound):
    """There is no such campaign."""

    code = "CAMPAIGN_NOT_FOUND"


class PriceMissing(Refused):
    """The product has no price, or none in this currency."""

    code = "CURRENCY_NOT_PRICED"
