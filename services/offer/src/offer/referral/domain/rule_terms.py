"""The rules for the details of a referral rule that concern several fields together."""

from decimal import Decimal

from contracts.referral_rule import Reward, RuleDetails
from kernel.domain import FieldPath
from offer.catalogue.domain.currencies import check_currency
from offer.catalogue.domain.errors import Invalid
from pricing.money import is_currency

NTH_ORDER_PAID = "nth_order_paid"
PERCENTAGE = "percentage"
MAX_AMOUNT = 10**12


def check_rule(details: RuleDetails) -> None:
    """Raises ``Invalid``."""
    if (details.trigger == NTH_ORDER_PAID) != (details.n is not None):
        raise Invalid(("n",), "The trigger nth_order_paid needs n, and no other has one.")
    if details.currency is None and (details.minimum_order is not None or details.stacking.cap is not None):
        raise Invalid(("currency",), "A minimum or a cap needs the currency that it is in.")
    if details.currency is not None:
        check_currency(("currency",), details.currency)
    for name in ("referee_reward", "referrer_reward"):
        reward: Reward | None = getattr(details, name)
        if reward is not None:
            check_reward(reward, (name,))


def check_reward(reward: Reward, field: FieldPath) -> None:
    """Raises ``Invalid``."""
    value = Decimal(reward.value)
    if reward.type == PERCENTAGE:
        if not 0 < value <= 100 or value != round(value, 2):
            raise Invalid((*field, "value"), "A percentage is over 0 to 100, with at most two decimals.")
        if reward.currency is not None:
            raise Invalid((*field, "currency"), "A percentage has no currency.")
        return
    if not 0 < value <= MAX_AMOUNT or value != int(value):
        raise Invalid((*field, "value"), "A fixed amount is a whole number of minor units above 0.")
    if reward.currency is None or not is_currency(reward.currency):
        raise Invalid((*field, "currency"), "A fixed amount needs the code of a currency in use.")
