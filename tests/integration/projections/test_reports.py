"""Reports by e-mail, over a real mail server: one mail a period, also with two workers and where clocks are
changed; again with the same id where the outcome is unknown; no address that outlives its owner's key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.mail.smtp import SmtpMailer, SmtpServer
from kernel.observability.health import Heartbeats
from kernel.postgres.connections import create_pool
from kernel.postgres.service_pool import ServicePool
from kernel.service.link_settings import DEVELOPMENT_KEY
from kernel.store.event_store import EventStore
from projections.dashboard.answering import Asking
from projections.questions.exports import Slots
from projections.questions.registry import QUESTIONS
from projections.reports import mails, owner_keys
from projections.reports.mails import ended_mails
from projections.reports.owner_keys import addresses_under
from projections.reports.runner import ReportRunner
from projections.reports.sending import Sender
from projections.saved_questions.checking import Checker
from tests.integration.projections.questions.asking import insert
from tests.integration.projections.test_figures_over_http import Caller
from tests.integration.projections.test_saved_questions import save, saved
from tests.support.mailboxes import SENDER, MailServer, mail_server

PATH = "/v1/analytics/report-subscriptions"
KEYS = (DEVELOPMENT_KEY,)
MOVE = "UPDATE clock SET shift = ($1::timestamptz - now())"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with mail_server(tmp_path_factory.mktemp("mails")) as server:
        yield server


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[Any]:
    """A superuser's connection; the clock and the subscriptions are put back afterwards."""
    connection = await asyncpg.connect(database.superuser_url)
    await connection.execute("DELETE FROM report_subscription")
    yield connection
    await connection.execute("UPDATE clock SET shift = '0'")
    await connection.execute("DELETE FROM report_subscription")
    await connection.close()


def runner(pool: ServicePool, server: MailServer | None, seconds: float = 5) -> ReportRunner:
    asking = Asking(EventStore(pool, MESSAGES), {"stuck_after_seconds": 1200}, Slots())
    mailer = None
    if server:
        port, limit = server.port, seconds
        mailer = SmtpMailer(
            SmtpServer("127.0.0.1", port, "none", SENDER, seconds=limit, transfer_seconds=limit)
        )
    checker = Checker({it.name: it for it in QUESTIONS}, asking)
    sender = Sender(asking, checker, addresses_under(pool, KEYS), mailer)
    return ReportRunner(pool, sender, KEYS, Heartbeats())


async def send_all(runner: ReportRunner) -> int:
    count = 0
    while await runner.step():
        count += 1
    return count


