"""The rules for the details of a campaign that concern several fields together."""

from decimal import Decimal

from contracts.campaign import MAX_OFFERS, CampaignChange, CampaignDetails
from offer.catalogue.domain.currencies import check_currency
from offer.catalogue.domain.errors import Invalid

MAX_AMOUNT = 10**12


def check_details(details: CampaignDetails) -> None:
    """Raises ``Invalid``."""
    if details.starts_at and details.ends_at and details.starts_at >= details.ends_at:
        raise Invalid(("ends_at",), "The time is not after starts_at.")
    if details.budget is not None:
        check_currency(("budget", "currency"), details.budget.currency)
    if len(details.offer_ids) > MAX_OFFERS:
        raise Invalid(("offer_ids",), f"A campaign has at most {MAX_OFFERS} offers.")
    if details.change is not None:
        _check_change(details.change)


def _check_change(change: CampaignChange) -> None:
    value = Decimal(change.value)
    if change.type == "percentage":
        if not 0 < value <= 100 or value != round(value, 2):
            raise Invalid(("change", "value"), "A percentage is over 0 to 100, with at most two decimals.")
    elif value != int(value) or value > MAX_AMOUNT:
        raise Invalid(("change", "value"), "An amount is a whole number of minor units.")
    elif change.type == "fixed_amount" and not value:
        raise Invalid(("change", "value"), "A fixed amount is above 0.")
