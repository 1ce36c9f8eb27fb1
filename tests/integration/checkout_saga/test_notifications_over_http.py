"""Channels and notifications over HTTP: secrets are shown by no route, and operators send again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from checkout_saga.notifications.domain.kinds import CustomerKind
from checkout_saga.notifications.domain.notification import Notification, Occasion
from checkout_saga.notifications.use_cases.listing import list_notification
from kernel.unit_of_work import UnitOfWork
from tests.integration.checkout_saga.conftest import caller
from tests.integration.checkout_saga.neighbours import Neighbours
from tests.integration.kernel.shelf import DEMO
from tests.support.single_service import RunningService
from tests.support.waiting import until

CHANNELS, ALL = "/v1/notification-channels", "/v1/notifications"
SECRET = f"https://hooks.slack.com/services/T0/B0/{uuid4().hex}"
ADDRESS = f"ops-{uuid4().hex}@shop.example"


def channels(*targets: tuple[str, str]) -> dict[str, Any]:
    return {
        "channels": [
            {"kind": kind, "target": target, "kinds": ["refund_stuck", "checkout_failed"]}
            for kind, target in targets
        ]
    }


async def test_targets_of_channels_are_kept_encrypted_and_never_shown(
    admin: httpx.AsyncClient, neighbours: Neighbours, logged: Callable[[], str]
) -> None:
    body, key = channels(("slack", SECRET), ("email", ADDRESS)), {"Idempotency-Key": uuid4().hex}
    answer = await admin.put(CHANNELS, json=body, headers=key)
    assert answer.status_code == 200, answer.text
    shown = answer.json()["channels"]
    assert [(it["kind"], it["kinds"], it["min_interval_seconds"]) for it in shown] == [
        ("slack", ["checkout_failed", "refund_stuck"], 300),
        ("email", ["checkout_failed", "refund_stuck"], 300),
    ]
    assert (await admin.get(CHANNELS)).json()["channels"] == shown
    stored = await neighbours.pool.fetchval(
        "SELECT string_agg(convert_from(body, 'UTF8'), ' ') FROM log "
        "WHERE type = 'notification_channels.changed'"
    )
    answers = await neighbours.pool.fetchval(
        "SELECT string_agg(convert_from(body, 'UTF8'), ' ') FROM idempotency WHERE body IS NOT NULL"
    )
    for place in (answer.text, stored, answers, logged()):
        assert SECRET not in place
        assert ADDRESS not in place


async def test_channels_that_are_set_again_are_the_same_ones(admin: httpx.AsyncClient) -> None:
    first = await admin.put(CHANNELS, json=channels(("slack", SECRET)))
    again = await admin.put(CHANNELS, json=channels(("slack", SECRET)))
    assert again.json() == first.json()
    stale = await admin.put(CHANNELS, json=channels(), headers={"If-Match": '"0"'})
    assert stale.status_code == 412


@pytest.mark.parametrize(
    ("kind", "target", "code"),
    [
        ("slack", "https://169.254.169.254/latest", "INVALID_REQUEST"),
        ("slack", "https://hooks.slack.com.evil.example/x", "INVALID_REQUEST"),
        ("email", "no address", "INVALID_EMAIL"),
        ("pager", "https://hooks.slack.com/services/x", "INVALID_REQUEST"),
    ],
)
async def test_a_target_is_an_address_of_its_kind(
    admin: httpx.AsyncClient, kind: str, target: str, code: str
) -> None:
    answer = await admin.put(CHANNELS, json=channels((kind, target)))
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def requested(neighbours: Neighbours, customer_id: str, order_id: UUID) -> UUID:
    """A message to a customer that has ended: there was no address."""
    notification_id = uuid4()

    async def act(work: UnitOfWork) -> None:
        found = work.create(Notification, notification_id)
        found.request_about(
            CustomerKind.ORDER_CONFIRMATION, uuid4(), Occasion(customer_id, order_id=order_id)
        )
        list_notification(found, work)
        found.skip("no_address")

    await neighbours.store.run(DEMO, act)
    return notification_id


async def test_notifications_are_shown_and_listed_by_order_and_by_customer(
    admin: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    customer_id, order_id = f"customer/{uuid4().hex}", uuid4()
    found = [await requested(neighbours, customer_id, order_id) for _ in range(2)]
    shown = (await admin.get(f"{ALL}/{found[0]}")).json()
    assert (shown["kind"], shown["status"], shown["reason"]) == (
        "order_confirmation",
        "skipped",
        "no_address",
    )
    assert (shown["customer_id"], shown["order_id"]) == (customer_id, str(order_id))
    for query in ({"order_id": str(order_id)}, {"customer_id": customer_id}):
        page = (await admin.get(ALL, params=query)).json()
        assert [it["notification_id"] for it in page["items"]] == [str(it) for it in found]
    assert (await admin.get(ALL, params={"order_id": str(uuid4())})).json()["items"] == []


@pytest.mark.parametrize(
    "query", [{}, {"order_id": str(uuid4()), "customer_id": "both"}], ids=["none", "both"]
)
async def test_a_list_is_of_an_order_or_of_a_customer(
    admin: httpx.AsyncClient, query: dict[str, str]
) -> None:
    answer = await admin.get(ALL, params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")


async def test_an_operator_sends_one_again_once_for_each_key(
    service: RunningService, admin: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    found = await requested(neighbours, f"customer-{uuid4().hex}", uuid4())
    key = {"Idempotency-Key": uuid4().hex}
    async with caller(service, "demo-ops") as ops:
        answers = [await ops.post(f"{ALL}/{found}/resend", headers=key) for _ in range(2)]
    assert [it.status_code for it in answers] == [202, 202]
    assert [len(it.json()["requested_at"]) for it in answers] == [2, 2]

    async def has_ended() -> bool:
        return bool((await admin.get(f"{ALL}/{found}")).json()["status"] == "skipped")

    await until(has_ended)
    by = await neighbours.pool.fetch(
        "SELECT convert_from(body, 'UTF8')::jsonb->>'resent_by' AS who FROM log WHERE stream_id = $1 "
        "AND type = 'notification.requested' ORDER BY version",
        found,
    )
    assert [bool(row["who"]) for row in by] == [False, True]


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "/resend")])
async def test_what_is_no_notification_is_not_found(admin: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await admin.request(method, f"{ALL}/{uuid4()}{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOTIFICATION_NOT_FOUND")
