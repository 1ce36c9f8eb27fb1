"""Subscription plans: their terms and versions, their code, archiving and migration."""

from datetime import timedelta
from typing import Any

import pytest

from contracts import plan as facts
from contracts.topics import MESSAGES
from kernel import ids
from kernel.store.upcasting import read_fact
from offer.catalogue.domain.errors import CodeExists, Invalid, PlanNotActive, PlanNotFound
from offer.plans.domain.plan import Plan
from offer.plans.use_cases.finding import find_plan
from offer.plans.use_cases.plans import (
    ChangePlan,
    MigratePlan,
    archive_plan,
    change_plan,
    claim_again,
    create_plan,
    migrate_plan,
    with_codes,
)
from tests.support.scenario import NOW, given, stamp
from tests.unit.offer.examples import named
from tests.unit.offer.plan_examples import (
    CALLS,
    MONTH,
    SEATS,
    STARTER,
    USD_2900,
    a_plan,
    add_on,
    archived,
    changed,
    created,
    fields,
    terms,
)

EUR_2900 = {"amount": 2900, "currency": "EUR"}


def change(**other: Any) -> ChangePlan:
    return ChangePlan(STARTER, other)


def test_a_new_plan_is_active_and_has_its_code_for_itself() -> None:
    scenario = given().when(create_plan, fields())
    plan: Plan = scenario.result
    scenario.then(created(plan_id=plan.id))
    scenario.then_holds("plan_code", "starter", plan.id).then_holds("plan", str(plan.id), plan.id)
    assert plan.is_active
    scenario.when(with_codes, ["starter", "pro"]).then_result([plan.id])


def test_a_code_names_one_plan_for_ever() -> None:
    scenario = a_plan().when(archive_plan, STARTER)
    scenario.when(create_plan, fields()).then_refused(CodeExists)


@pytest.mark.parametrize(
    "wrong",
    [
        {"billing_cycle": {"interval": "month", "count": 37}},
        {"billing_cycle": {"interval": "week", "count": 157}},
        {"billing_cycle": {"interval": "year", "count": 4}},
        {"billing_cycle": {"interval": "week"}, "anchor_day": 1},
        {"prices": [{"amount": 1, "currency": "XXX"}]},
        {"prices": [USD_2900, USD_2900]},
        {"features": ["sso", "sso"]},
        {"add_ons": [add_on(), add_on(name="More seats")]},
        {"add_ons": [add_on(add_on_id=SEATS), add_on(add_on_id=SEATS, code="more")]},
        {"add_ons": [add_on(prices=[USD_2900, USD_2900])]},
        {"add_ons": [add_on(auto_include=True, prices=[EUR_2900])]},
        {"meters": [CALLS, CALLS]},
        {"meters": [{**CALLS, "prices": [{"currency": "EUR", "unit_amount": "0.5"}]}]},
        {"dunning": {"retry_days": [3, 1]}},
        {"dunning": {"suspend_after_days": 15}},
    ],
)
def test_terms_that_contradict_one_another_are_refused(wrong: dict[str, Any]) -> None:
    given().when(create_plan, fields(**wrong)).then_refused(Invalid)
    a_plan().when(change_plan, change(**wrong)).then_refused(Invalid)


TIERS = [{"up_to": 10, "unit_amount": "0.5"}, {"unit_amount": "0.2"}]


@pytest.mark.parametrize(
    ("model", "price"),
    [
        ("per_unit", {"unit_amount": "0.000001"}),
        ("graduated", {"tiers": TIERS}),
        ("volume", {"tiers": TIERS}),
        ("package", {"size": 1000, "amount": 150}),
    ],
)
def test_a_price_of_usage_has_what_its_model_needs_alone(model: str, price: dict[str, Any]) -> None:
    def meters(**other: Any) -> dict[str, Any]:
        return {"meters": [{**CALLS, "model": model, "prices": [{"currency": "USD", **other}]}]}

    scenario = given().when(create_plan, fields(**meters(**price)))
    scenario.then(created(terms(**meters(**price), usage_grace_hours=1), scenario.result.id))
    for name in price:
        less = {it: value for it, value in price.items() if it != name}
        given().when(create_plan, fields(**meters(**less))).then_refused(Invalid)
    other = {"size": 1} if model != "package" else {"unit_amount": "1"}
    given().when(create_plan, fields(**meters(**price, **other))).then_refused(Invalid)


@pytest.mark.parametrize("tiers", [TIERS[::-1], TIERS[:1], [TIERS[0], TIERS[0], TIERS[1]]])
def test_tiers_of_usage_ascend_and_the_last_one_has_no_end(tiers: list[dict[str, Any]]) -> None:
    meter = {**CALLS, "model": "graduated", "prices": [{"currency": "USD", "tiers": tiers}]}
    given().when(create_plan, fields(meters=[meter])).then_refused(Invalid)


