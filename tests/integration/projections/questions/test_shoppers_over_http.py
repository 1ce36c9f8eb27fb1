"""Questions about offers, carts, referrals and campaigns over HTTP, on rows that the tests insert."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from devstack.databases import Database
from kernel.ids import NIL_ID
from tests.integration.projections.conftest import Reader
from tests.integration.projections.questions.asking import insert, interval
from tests.integration.projections.test_figures_over_http import Caller

DEMO = {"tenant": "demo"}


@pytest.fixture
def day() -> date:
    """A day of its own for each test."""
    return date(1990, 1, 1) + timedelta(days=uuid4().int % 3_000)


def on(day: date, **more: str) -> dict[str, str]:
    return {"from": day.isoformat(), "to": day.isoformat(), **more}


def usd(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "USD"}


def abandoned(day: date, attempt: int, known: date, *measures: int) -> dict[str, object]:
    counted = dict(zip(("abandoned", "recovered", "value", "revenue"), measures, strict=True))
    return {**DEMO, "day": day, "currency": "USD", "attempt": attempt, "known": known, **counted}


def activity(offer_id: UUID, day: date, variant_id: UUID = NIL_ID, **counted: int) -> dict[str, object]:
    nothing = dict.fromkeys(
        (
            *("views", "sessions", "items_added", "promotions_applied"),
            *("upsells_shown", "upsells_taken", "exposures", "conversions"),
        ),
        0,
    )
    return {**DEMO, "offer_id": offer_id, "variant_id": variant_id, "day": day, **nothing, **counted}


def label(of: UUID, name: str, currency: str | None = None, budget: int | None = None) -> dict[str, object]:
    return {**DEMO, "id": of, "name": name, "currency": currency, "budget": budget}


def sold(offer_id: UUID, day: date, known: date, conversions: int, revenue: int) -> dict[str, object]:
    counted = {"conversions": conversions, "quantity": conversions, "revenue": revenue, "discount": 0}
    return {**DEMO, "offer_id": offer_id, "currency": "USD", "day": day, "known": known, **counted}


async def test_carts_drop_off_from_step_to_step_and_add_up_to_those_that_were_created(
    reader: Reader, database: Database, day: date
) -> None:
    stopped = {
        "cart_created": 40,
        "item_added": 30,
        "checkout_started": 5,
        "payment_asked": 5,
        "completed": 20,
    }
    rows = [{**DEMO, "day": day, "step": step, "carts": carts} for step, carts in stopped.items()]
    await insert(database.superuser_url, "funnel", *rows, {**rows[0], "tenant": "rival"})
    found = await reader.items("analytics/funnels", **on(day))
    assert [(it["step"], it["entered"], it["continued"], it["dropped"]) for it in found] == [
        ("cart_created", 100, 60, 40),
        ("item_added", 60, 30, 30),
        ("checkout_started", 30, 25, 5),
        ("customer_and_shipping", 25, 25, 0),
        ("payment_asked", 25, 20, 5),
        ("completed", 20, 20, 0),
    ]
    assert [it["rate"] for it in found] == [0.6, 0.5, 25 / 30, 1.0, 0.8, 1.0]
    assert sum(it["dropped"] for it in found) + found[-1]["entered"] == found[0]["entered"]


async def test_a_funnel_without_carts_has_no_rates(reader: Reader) -> None:
    found = await reader.items("analytics/funnels", **on(date(1980, 1, 1)))
    assert [(it["entered"], it["rate"]) for it in found] == [(0, None)] * 6


async def test_recovery_is_shown_by_attempt_and_as_it_was_known(
    reader: Reader, database: Database, day: date
) -> None:
    later = day + timedelta(days=2)
    rows = [
        abandoned(day, 0, day, 10, 0, 50_000, 0),
        abandoned(day, 1, day, 8, 2, 40_000, 9_000),
        abandoned(day, 1, later, 0, 1, 0, 4_000),
    ]
    await insert(database.superuser_url, "abandonment", *rows)
    found = await reader.items("analytics/abandonment", **on(day))
    assert found == [
        {
            "attempt": 0,
            "currency": "USD",
            "abandoned": 10,
            "recovered": 0,
            "rate": 0.0,
            **interval("rate", 0.0, 0.27753),
            "value": usd(50_000),
            "revenue": usd(0),
        },
        {
            "attempt": 1,
            "currency": "USD",
            "abandoned": 8,
            "recovered": 3,
            "rate": 0.375,
            **interval("rate", 0.13684, 0.69426),
            "value": usd(40_000),
            "revenue": usd(13_000),
        },
    ]
    before = await reader.items("analytics/abandonment", **on(day, known=day.isoformat(), attempt="1"))
    assert [(it["recovered"], it["revenue"]) for it in before] == [(2, usd(9_000))]


async def test_an_offer_is_followed_from_the_first_view_to_the_revenue(
    reader: Reader, database: Database, day: date
) -> None:
    course, book = uuid4(), uuid4()
    seen = {"views": 9, "sessions": 5, "items_added": 3, "promotions_applied": 1}
    counted = {**seen, "upsells_shown": 4, "upsells_taken": 1}
    await insert(
        database.superuser_url,
        "offer_activity",
        activity(course, day, NIL_ID, **counted),
        activity(book, day, views=1),
        activity(book, day - timedelta(days=1), views=1),
    )
    await insert(database.superuser_url, "labels", label(course, "Course", "USD"), label(book, "Book", "USD"))
    await insert(
        database.superuser_url,
        "offer_sales",
        sold(course, day, day, 2, 13_800),
        sold(course, day, day + timedelta(days=1), 0, -6_900),
    )
    found = await reader.items("analytics/offers", **on(day))
    assert [it["offer_id"] for it in found] == [str(course), str(book)]
    assert found[0] == {
        "offer_id": str(course),
        "name": "Course",
        "currency": "USD",
        **counted,
        "take_rate": 0.25,
        **interval("take_rate", 0.04559, 0.69936),
        "conversions": 2,
        "revenue": usd(6_900),
    }
    assert (found[1]["views"], found[1]["take_rate"], found[1]["revenue"]) == (1, None, usd(0))
    known = await reader.items("analytics/offers", **on(day, known=day.isoformat()))
    assert known[0]["revenue"] == usd(13_800)
    one = await reader.get(f"analytics/offers/{course}", **on(day))
    assert one == {**found[0], "variants": []}


def variant(offer_id: UUID, position: int, variant_id: UUID) -> dict[str, object]:
    about = {"experiment_id": offer_id, "name": f"variant {position}", "weight": 1}
    return {**DEMO, "offer_id": offer_id, "position": position, "variant_id": variant_id, **about}


async def test_variants_are_compared_with_the_control(reader: Reader, database: Database, day: date) -> None:
    offer_id, control, better = (uuid4() for _ in range(3))
    await insert(
        database.superuser_url,
        "offer_activity",
        activity(offer_id, day, control, exposures=1_000, conversions=200),
        activity(offer_id, day, better, exposures=1_000, conversions=250),
    )
    rows = [variant(offer_id, n, it) for n, it in enumerate((control, better))]
    await insert(database.superuser_url, "experiment_variants", *rows)
    await insert(database.superuser_url, "labels", label(offer_id, "Course", "USD"))
    await insert(database.superuser_url, "offer_sales", sold(offer_id, day, day, 450, 1))
    found = (await reader.get(f"analytics/offers/{offer_id}", **on(day)))["variants"]
    split = {"split_p_value": 1.0, "split_is_broken": False, "experiment_id": str(offer_id)}
    counted: list[dict[str, Any]] = [
        {
            "variant_id": str(control),
            "name": "variant 0",
            "exposures": 1_000,
            "conversions": 200,
            "rate": 0.2,
            **interval("rate", 0.17638, 0.22592),
        },
        {
            "variant_id": str(better),
            "name": "variant 1",
            "exposures": 1_000,
            "conversions": 250,
            "rate": 0.25,
            **interval("rate", 0.22415, 0.27776),
        },
    ]
    assert found == [
        {**counted[0], "p_value": None, "significant": None, **split},
        {**counted[1], "p_value": 0.00742, "significant": True, **split},
    ]


async def test_an_offer_to_which_nothing_happened_is_not_found(caller: Caller) -> None:
    answer = await caller("demo-analyst").get(f"/v1/analytics/offers/{uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "SUBJECT_NOT_FOUND")


async def test_a_program_is_told_with_what_its_referrers_are_owed(
    reader: Reader, database: Database, day: date
) -> None:
    program, idle = uuid4(), uuid4()
    people = {"attributed": 4, "confirmed": 3, "revoked": 1}
    money = {"orders": 2, "revenue": 9_000, "discount": 1_000, "rewards": 2, "granted": 900, "reversed": 100}
    of_program = {**DEMO, "program_id": program, "day": day}
    await insert(
        database.superuser_url,
        "referral_people",
        {**of_program, **people},
        {**of_program, **people, "program_id": idle},
    )
    row = {**of_program, "currency": "USD", "known": day, **money, "issued": 300}
    await insert(database.superuser_url, "referral_money", row)
    await insert(database.superuser_url, "labels", label(program, "Bring a friend"))
    found = await reader.items("analytics/referrals", **on(day))
    assert found == [
        {
            "program_id": str(program),
            "name": "Bring a friend",
            "currency": "USD",
            **people,
            "orders": 2,
            "revenue": usd(9_000),
            "discount": usd(1_000),
            "rewards": 2,
            "granted": usd(900),
            "reversed": usd(100),
            "issued": usd(300),
            "owed": usd(800),
        },
        {
            "program_id": str(idle),
            "name": None,
            "currency": None,
            **people,
            "orders": 0,
            "revenue": None,
            "discount": None,
            "rewards": 0,
            **dict.fromkeys(("granted", "reversed", "issued", "owed")),
        },
    ]


async def test_a_campaign_is_told_with_its_budget_and_what_it_has_used(
    reader: Reader, database: Database, day: date
) -> None:
    campaign, unlimited = uuid4(), uuid4()
    key = {**DEMO, "currency": "USD", "day": day, "known": day}
    await insert(
        database.superuser_url,
        "campaign_costs",
        {**key, "campaign_id": campaign, "used": 1_200},
        {**key, "campaign_id": campaign, "known": day + timedelta(days=1), "used": -200},
    )
    sale = {"orders": 3, "revenue": 30_000, "discount": 1_000}
    await insert(
        database.superuser_url,
        "campaign_sales",
        {**key, "campaign_id": campaign, **sale},
        {**key, "campaign_id": unlimited, **sale, "revenue": 10_000},
    )
    await insert(
        database.superuser_url,
        "labels",
        label(campaign, "Opening week", "USD", 100_000),
        label(unlimited, "B"),
    )
    found = await reader.items("analytics/campaigns", **on(day))
    assert found == [
        {
            "campaign_id": str(campaign),
            "name": "Opening week",
            "currency": "USD",
            "budget": usd(100_000),
            "spent": usd(1_000),
            "orders": 3,
            "revenue": usd(30_000),
            "discount": usd(1_000),
        },
        {
            "campaign_id": str(unlimited),
            "name": "B",
            "currency": "USD",
            "budget": None,
            "spent": usd(0),
            "orders": 3,
            "revenue": usd(10_000),
            "discount": usd(1_000),
        },
    ]
