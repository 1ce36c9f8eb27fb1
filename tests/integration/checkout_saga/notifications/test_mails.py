"""Mails over a real SMTP server: taken, refused, silent, and after the death of the process that sends."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.notifications.use_cases.requesting import RECOVERY_OF_CART, recovery_id
from contracts import cart
from devstack.databases import Database
from kernel.scheduling.outbound_calls import LEASE_SECONDS
from tests.integration.checkout_saga.notifications.mailing import Office, post_office
from tests.support.certificates import Authority
from tests.support.database import copied, move_clock, service_pool
from tests.support.mailboxes import MailServer, mail_server
from tests.support.running import running
from tests.support.waiting import until

REQUESTED, SENDING = "requested", "sending"
ENDS = {"sent", "failed", "unknown", "skipped"}


async def has_ended(office: Office, mail: UUID) -> bool:
    return (await office.types(mail))[-1] in ENDS


async def ended(office: Office, recipient: str) -> tuple[list[str], UUID]:
    mail = await office.asked_to_send(recipient)
    await until(lambda: has_ended(office, mail))
    return await office.types(mail), mail


async def is_postponed(office: Office, mail: UUID) -> bool:
    tries = await office.store.pool.fetchval("SELECT payload->'tries' FROM timers WHERE subject = $1", mail)
    return tries is not None


@pytest.mark.parametrize(
    ("recipient", "facts", "copies"),
    [
        ("ana", [REQUESTED, SENDING, "sent"], 1),
        ("never", [REQUESTED, "failed"], 0),
        ("later", [REQUESTED, SENDING, "sent"], 1),  # after RCPT was refused with 451
        ("full", [REQUESTED, SENDING, SENDING, "sent"], 1),  # after the transfer was refused with 452
        ("refused", [REQUESTED, SENDING, "failed"], 0),
        ("mute-after", [REQUESTED, SENDING, "unknown"], 1),
    ],
)
async def test_what_becomes_of_a_mail_follows_from_what_the_server_answers(
    office: Office, server: MailServer, recipient: str, facts: list[str], copies: int
) -> None:
    found, mail = await ended(office, recipient)
    assert (found, server.copies_of(mail)) == (facts, copies)


async def test_silence_before_the_transfer_is_tried_again_later(office: Office) -> None:
    mail = await office.asked_to_send("mute-before")
    await until(lambda: is_postponed(office, mail))
    assert await office.types(mail) == [REQUESTED]
    await office.store.pool.execute("DELETE FROM timers WHERE subject = $1", mail)


async def test_a_batch_asks_once_and_what_overtakes_a_mail_in_it_counts(
    office: Office, server: MailServer
) -> None:
    customers = [f"customer-{uuid4().hex}" for _ in range(3)]
    for it in customers:
        await office.agree(it, f"{it}@mail.test")
    kept, recovered, next_due = [await office.due(it) for it in customers]
    second = await office.due(customers[2], next_due.originator_id, attempt=2)
    back = cart.Recovered(
        originator_id=recovered.originator_id, originator_version=6, timestamp=kept.timestamp, by="activity"
    )
    await office.read(kept, recovered, back, next_due, second, kept)
    sent = [recovery_id(it) for it in (kept, second)]
    for mail in sent:
        await until(lambda mail=mail: has_ended(office, mail))  # type: ignore[misc]
    assert [await office.types(it) for it in sent] == [[REQUESTED, SENDING, "sent"]] * 2
    for overtaken in (recovered, next_due):
        assert await office.types(recovery_id(overtaken)) == [REQUESTED, "skipped"]
        assert server.copies_of(recovery_id(overtaken)) == 0
    held = await office.store.pool.fetch(
        "SELECT FROM claims WHERE kind = $1 AND value = ANY($2)",
        RECOVERY_OF_CART,
        [str(it.originator_id) for it in (kept, recovered, next_due)],
    )
    assert held == []


async def test_an_erased_customer_gets_no_mail(office: Office, mails: Database, server: MailServer) -> None:
    customer_id = f"customer-{uuid4().hex}"
    async with service_pool(mails) as pool:
        await (await post_office(pool, server.port)).agree(customer_id, "gone@mail.test")
    key = customer_stream_id("demo", customer_id)
    erase = "UPDATE customer_keys SET wrapped_key = NULL, erased_at = now() WHERE customer_id = $1"
    await office.store.pool.execute(erase, key)
    fact = await office.due(customer_id)
    await office.read(fact)
    await until(lambda: has_ended(office, recovery_id(fact)))
    assert await office.types(recovery_id(fact)) == [REQUESTED, "skipped"]


@pytest.mark.parametrize(
    ("failpoint", "facts", "copies"),
    [
        ("mail.before_sending", [REQUESTED, SENDING, "sent"], 1),
        ("mail.before_data", [REQUESTED, SENDING, "unknown"], 0),
        ("mail.after_data", [REQUESTED, SENDING, "unknown"], 1),
    ],
)
async def test_a_killed_process_leaves_at_most_one_visible_mail(
    template: Database, server: MailServer, failpoint: str, facts: list[str], copies: int
) -> None:
    async with copied(template) as database, service_pool(database) as pool:
        office = await post_office(pool, server.port)
        mail = await office.asked_to_send("ana")
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.integration.checkout_saga.notifications.worker",
            database.service_url,
            str(server.port),
            f"{failpoint}=kill@once",
        )
        assert await worker.wait() == -9
        await move_clock(database, timedelta(seconds=LEASE_SECONDS + 1))
        office.store.forget_time()
        async with running(office.calls.run()):
            await until(lambda: has_ended(office, mail))
        assert (await office.types(mail), server.copies_of(mail)) == (facts, copies)


async def test_two_processes_that_send_the_same_mail_transfer_it_once(
    office: Office, server: MailServer, mails: Database
) -> None:
    mail = await office.asked_to_send("mute-after")  # the first one waits for the server's answer
    await until(lambda: server.copies_of(mail) == 1)
    async with service_pool(mails) as pool:
        other = await post_office(pool, server.port)
        await pool.execute("UPDATE timers SET due_at = now() - interval '1 second' WHERE subject = $1", mail)
        async with running(other.calls.run()):
            await until(lambda: has_ended(office, mail))
    assert (await office.types(mail))[:3] == [REQUESTED, SENDING, "unknown"]
    assert server.copies_of(mail) == 1


async def test_a_server_with_a_certificate_of_another_authority_gets_no_mail(
    template: Database, tmp_path: Path
) -> None:
    trusted, other = Authority.made_in(tmp_path), Authority.made_in(tmp_path)
    pair = trusted.issue("mail", ["127.0.0.1"])
    with mail_server(tmp_path, pair.certificate, pair.key) as server:
        async with copied(template) as database, service_pool(database) as pool:
            doubtful = await post_office(pool, server.port, tls="starttls", ca_file=str(other.file))
            mail = await doubtful.asked_to_send("ana")
            async with running(doubtful.calls.run()):
                await until(lambda: is_postponed(doubtful, mail))
            assert server.taken() == []
            known = await post_office(pool, server.port, tls="starttls", ca_file=str(trusted.file))
            async with running(known.calls.run()):
                await until(lambda: server.copies_of(mail) == 1)
