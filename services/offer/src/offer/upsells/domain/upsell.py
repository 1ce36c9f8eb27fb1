"""An upsell: a product that is proposed beside an offer, at a reduced price. An order bump is one of them."""

from decimal import Decimal
from typing import assert_never
from uuid import UUID

from contracts import upsell as facts
from kernel.domain import Aggregate
from kernel.ids import NIL_ID
from offer.catalogue.domain.errors import Invalid

ORDER_BUMP = "order_bump"
PERCENTAGE = "percentage"
MAX_PERCENT = 100
EMPTY = facts.UpsellDetails(
    type="", product_id=NIL_ID, name="", discount=facts.Reduction(type=PERCENTAGE, value="1")
)


class Upsell(Aggregate):
    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.offer_id = NIL_ID
        self.details = EMPTY
        self.removed = False

    def create(self, offer_id: UUID, details: facts.UpsellDetails) -> None:
        check_details(details)
        self.record(facts.Created(offer_id=offer_id, details=details))

    def change(self, details: facts.UpsellDetails) -> None:
        check_details(details)
        if details != self.details:
            self.record(facts.Changed(offer_id=self.offer_id, details=details))

    def remove(self) -> None:
        self.record(facts.Removed(offer_id=self.offer_id))

    def evolve(self, fact: facts.UpsellFact) -> None:
        match fact:
            case facts.Created(offer_id=offer_id, details=details):
                self.offer_id = offer_id
                self.details = details
            case facts.Changed(details=details):
                self.details = details
            case facts.Removed():
                self.removed = True
            case _:
                assert_never(fact)


def check_details(details: facts.UpsellDetails) -> None:
    """Refuse details that contradict one another. Raises ``Invalid``."""
    _check_discount(details.discount)
    trigger, urgency = details.trigger, details.urgency
    low, high = trigger.minimum_cart_value, trigger.maximum_cart_value
    if low is not None and high is not None and low > high:
        raise Invalid(("trigger", "maximum_cart_value"), "The value is below minimum_cart_value.")
    if trigger.hide_after_seconds is not None and trigger.hide_after_seconds <= trigger.show_after_seconds:
        raise Invalid(("trigger", "hide_after_seconds"), "It must be hidden after it is shown.")
    if details.auto_add and details.type != ORDER_BUMP:
        raise Invalid(("auto_add",), "Only order bumps are added to a cart without a request.")
    if urgency is not None and urgency.seconds is None and urgency.ends_at is None:
        raise Invalid(("urgency",), "A limit of time needs seconds or ends_at.")


def _check_discount(discount: facts.Reduction) -> None:
    value = Decimal(discount.value)
    if discount.type == PERCENTAGE:
        if not 0 < value <= MAX_PERCENT or value != round(value, 2):
            detail = "A percentage is above 0 and at most 100, with at most two decimals."
            raise Invalid(("discount", "value"), detail)
    elif value < 1 or value != int(value):
        raise Invalid(("discount", "value"), "An amount is a whole number of minor units, at least 1.")
