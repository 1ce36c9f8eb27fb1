"""Messages to the shop's channels about facts: requested in the save of the fact, and posted over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest

from checkout_saga.fulfillment.domain.fulfillment import Fulfillment
from checkout_saga.fulfillment.domain.results import Failed
from checkout_saga.notifications.domain.channels import channels_id
from checkout_saga.notifications.slack import connect
from checkout_saga.notifications.use_cases.channels import change_channels
from contracts.notification_channels import Channel
from devstack.databases import Database
from kernel.unit_of_work import UnitOfWork
from tests.integration.checkout_saga.notifications.mailing import DEMO, SECONDS, Office, post_office
from tests.support.database import copied, service_pool
from tests.support.mailboxes import MailServer, SlackServer, slack_server
from tests.support.running import running
from tests.support.waiting import until

CODE = "ALREADY_ENROLLED"
ENDS = {"sent", "failed", "unknown", "skipped"}


@pytest.fixture(scope="module")
def slack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackServer]:
    with slack_server(tmp_path_factory.mktemp("slack")) as server:
        yield server


class Shop(NamedTuple):
    office: Office
    slack: SlackServer

    async def channel(self, name: str, kind: str = "slack", *, seconds: int = 300) -> str:
        """The only channel from now on; returns its target."""
        target = f"{self.slack.url}/services/{name}-{uuid4().hex}" if kind == "slack" else name
        personal = self.office.vault.personal
        sealed = personal.encrypt(await personal.key_for("demo", channels_id("demo")), {"email": target})
        channel = Channel(
            channel_id=self.office.vault.fingerprint("demo", "channel", target),
            kind=kind,
            target=sealed,
            kinds=("fulfillment_failed",),
            min_interval_seconds=seconds,
        )
        await self.office.store.run(DEMO, partial(change_channels, [channel]))
        return target

    async def fail(self) -> list[UUID]:
        """A line cannot be handed over. Returns the notifications of which its save consists besides."""
        line = uuid4()

        async def act(work: UnitOfWork) -> None:
            fulfillment = await work.open(Fulfillment, line)
            fulfillment.request(uuid4(), "line")
            fulfillment.answer(Failed(CODE, "held already", retriable=False))

        await self.office.store.run(DEMO, act)
        rows = await self.office.store.pool.fetch(
            """SELECT stream_id FROM log WHERE type = 'notification.requested'
               AND convert_from(body, 'UTF8')::jsonb->>'about' = $1""",
            str(line),
        )
        return [row["stream_id"] for row in rows]

    async def ended(self, notification: UUID) -> list[str]:
        async def has_ended() -> bool:
            return (await self.office.types(notification))[-1] in ENDS

        await until(has_ended)
        return await self.office.types(notification)


@asynccontextmanager
async def opened(database: Database, server: MailServer, slack: SlackServer) -> AsyncIterator[Shop]:
    async with service_pool(database) as pool, connect(slack.url, SECONDS) as poster:
        yield Shop(await post_office(pool, server.port, slack=poster), slack)


@pytest.fixture
async def shop(template: Database, server: MailServer, slack: SlackServer) -> AsyncIterator[Shop]:
    async with (
        copied(template) as database,
        opened(database, server, slack) as shop,
        running(shop.office.calls.run()),
    ):
        yield shop


@pytest.mark.parametrize(
    ("name", "facts", "copies"),
    [
        ("ok", ["requested", "sending", "sent"], 1),
        ("broken", ["requested", "sending", "sending", "sent"], 1),
        ("gone", ["requested", "sending", "failed"], 0),
        ("moved", ["requested", "sending", "failed"], 0),
        ("mute", ["requested", "sending", "unknown"], 1),
    ],
)
async def test_what_becomes_of_a_post_follows_from_what_the_server_answers(
    shop: Shop, name: str, facts: list[str], copies: int
) -> None:
    hook = await shop.channel(name)
    (notification,) = await shop.fail()
    assert await shop.ended(notification) == facts
    assert len(shop.slack.taken_at(hook)) == copies


async def test_a_server_that_wants_to_be_left_alone_is(shop: Shop) -> None:
    hook = await shop.channel("busy")
    (notification,) = await shop.fail()

    async def pause() -> float | None:
        seconds: float | None = await shop.office.store.pool.fetchval(
            "SELECT extract(epoch FROM due_at - now()) FROM timers WHERE subject = $1 AND payload ? 'tries'",
            notification,
        )
        return seconds

    async def is_put_off() -> bool:
        return await pause() is not None

    await until(is_put_off)
    seconds = await pause()
    assert seconds is not None
    assert 4 < seconds <= 7
    assert shop.slack.taken_at(hook) == []


async def test_a_mail_channel_gets_mails(shop: Shop, server: MailServer) -> None:
    address = await shop.channel(f"ana+{uuid4().hex}@mail.test", "email")
    (notification,) = await shop.fail()
    assert await shop.ended(notification) == ["requested", "sending", "sent"]
    (mail,) = server.taken_for(address)
    assert mail["subject"] == f"A line could not be handed over: {CODE}"


async def test_many_alike_at_once_are_one_message_and_the_others_are_counted(shop: Shop) -> None:
    hook = await shop.channel("ok")
    notifications = [it for found in await asyncio.gather(*(shop.fail() for _ in range(8))) for it in found]
    ends = [(await shop.ended(it))[-1] for it in notifications]
    assert sorted(ends) == ["sent", *["skipped"] * 7]
    assert len(shop.slack.taken_at(hook)) == 1
    counts = await shop.office.store.pool.fetch(
        """SELECT (convert_from(body, 'UTF8')::jsonb->>'left_out')::int AS count FROM log
           WHERE type = 'notification.skipped'"""
    )
    assert sorted(row["count"] for row in counts) == list(range(1, 8))


async def test_without_a_channel_that_wants_it_nothing_is_requested(shop: Shop) -> None:
    await shop.office.store.run(DEMO, partial(change_channels, []))
    assert await shop.fail() == []


async def test_a_fact_whose_save_fails_asks_for_nothing(shop: Shop) -> None:
    await shop.channel("ok")
    before = await shop.office.store.pool.fetchval("SELECT count(*) FROM log")

    async def act(work: UnitOfWork) -> None:
        fulfillment = await work.open(Fulfillment, uuid4())
        fulfillment.request(uuid4(), "line")
        fulfillment.answer(Failed(CODE, "held already", retriable=False))
        raise LookupError

    with pytest.raises(LookupError):
        await shop.office.store.run(DEMO, act)
    assert await shop.office.store.pool.fetchval("SELECT count(*) FROM log") == before