async def subscribe(client: httpx.AsyncClient, address: str, **more: Any) -> dict[str, Any]:
    question = await save(client, {**saved(), "parameters": {"range": "last_30_days", "currency": "EUR"}})
    body = {
        "saved_question_id": question["saved_question_id"],
        "address": address,
        "every": "daily",
        "hour": 2,
        "time_zone": "Europe/Berlin",
        **more,
    }
    answer = await client.post(PATH, json=body, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def shown(client: httpx.AsyncClient, subscription: dict[str, Any]) -> dict[str, Any]:
    items = (await client.get(PATH, params={"limit": "100"})).json()["items"]
    (found,) = [it for it in items if it["subscription_id"] == subscription["subscription_id"]]
    return dict(found)


@asynccontextmanager
async def another_pool(database: Database) -> AsyncIterator[ServicePool]:
    async with await create_pool(database.service_url, "test") as pool:
        yield pool


def fresh(name: str = "anna") -> str:
    return f"{name}+{uuid4().hex[:8]}@feira.test"


async def at(owner: Any, moment: str) -> None:
    await owner.execute(MOVE.replace("$1", f"'{moment}'"))


async def test_a_report_is_sent_once_a_day_also_where_clocks_change_and_two_workers_send(
    caller: Caller, pool: ServicePool, owner: Any, server: MailServer, database: Database
) -> None:
    address, analyst = fresh(), caller("demo-analyst")
    await at(owner, "2031-10-25 10:00Z")
    it = await subscribe(analyst, address)
    sold_on = date(2031, 10, 20)
    day = {"tenant": "demo", "day": sold_on, "known": sold_on, "currency": "EUR"}
    figures = {"checkouts": 20, "completed": 10, "ordered": 100_000, "revenue": 90_000}
    await insert(database.superuser_url, "checkout_conversion", {**day, **figures})
    async with another_pool(database) as other:
        for moment in ("2031-10-25 23:59Z", "2031-10-26 00:00Z", "2031-10-26 01:30Z", "2031-10-27 01:00Z"):
            await at(owner, moment)
            both = runner(pool, server), runner(other, server)
            await asyncio.gather(*(send_all(one) for one in both))

    taken = server.taken_for(address)
    assert len(taken) == len({one["id"] for one in taken}) == 2, "of the 26th and of the 27th"
    text = taken[0]["text"]
    assert "2031-10-26 00:00 UTC (2031-10-26 02:00 in Europe/Berlin)" in text
    assert "900.00 EUR" in text and "Revenue:" in text, text
    found = await shown(analyst, it)
    assert (found["last_mail"]["state"], found["last_mail"]["period"]) == ("sent", "2031-10-27")
    assert (found["address"], found["next_at"]) == (address, "2031-10-28T01:00:00Z")


async def test_of_periods_without_a_worker_the_last_one_is_sent_and_of_a_pause_none(
    caller: Caller, pool: ServicePool, owner: Any, server: MailServer
) -> None:
    analyst, missed, paused = caller("demo-analyst"), fresh(), fresh()
    await at(owner, "2031-03-01 10:00Z")
    await subscribe(analyst, missed)
    it = await subscribe(analyst, paused)
    path = f"{PATH}/{it['subscription_id']}"
    assert (await analyst.post(f"{path}/pause")).json()["state"] == "paused"
    await at(owner, "2031-03-05 10:00Z")
    await send_all(runner(pool, server))
    assert (await analyst.post(f"{path}/resume")).json()["state"] == "active"
    await send_all(runner(pool, server))
    assert (len(server.taken_for(missed)), len(server.taken_for(paused))) == (1, 0)

    await analyst.post(f"{path}/send-now")
    await analyst.post(f"{path}/send-now")
    await send_all(runner(pool, server))
    assert len(server.taken_for(paused)) == 1, "one that waits already is not queued again"
    assert (await shown(analyst, it))["last_mail"]["period"] is None


async def test_a_lost_answer_and_a_dead_worker_send_again_with_the_same_id(
    caller: Caller, pool: ServicePool, owner: Any, server: MailServer
) -> None:
    analyst, mute, left = caller("demo-analyst"), fresh("mute-after"), fresh()
    await at(owner, "2031-05-01 10:00Z")
    it = await subscribe(analyst, mute)
    await analyst.post(f"{PATH}/{it['subscription_id']}/send-now")
    await send_all(runner(pool, server, seconds=1))
    assert (await shown(analyst, it))["last_mail"]["reason"].endswith("the mail may have arrived.")
    await at(owner, "2031-05-01 10:02Z")
    await send_all(runner(pool, server, seconds=1))
    assert [one["id"] for one in server.taken_for(mute)] == [server.taken_for(mute)[0]["id"]] * 2

    other = await subscribe(analyst, left)
    await analyst.post(f"{PATH}/{other['subscription_id']}/send-now")
    abandoned = await mails.take(pool)
    assert abandoned and not await runner(pool, server).step(), "its lease is not over"
    await owner.execute("UPDATE report_mail SET leased_until = now() - interval '1s' WHERE state = 'sending'")
    await send_all(runner(pool, server))
    assert len(server.taken_for(left)) == 1
    assert not await mails.hold(pool, abandoned) and not await mails.end(pool, abandoned, "failed")
    assert (await shown(analyst, other))["last_mail"]["state"] == "sent"


@pytest.mark.parametrize(
    ("name", "state", "reason"),
    [
        ("later", "queued", "replied 451"),
        ("never", "failed", "replied 550"),
        ("refused", "failed", "replied 554"),
    ],
)
async def test_what_the_server_does_not_take_is_tried_again_or_shown_as_failed(
    name: str, state: str, reason: str, caller: Caller, pool: ServicePool, owner: Any, server: MailServer
) -> None:
    analyst, address = caller("demo-analyst"), fresh(name)
    await at(owner, "2031-06-01 10:00Z")
    it = await subscribe(analyst, address)
    await analyst.post(f"{PATH}/{it['subscription_id']}/send-now")
    assert await send_all(runner(pool, server)) == 1
    last = (await shown(analyst, it))["last_mail"]
    assert last["state"] == state and reason in last["reason"]


async def test_a_mail_is_tried_five_times_and_without_a_server_not_at_all(
    caller: Caller, pool: ServicePool, owner: Any
) -> None:
    analyst = caller("demo-analyst")
    await at(owner, "2031-07-01 10:00Z")
    it = await subscribe(analyst, fresh())
    nowhere = MailServer(9, Path("/nowhere"))
    await analyst.post(f"{PATH}/{it['subscription_id']}/send-now")
    attempts = 0
    for minute in range(0, 60, 10):
        await at(owner, f"2031-07-01 11:{minute:02}Z")
        attempts += await send_all(runner(pool, nowhere))
    assert (attempts, (await shown(analyst, it))["last_mail"]["state"]) == (5, "failed")

    await analyst.post(f"{PATH}/{it['subscription_id']}/send-now")
    assert await send_all(runner(pool, None)) == 1
    assert (await shown(analyst, it))["last_mail"]["reason"] == "No mail server is configured."


async def test_addresses_are_encrypted_and_erased_with_the_last_key_of_their_owner(
    caller: Caller, pool: ServicePool, owner: Any, server: MailServer
) -> None:
    analyst, address = caller("demo-analyst"), fresh()
    await at(owner, "2031-08-01 10:00Z")
    it = await subscribe(analyst, address)
    one = "SELECT * FROM report_subscription WHERE subscription_id = $1"
    stored = dict(await owner.fetchrow(one, it["subscription_id"]))
    bodies = await owner.fetchval("SELECT string_agg(encode(body, 'escape'), '') FROM idempotency")
    assert it["address"] is None and address not in str(stored) and address not in bodies
    assert stored["address"]

    former = "UPDATE report_subscription SET owner = 'analyst:gone' WHERE subscription_id = $1"
    await owner.execute(former, it["subscription_id"])
    await owner_keys.end_owners(pool)
    ended = dict(await owner.fetchrow(one, it["subscription_id"]))
    assert (ended["state"], ended["address"]) == ("ended", "")
    key = "SELECT wrapped_key FROM report_owner_key WHERE owner_id = $1"
    assert await owner.fetchval(key, ended["owner_id"]) is None
    assert await addresses_under(pool, KEYS).decrypt("demo", ended["owner_id"], stored["address"]) is None
    await at(owner, "2031-08-05 10:00Z")
    await send_all(runner(pool, server))
    assert server.taken_for(address) == []


async def test_keys_are_wrapped_under_the_new_link_key(caller: Caller, pool: ServicePool, owner: Any) -> None:
    it = await subscribe(caller("demo-analyst"), fresh())
    row = await owner.fetchrow(
        "SELECT * FROM report_subscription WHERE subscription_id = $1", it["subscription_id"]
    )
    new = b"another link key of 32 bytes ..."
    await owner_keys.rewrap(pool, (new, *KEYS))
    opened = await addresses_under(pool, (new,)).decrypt("demo", row["owner_id"], row["address"])
    await owner_keys.rewrap(pool, (*KEYS, new))
    assert opened is not None


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"address": "no address"}, "#/address"),
        ({"time_zone": "Mars/Olympus"}, "#/time_zone"),
        ({"every": "weekly"}, "#/weekday"),
        ({"month_day": 3}, "#/month_day"),
        ({"hour": 24}, "#/hour"),
    ],
)
async def test_what_is_no_address_or_schedule_is_refused(
    more: dict[str, Any], pointer: str, caller: Caller, owner: Any
) -> None:
    analyst = caller("demo-analyst")
    question = await save(analyst, saved())
    body = {"address": fresh(), "every": "daily", "hour": 2, "time_zone": "UTC", **more}
    refused = await analyst.post(PATH, json={"saved_question_id": question["saved_question_id"], **body})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_others_neither_see_nor_change_it_and_it_goes_with_its_question(
    caller: Caller, owner: Any, pool: ServicePool
) -> None:
    analyst, rival = caller("demo-analyst"), caller("rival-analyst")
    it = await subscribe(analyst, fresh())
    path = f"{PATH}/{it['subscription_id']}"
    foreign = [(await rival.post(f"{path}/{verb}")).status_code for verb in ("pause", "resume", "send-now")]
    assert [*foreign, (await rival.delete(path)).status_code] == [404] * 4
    assert (await rival.get(PATH)).json()["items"] == []
    assert it["subscription_id"] in (await caller("demo-admin").get(PATH, params={"limit": "100"})).text
    await analyst.delete(f"/v1/analytics/saved-questions/{it['saved_question_id']}")
    assert (await analyst.post(f"{path}/pause")).json()["code"] == "REPORT_SUBSCRIPTION_NOT_FOUND"
    rule = ended_mails(timedelta())
    await pool.execute(rule.delete, rule.keep, 100)