@pytest.mark.parametrize(
    "other",
    [
        {"prices": [{"amount": 3400, "currency": "USD"}]},
        {"features": ["sso"]},
        {"limits": {"projects": 10}},
    ],
)
def test_other_terms_have_the_next_version(other: dict[str, Any]) -> None:
    a_plan().when(change_plan, change(**other)).then(changed(terms(**other), 2))


@pytest.mark.parametrize("other", [{"name": "Small"}, {"trial_days": 14}, {"dunning": {"end": "pause"}}])
def test_what_a_subscription_does_not_take_over_keeps_the_version(other: dict[str, Any]) -> None:
    scenario = a_plan().when(change_plan, change(**other)).then(changed(terms(**other), 1))
    scenario.when(change_plan, change(**other)).then_nothing()


def test_usage_is_waited_for_an_hour_while_there_are_meters_unless_the_shop_says_otherwise() -> None:
    scenario = a_plan().when(change_plan, change(meters=[CALLS]))
    scenario.then(changed(terms(meters=[CALLS], usage_grace_hours=1), 2))
    scenario.when(change_plan, change(meters=[])).then(changed(terms(), 3))
    scenario.when(change_plan, change(usage_grace_hours=5)).then(changed(terms(usage_grace_hours=5), 3))
    kept = terms(meters=[CALLS], usage_grace_hours=5)
    scenario.when(change_plan, change(meters=[CALLS])).then(changed(kept, 4))


def test_an_add_on_keeps_its_id_by_its_code() -> None:
    scenario = a_plan().when(change_plan, change(add_ons=[add_on()]))
    derived = ids.derive_id(STARTER, "add_on:seats")
    scenario.then(changed(terms(add_ons=[add_on(add_on_id=derived)]), 2))
    scenario.when(change_plan, change(add_ons=[add_on(add_on_id=SEATS)]))
    scenario.then(changed(terms(add_ons=[add_on(add_on_id=SEATS)]), 3))
    scenario.when(change_plan, change(add_ons=[add_on(type="chair")]))
    scenario.then(changed(terms(add_ons=[add_on(add_on_id=SEATS, type="chair")]), 4))


def test_an_archived_plan_does_not_change() -> None:
    scenario = a_plan().when(archive_plan, STARTER).then(archived())
    scenario.when(archive_plan, STARTER).then_nothing()
    scenario.when(change_plan, change(name="Small")).then_refused(PlanNotActive, plan_id=str(STARTER))


def test_subscriptions_on_earlier_terms_are_migrated_after_the_notice() -> None:
    scenario = a_plan().when(change_plan, change(limits={"projects": 3})).when(archive_plan, STARTER)
    order = MigratePlan(STARTER, 1, 30)
    not_before = NOW + timedelta(days=30)
    ordered = facts.MigrationOrdered(**stamp(STARTER), from_terms_version=1, not_before=not_before)
    scenario.when(migrate_plan, order).then(ordered)
    assert scenario.result.migrations == {1: not_before}
    sooner = scenario.when(migrate_plan, MigratePlan(STARTER, 1, 0))
    assert sooner.result.migrations == {1: NOW}


@pytest.mark.parametrize("version", [0, 2, 3])
def test_only_subscriptions_on_earlier_terms_can_be_migrated(version: int) -> None:
    scenario = a_plan().when(change_plan, change(features=["sso"]))
    scenario.when(migrate_plan, MigratePlan(STARTER, version, 30)).then_refused(Invalid)


def test_a_plan_that_is_not_there_is_not_found() -> None:
    missing = named("missing")
    given().when(find_plan, missing).then_refused(PlanNotFound, plan_id=str(missing))
    given().when(change_plan, ChangePlan(missing, {})).then_refused(PlanNotFound)


def test_a_plan_that_was_recovered_has_its_keys_again() -> None:
    async def recover(plan_id: Any, work: Any) -> None:
        await claim_again(await work.open(Plan, plan_id), work)

    scenario = given(created()).when(recover, STARTER)
    scenario.then_holds("plan_code", "starter", STARTER).then_holds("plan", str(STARTER), STARTER)


def test_a_plan_with_nothing_but_what_it_needs_can_still_be_read() -> None:
    body = {"terms": fields(billing_cycle=MONTH), "terms_version": 1}
    stored = facts.Created.model_validate(body, strict=False).body()
    read = read_fact("plan.created", 1, stored, STARTER, 1, NOW, MESSAGES)
    assert isinstance(read, facts.Created)
    assert (read.terms.proration_unit, read.terms.dunning.retry_days) == ("second", (1, 3, 5, 7))
