"""Results of `feira verify`: stored once each, read by operators, exported as metrics."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from kernel.postgres.service_pool import ServicePool
from projections.verifications.rows import old_verifications
from tests.support.waiting import until

PATH = "/v1/verifications"
Caller = Callable[[str], httpx.AsyncClient]


def check(name: str, verdict: str = "holds", violations: int = 0) -> dict[str, Any]:
    rule = "What it demands."
    return {"check": name, "rule": rule, "verdict": verdict, "compared": 7, "violations": violations}


def report(*checks: dict[str, Any]) -> dict[str, Any]:
    counts = {"compared": {"orders": 3}, "in_flight": {"refunds": 0}}
    return {"verification_id": str(uuid4()), "seconds": 1.5, "checks": list(checks), **counts}


async def test_a_report_that_is_sent_again_is_stored_once(caller: Caller) -> None:
    ops, body = caller("demo-ops"), report(check("M1"), check("P2"))
    first, again = await ops.post(PATH, json=body), await ops.post(PATH, json=body)

    assert (first.status_code, again.json()) == (201, first.json())
    stored = (await ops.get(f"{PATH}/latest")).json()
    assert stored == first.json() and stored["holds"] and stored["is_complete"]
    assert (stored["checks"], stored["compared"]) == (body["checks"], body["compared"])
    assert stored["reported_by"] == "ops:demo-ops"
    listed = (await ops.get(PATH, params={"limit": "100"})).json()["items"]
    assert [it["verification_id"] for it in listed].count(body["verification_id"]) == 1


@pytest.mark.parametrize(
    ("verdict", "holds", "is_complete"),
    [("violated", False, True), ("unavailable", False, False), ("not_judged", True, True)],
)
async def test_the_verdicts_say_whether_all_holds(
    caller: Caller, verdict: str, holds: bool, is_complete: bool
) -> None:
    stored = (await caller("demo-ops").post(PATH, json=report(check("M1"), check("E1", verdict)))).json()
    assert (stored["holds"], stored["is_complete"]) == (holds, is_complete)


async def test_the_latest_come_first_in_pages(caller: Caller) -> None:
    ops = caller("demo-ops")
    sent = [report(check("M1")) for _ in range(3)]
    for body in sent:
        await ops.post(PATH, json=body)

    first = (await ops.get(PATH, params={"limit": "2"})).json()
    second = (await ops.get(PATH, params={"limit": "2", "cursor": first["next_cursor"]})).json()
    found = [it["verification_id"] for it in first["items"] + second["items"]]
    assert found[:3] == [it["verification_id"] for it in reversed(sent)]


async def test_what_could_hold_personal_data_is_refused(caller: Caller) -> None:
    ops = caller("demo-ops")
    refused: list[dict[str, Any]] = [
        {"rows": [{"customer_id": "c-1"}]},
        {"compared": {"someone@example.test": 1}},
        {"checks": [check("a check")]},
        {"checks": []},
    ]
    for wrong in refused:
        assert (await ops.post(PATH, json=report(check("M1")) | wrong)).status_code == 422


async def test_only_operators_report_and_read(caller: Caller) -> None:
    for role in ("admin", "analyst", "service", "storefront"):
        assert (await caller(f"demo-{role}").post(PATH, json=report(check("M1")))).status_code == 403
        assert (await caller(f"demo-{role}").get(f"{PATH}/latest")).status_code == 403


async def test_metrics_tell_of_the_last_complete_run(caller: Caller) -> None:
    ops = caller("demo-ops")
    await ops.post(PATH, json=report(check("M1", "violated", 2), check("E1"), check("M6", "not_judged")))
    await ops.post(PATH, json=report(check("M1"), check("E1", "unavailable")))

    async def exported() -> set[str]:
        return {it for it in (await ops.get("/metrics")).text.splitlines() if it.startswith("feira_verify")}

    async def is_shown() -> bool:
        return 'feira_verify_violations{check="M1"} 2.0' in await exported()

    await until(is_shown, 20)
    violations = {it for it in await exported() if it.startswith("feira_verify_violations")}
    assert violations == {
        'feira_verify_violations{check="M1"} 2.0',
        'feira_verify_violations{check="E1"} 0.0',
    }


async def test_retention_keeps_the_latest_and_the_latest_complete_one(
    caller: Caller, pool: ServicePool
) -> None:
    ops = caller("demo-ops")
    bodies = [report(check("M1")), report(check("M1")), report(check("M1", "unavailable"))]
    for body in bodies:
        await ops.post(PATH, json=body)

    await pool.execute(old_verifications(timedelta()).delete, timedelta(), 1000)
    kept = (await ops.get(PATH)).json()["items"]
    assert [it["verification_id"] for it in kept] == [it["verification_id"] for it in reversed(bodies[1:])]
