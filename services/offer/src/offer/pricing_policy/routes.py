"""The routes of the pricing policy."""

from __future__ import annotations

from fastapi import Response

from contracts.roles import ADMINS, READERS
from kernel.http.dependencies import Read, Write
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork
from offer.pricing_policy import use_cases
from offer.pricing_policy.schemas import PricingPolicyBody, PricingPolicyView, show_pricing_policy
from offer.pricing_policy.use_cases import find_pricing_policy


async def set_pricing_policy(body: PricingPolicyBody, write: Write) -> Response:
    """Set how amounts are rounded from now on. Sales that are locked keep their policy."""

    async def act(work: UnitOfWork) -> Result:
        write.check(await find_pricing_policy(work))
        policy = await use_cases.set_pricing_policy(body.policy(), work)
        return Result(show_pricing_policy(policy, work.now), policy.version)

    return await write.run(act)


async def get_pricing_policy(read: Read) -> Response:
    """Get the policy; the default if none has been set."""

    async def act(work: UnitOfWork) -> Result:
        policy = await find_pricing_policy(work)
        return Result(show_pricing_policy(policy, work.now), policy.version)

    return await read.run(act)


ALL = "/v1/pricing-policy"
ROUTES = RouteTable(
    "pricing policy",
    (
        Route("PUT", ALL, set_pricing_policy, ADMINS, PricingPolicyView),
        Route("GET", ALL, get_pricing_policy, READERS, PricingPolicyView),
    ),
)
