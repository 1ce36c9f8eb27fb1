"""A record that cannot be handled is parked with its reason, and other keys continue."""

from __future__ import annotations

import secrets
from dataclasses import replace
from uuid import UUID, uuid4

from structlog.testing import capture_logs

from kernel.messaging.inbound import InboundMessage
from tests.integration.kernel.messaging.group import Group, Recorder
from tests.support.database import Pool
from tests.support.kafka_records import Sent, received_stock, send, unlock_cart
from tests.support.running import running


class HandlerFailed(Exception):
    pass


def failing_recorder(stream_id: UUID, version: int) -> Recorder:
    """A handler that fails on one record."""

    def before(it: InboundMessage) -> None:
        if (it.stream_id, it.version) == (stream_id, version):
            raise HandlerFailed

    return Recorder("", before=before)


async def test_a_record_that_fails_its_batch_is_parked_and_later_records_of_its_key_wait(
    group: Group,
) -> None:
    bad, good = uuid4(), uuid4()
    recorder = replace(failing_recorder(bad, 2), scope=group.name)
    await send(
        group.bootstrap,
        *(
            it
            for version in (1, 2, 3)
            for it in (received_stock(bad, version), received_stock(good, version))
        ),
    )

    async with running(group.consumer(recorder).run()):
        await group.has_done(4)
        await send(group.bootstrap, received_stock(bad, 4), received_stock(good, 4))
        await group.has_done(5)
        await group.has_parked(3)

    effects = await group.effects()
    assert [version for it, version in effects if it == good] == [1, 2, 3, 4]
    assert [version for it, version in effects if it == bad] == [1]
    assert await group.parked() == [(str(bad), "failed"), (str(bad), "behind"), (str(bad), "behind")]


async def test_the_failing_record_is_found_in_a_large_batch_and_all_others_are_handled_once(
    group: Group,
) -> None:
    shelves = [uuid4() for _ in range(60)]
    recorder = replace(failing_recorder(shelves[37], 1), scope=group.name)
    await send(group.bootstrap, *(received_stock(it, 1) for it in shelves))

    async with running(group.consumer(recorder).run()):
        await group.has_done(59)
        await group.has_parked(1)

    assert sorted(await group.effects()) == sorted((it, 1) for it in shelves if it != shelves[37])
    assert await group.parked() == [(str(shelves[37]), "failed")]


async def test_handlers_of_one_consumer_are_independent_when_one_of_them_fails(group: Group) -> None:
    bad, good = uuid4(), uuid4()
    healthy, sick = Recorder("healthy"), replace(failing_recorder(bad, 1), scope="sick")

    async with running(group.consumer(healthy, sick).run()):
        await send(
            group.bootstrap, *(received_stock(it, version) for it in (bad, good) for version in (1, 2))
        )
        await group.has_done(4, "healthy")
        await group.has_done(2, "sick")
        await group.has_parked(2, "sick")

    assert sorted(await group.effects("healthy")) == sorted((it, v) for it in (bad, good) for v in (1, 2))
    assert await group.effects("sick") == [(good, 1), (good, 2)]
    assert await group.parked("sick") == [(str(bad), "failed"), (str(bad), "behind")]
    assert await group.parked("healthy") == []


async def test_a_fact_ahead_of_its_stream_is_parked_until_it_comes_in_order(group: Group) -> None:
    shelf, other = uuid4(), uuid4()

    async with running(group.consumer(group.recorder()).run()):
        await send(
            group.bootstrap, received_stock(shelf, 1), received_stock(shelf, 3), received_stock(other, 1)
        )
        await group.has_parked(1)
        await group.has_done(2)
        assert await group.parked() == [(str(shelf), "gap")]

        await send(group.bootstrap, received_stock(shelf, 2))
        await group.has_done(3)
        assert await group.parked() == [(str(shelf), "gap")]  # the third itself is still missing

        await send(group.bootstrap, received_stock(shelf, 3))
        await group.has_done(4)

    assert [it for it in await group.effects() if it[0] == shelf] == [(shelf, 1), (shelf, 2), (shelf, 3)]
    assert await group.parked() == []
    assert await group.parked(still=False) == [(str(shelf), "gap")]


async def test_a_command_without_a_handler_is_parked_and_blocks_only_its_key(
    group: Group,
) -> None:
    cart_id, other = uuid4(), uuid4()
    unheard = unlock_cart(cart_id).with_header("ce_type", b"cart.fly_away")

    recorder = group.recorder(types=frozenset({"cart.unlock"}))
    await send(group.bootstrap, unlock_cart(cart_id), unheard, unlock_cart(cart_id), unlock_cart(other))
    async with running(group.consumer(recorder, topics=["cart.commands"]).run()):
        await group.has_done(2)
        await send(group.bootstrap, unlock_cart(cart_id), unlock_cart(other))
        await group.has_done(3)
        await group.has_parked(3)

    assert await group.parked() == [
        (str(cart_id), "unknown_type"),
        (str(cart_id), "behind"),
        (str(cart_id), "behind"),
    ]


