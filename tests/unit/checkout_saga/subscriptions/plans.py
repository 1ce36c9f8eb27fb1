"""Plans, and orders that have sold a subscription to one of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from billing.invoices.identity import period_invoice_id
from checkout_saga.orders.use_cases.refunds import cancel_order
from checkout_saga.subscriptions.domain.subscription import subscription_id_of
from checkout_saga.subscriptions.use_cases.plan_copy import CURRENT
from contracts.plan import BillingCycle, PlanTerms
from contracts.sale import Money, Sale, SaleLine
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import Scenario
from tests.unit.checkout_saga.examples import ORDER
from tests.unit.checkout_saga.fulfillment.orders import begin, line, paid, sale

PLAN = UUID(int=0x9A)
SUBSCRIPTION = subscription_id_of(ORDER, "a")
INVOICE = period_invoice_id(SUBSCRIPTION, 1)


def terms(interval: str = "month", count: int = 1, **more: Any) -> PlanTerms:
    return PlanTerms(
        code="starter",
        name="Starter",
        billing_cycle=BillingCycle(interval=interval, count=count),
        prices=(Money(amount=1000, currency="USD"),),
        features=("reports",),
        limits={"seats": 5},
        **more,
    )


def sold(plan_id: str | None = str(PLAN), **changed: Any) -> SaleLine:
    return line("a", "subscription", plan_id=plan_id).model_copy(update=changed)


def known(story: Scenario, *versions: PlanTerms, archived: bool = False) -> Scenario:
    """The copy of plans has these terms of the plan, the newest last."""
    newest = versions[-1].model_dump(mode="json", exclude_none=True)
    row = {"terms_version": len(versions), "terms": newest, "archived": archived}
    story.world.rows[CURRENT, ("demo", PLAN)] = [row]
    return story


def awaiting(*lines: SaleLine) -> tuple[Scenario, Sale]:
    """A paid order whose lines nothing has been done for."""
    wanted = sale(*(lines or (sold(),)))
    return paid(wanted), wanted


def running(*versions: PlanTerms, **changed: Any) -> Scenario:
    """A subscription that an order has started."""
    story, wanted = awaiting(sold(**changed))
    return known(story, *(versions or (terms(),))).when(begin, wanted)


async def call_off(reason: str, work: UnitOfWork) -> None:
    await cancel_order(ORDER, UUID(int=0xF1), reason, work)
