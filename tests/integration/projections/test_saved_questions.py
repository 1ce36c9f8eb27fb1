"""Saved questions over HTTP: kept once, changed against their version, seen by their owners and by those with
whom they are shared, and honest about what can no longer be asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from devstack.databases import Database
from kernel.postgres.service_pool import ServicePool
from projections.saved_questions.rows import left_behind
from tests.integration.projections.conftest import Reader
from tests.integration.projections.questions.asking import in_pages
from tests.integration.projections.test_figures_over_http import Caller

PATH = "/v1/analytics/saved-questions"
PARAMETERS = {"range": "last_month", "compare": "previous", "currency": "EUR", "chart": "table"}


def saved(name: str = "", question: str = "conversion", **more: Any) -> dict[str, Any]:
    return {"name": name or uuid4().hex, "question": question, "parameters": PARAMETERS, **more}


async def save(client: httpx.AsyncClient, body: Mapping[str, Any], status: int = 201) -> Any:
    answer = await client.post(PATH, json=body, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_question_is_saved_once_and_keeps_its_relative_range(caller: Caller) -> None:
    analyst, key = caller("demo-analyst"), {"Idempotency-Key": uuid4().hex}
    body = saved()
    first = await analyst.post(PATH, json=body, headers=key)
    again = await analyst.post(PATH, json=body, headers=key)
    found = await analyst.get(f"{PATH}/{first.json()['saved_question_id']}")
    other = await analyst.post(PATH, json=body)

    assert (first.status_code, again.json(), found.json()) == (201, first.json(), first.json())
    assert (first.json()["parameters"], first.json()["faults"]) == (PARAMETERS, [])
    assert first.headers["etag"] == found.headers["etag"] == '"1"'
    assert (other.status_code, other.json()["code"]) == (409, "SAVED_QUESTION_NAME_TAKEN")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"question": "unknown"}, "/question"),
        ({"parameters": {"range": "last_decade"}}, "/parameters/range"),
        ({"parameters": {"range": "today", "from": "2026-01-01"}}, "/parameters/range"),
        ({"parameters": {"from": "2026-02-01", "to": "2026-01-01"}}, "/parameters/from"),
        ({"parameters": {"from": "2026-02-01", "compare": "year"}}, "/parameters/compare"),
        ({"parameters": {"chart": "funnel"}}, "/parameters/chart"),
        ({"parameters": {"segment": "champion"}}, "/parameters/segment"),
        ({"parameters": {"known": "yesterday"}}, "/parameters/known"),
        ({"question": "customer", "parameters": {}}, "/parameters/customer_id"),
        ({"name": "anna@example.com"}, "/name"),
        ({"name": ""}, "/name"),
    ],
)
async def test_what_the_question_does_not_take_is_refused_with_the_parameter_at_fault(
    body: dict[str, Any], pointer: str, caller: Caller
) -> None:
    refused = await save(caller("demo-analyst"), {**saved(), **body}, status=422)
    assert [it["pointer"] for it in refused["errors"]] == [f"#{pointer}"]


async def test_a_change_against_another_version_than_the_latest_is_refused(caller: Caller) -> None:
    analyst = caller("demo-analyst")
    it = f"{PATH}/{(await save(analyst, saved()))['saved_question_id']}"
    changed = await analyst.put(it, json=saved("renamed", shared=True), headers={"If-Match": '"1"'})
    stale = await analyst.put(it, json=saved(), headers={"If-Match": '"1"'})
    kept = await analyst.delete(it, headers={"If-Match": '"1"'})
    deleted = await analyst.delete(it, headers={"If-Match": '"2"'})

    assert (changed.status_code, changed.headers["etag"], changed.json()["name"]) == (200, '"2"', "renamed")
    assert [stale.status_code, kept.status_code, deleted.status_code] == [412, 412, 204]
    assert (await analyst.get(it)).json()["code"] == "SAVED_QUESTION_NOT_FOUND"


async def test_what_is_shared_is_seen_by_the_tenant_and_changed_by_its_owner_and_admins(
    caller: Caller,
) -> None:
    analyst, admin, rival = caller("demo-analyst"), caller("demo-admin"), caller("rival-analyst")
    own, shared = [(await save(analyst, saved(shared=it)))["saved_question_id"] for it in (False, True)]
    of_admin = (await save(admin, saved(shared=True)))["saved_question_id"]

    seen = [(await admin.get(f"{PATH}/{it}")).status_code for it in (own, shared)]
    of_rival = [(await rival.get(f"{PATH}/{it}")).status_code for it in (own, shared)]
    refused = await analyst.put(f"{PATH}/{of_admin}", json=saved())
    assert (seen, of_rival, refused.status_code) == ([404, 200], [404, 404], 403)
    assert (await admin.put(f"{PATH}/{shared}", json=saved(shared=True))).status_code == 200
    assert (await rival.get(PATH)).json()["items"] == []


async def test_the_list_has_every_saved_question_once_in_pages(caller: Caller, reader: Reader) -> None:
    made = [await save(caller("demo-analyst"), saved()) for _ in range(5)]
    found = await in_pages(reader, "analytics/saved-questions", 2)
    ids = [it["saved_question_id"] for it in found]
    assert len(ids) == len(set(ids)) and {it["saved_question_id"] for it in made} <= set(ids)
    assert [it["name"] for it in found] == sorted(it["name"] for it in found)


async def test_a_saved_question_whose_parameter_is_gone_says_so(caller: Caller, database: Database) -> None:
    analyst = caller("demo-analyst")
    it = (await save(analyst, saved()))["saved_question_id"]
    owner = await asyncpg.connect(database.superuser_url)
    await owner.execute('UPDATE saved_question SET parameters = \'{"gone": "1"}\' WHERE saved_id = $1', it)
    without_parameter = (await analyst.get(f"{PATH}/{it}")).json()["faults"]
    await owner.execute("UPDATE saved_question SET question = 'gone' WHERE saved_id = $1", it)
    without_question = (await analyst.get(f"{PATH}/{it}")).json()["faults"]
    await owner.close()

    assert without_parameter == [{"parameter": "gone", "detail": "The question has no such parameter."}]
    assert without_question == [{"parameter": "", "detail": "There is no question gone."}]


async def test_what_former_analysts_have_not_shared_is_deleted(
    caller: Caller, pool: ServicePool, database: Database
) -> None:
    analyst = caller("demo-analyst")
    kept = (await save(analyst, saved()))["saved_question_id"]
    left = [(await save(analyst, saved(shared=it)))["saved_question_id"] for it in (False, True)]
    owner = await asyncpg.connect(database.superuser_url)
    await owner.execute(
        "UPDATE saved_question SET owner = 'analyst:gone', updated_at = now() - interval '2 days'"
        " WHERE saved_id = ANY($1)",
        left,
    )
    rule = left_behind(timedelta(days=1))
    await pool.execute(rule.delete, rule.keep, 100)
    found = await owner.fetch("SELECT saved_id FROM saved_question WHERE saved_id = ANY($1)", [kept, *left])
    await owner.close()

    assert {str(it["saved_id"]) for it in found} == {kept, left[1]}
