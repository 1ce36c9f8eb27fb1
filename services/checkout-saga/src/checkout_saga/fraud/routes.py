"""The routes of a tenant's fraud rules."""

from __future__ import annotations

from fastapi import Response

from checkout_saga.fraud.schemas import RulesBody, RulesView, show_rules
from checkout_saga.fraud.use_cases import changing
from checkout_saga.fraud.use_cases.changing import find_rules
from contracts.roles import ADMINS
from kernel.http.dependencies import Read, Write
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork


async def change_fraud_rules(body: RulesBody, write: Write) -> Response:
    """Replace all rules. They count for payments that are asked for from now on."""

    async def act(work: UnitOfWork) -> Result:
        write.check(await find_rules(work))
        rules = await changing.change_rules([it.rule() for it in body.rules], work)
        return Result(show_rules(rules, work.now), rules.version)

    return await write.run(act)


async def get_fraud_rules(read: Read) -> Response:
    """Get the rules; the defaults if none have been set."""

    async def act(work: UnitOfWork) -> Result:
        rules = await find_rules(work)
        return Result(show_rules(rules, work.now), rules.version)

    return await read.run(act)


PATH = "/v1/fraud/rules"
ROUTES = RouteTable(
    "fraud rules",
    (
        Route("GET", PATH, get_fraud_rules, ADMINS, RulesView),
        Route("PUT", PATH, change_fraud_rules, ADMINS, RulesView),
    ),
)
