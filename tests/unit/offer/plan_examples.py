"""Example plans, and facts about them."""

from typing import Any
from uuid import UUID

from contracts import plan as facts
from contracts.envelope import Fact
from tests.support.scenario import Scenario, given, stamp
from tests.unit.offer.examples import named

STARTER, SEATS = named("starter"), named("seats")
USD_2900 = {"amount": 2900, "currency": "USD"}
MONTH = {"interval": "month", "count": 1}
CALLS: dict[str, Any] = {
    "meter": "api_calls",
    "name": "API calls",
    "aggregation": "sum",
    "model": "per_unit",
    "included": 1000,
    "prices": [{"currency": "USD", "unit_amount": "0.5"}],
}


def fields(**other: Any) -> dict[str, Any]:
    return {"code": "starter", "name": "Starter", "billing_cycle": MONTH, "prices": [USD_2900], **other}


def add_on(**other: Any) -> dict[str, Any]:
    seats = {"add_on_id": None, "code": "seats", "name": "Seats", "prices": [USD_2900], "type": "seat"}
    return {**seats, **other}


def terms(**other: Any) -> facts.PlanTerms:
    return facts.PlanTerms.model_validate(fields(**other))


def created(of: facts.PlanTerms | None = None, plan_id: UUID = STARTER) -> facts.Created:
    return facts.Created(**stamp(plan_id), terms=of or terms(), terms_version=1)


def changed(of: facts.PlanTerms, terms_version: int) -> facts.Changed:
    return facts.Changed(**stamp(STARTER), terms=of, terms_version=terms_version)


def archived() -> facts.Archived:
    return facts.Archived(**stamp(STARTER))


def joined(product_id: UUID) -> facts.ProductJoined:
    return facts.ProductJoined(**stamp(STARTER), product_id=product_id)


def left(product_id: UUID) -> facts.ProductLeft:
    return facts.ProductLeft(**stamp(STARTER), product_id=product_id)


def a_plan(*past: Fact, of: facts.PlanTerms | None = None) -> Scenario:
    """The plan with its keys, and other facts."""
    scenario = given(created(of), *past).claimed("plan_code", "starter", STARTER)
    return scenario.claimed("plan", str(STARTER), STARTER)