async def test_an_unreadable_command_blocks_only_its_key(group: Group) -> None:
    cart_id, other = uuid4(), uuid4()
    unreadable = unlock_cart(cart_id).without_header("ce_id")

    recorder = group.recorder(types=frozenset({"cart.unlock"}))
    await send(group.bootstrap, unlock_cart(cart_id), unreadable, unlock_cart(cart_id), unlock_cart(other))
    async with running(group.consumer(recorder, topics=["cart.commands"]).run()):
        await group.has_done(2)
        await group.has_parked(2)

    assert await group.parked() == [(str(cart_id), "headers"), (str(cart_id), "behind")]


def hostile() -> list[tuple[Sent, str]]:
    """Records, each with the reason for which it must be parked."""

    def fact() -> Sent:
        return received_stock(uuid4(), 1)

    def of(body: bytes | None) -> Sent:
        return replace(fact(), value=body)

    body = fact().value or b""
    broken_headers = [
        fact().without_header("ce_id"),
        fact().without_header("ce_tenant"),
        fact().without_header("ce_version"),
        fact().with_header("ce_id", b"one"),
        fact().with_header("ce_tenant", b""),
        fact().with_header("ce_tenant", b"\xff"),
        fact().with_header("ce_tenant", b"de\0mo"),
        fact().with_header("ce_recordedtime", b"yesterday"),
        fact().with_header("ce_recordedtime", b"2026-03-01T12:00:00"),
        fact().with_header("ce_subject", str(uuid4()).encode()),
        fact().with_header("ce_dataschema", b"urn:feira:stock.received:newest"),
        fact().with_header("ce_type", b"cart.created"),
        fact().with_header("ce_type", b"cart.unlock"),
        fact().with_second_header("ce_type", b"stock.received"),
        fact().without_header("ce_id").with_header("note", rb"\u0000 \\u0000"),
        *(
            fact().with_header("ce_version", it)
            for it in (b"0", b"-1", b"1.0", b"1_0", b"99999999999", b"9" * 5000)
        ),
        replace(fact(), headers=()),
        replace(fact(), key=None),
        replace(fact(), key=b""),
        replace(fact(), key=b"\xff\0"),
        replace(fact(), key=secrets.token_bytes(100_000)),
    ]
    malformed = [
        b"",
        b"{",
        body[:-1],
        b"\xff",
        b"NaN",
        b"[" * 100_000,
        b'{"a":1,"a":2}',
        b'{"a":"\\u0000"}',
        b'{"a":' + b"9" * 30 + b"}",
    ]
    return [
        *((it, "headers") for it in broken_headers),
        *((of(it), "malformed") for it in malformed),
        (of(None), "tombstone"),
        (of(b"[1]"), "invalid"),
        (of(b"null"), "invalid"),
        (of(b'{"quantity":1}'), "invalid"),
        (of(body.replace(b":1", b':"many"')), "invalid"),
        (fact().with_header("ce_dataschema", b"urn:feira:stock.received:2"), "future_version"),
    ]


async def test_an_invalid_record_is_parked_with_its_reason_and_blocks_no_other_key(
    group: Group,
) -> None:
    records = hostile()
    good = [received_stock(uuid4(), 1) for _ in range(6)]

    with capture_logs() as lines:
        async with running(group.consumer(group.recorder()).run()):
            await send(group.bootstrap, good[0], *(it for it, _ in records[:20]), good[1], good[2])
            await group.has_done(3)
            await send(group.bootstrap, *(it for it, _ in records[20:]), *good[3:])
            await group.has_done(6)
            await group.has_parked(len(records))

    parked = await group.parked()
    assert sorted(parked) == sorted(
        ((it.key or b"").decode(errors="replace"), reason) for it, reason in records
    )
    assert len(await group.effects()) == 6
    logged = [it for it in lines if it["event"] == "record_parked"]
    assert sorted(it["reason"] for it in logged) == sorted(reason for _, reason in records)
    assert {frozenset(it) - {"event", "log_level"} for it in logged} == {
        frozenset({"group", "reason", "topic", "partition", "offset"})
    }


async def test_an_impossible_generation_does_not_stop_the_consumer(group: Group) -> None:
    shelf = uuid4()
    absurd = received_stock(shelf, 1).with_header("feira_generation", b"9" * 40)

    async with running(group.consumer(group.recorder()).run()):
        await send(group.bootstrap, absurd, received_stock(shelf, 2))
        await group.has_done(2)

    assert await group.effects() == [(shelf, 1), (shelf, 2)]


async def test_the_generation_of_a_foreign_record_is_ignored(group: Group, pool: Pool) -> None:
    """Trusted, it would make the group reread everything; stored, it would hide the relay's next
    generation."""
    shelf = uuid4()
    first = received_stock(shelf, 1)
    async with running(group.consumer(group.recorder()).run()):
        await send(group.bootstrap, first)
        await group.has_done(1)
        await send(
            group.bootstrap,
            unlock_cart(shelf).with_header("feira_generation", b"7").with_header("ce_source", b"/else/where"),
            received_stock(shelf, 2).with_header("feira_generation", b"9").with_header("ce_source", b"/x"),
            received_stock(shelf, 3).with_header("feira_generation", b"999999999"),
            received_stock(shelf, 4),
        )
        await group.has_done(4)

    kept = await pool.fetch("SELECT DISTINCT generation FROM consumer_offset WHERE grp = $1", group.name)
    assert [row["generation"] for row in kept] == [1]
    assert await group.effects() == [(shelf, version) for version in range(1, 5)]
