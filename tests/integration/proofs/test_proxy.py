"""Each harm of the chaos run's proxy really bites, and only where and as it is meant to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import pytest

from devstack import ports
from devstack.databases import Database
from tests.proofs.chaos.proxies import open_proxies
from tests.proofs.chaos.proxy import Harm, Proxy
from tests.support.database import Pool
from tests.support.waiting import until

WITHIN = 10.0


@dataclass
class Server:
    """Answers each line with itself, and keeps what it has heard."""

    proxy: Proxy
    heard: list[bytes] = field(default_factory=list)
    hung_up: int = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                self.heard.append(line)
                writer.write(line)
        except ConnectionError:
            pass
        finally:
            self.hung_up += 1
            writer.close()


@asynccontextmanager
async def behind_door() -> AsyncIterator[Server]:
    target = ports.free()
    server = Server(Proxy(ports.free(excluding=[target]), target))
    async with (
        await asyncio.start_server(server.answer, "127.0.0.1", target),
        await server.proxy.open(),
    ):
        yield server
        server.proxy.reset_all()


@asynccontextmanager
async def client(proxy: Proxy) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def test_without_harm_all_of_it_gets_through() -> None:
    async with behind_door() as server, client(server.proxy) as (reader, writer):
        sent = b"".join(b"%d\n" % number for number in range(100_000))
        writer.write(sent)
        assert await asyncio.wait_for(reader.readexactly(len(sent)), WITHIN) == sent
        assert not server.proxy.counts


async def test_swallowed_answers_let_the_request_take_effect_and_nobody_hears_of_it() -> None:
    async with behind_door() as server, client(server.proxy) as (reader, writer):
        server.proxy.hurt(Harm(swallow="answers"))
        writer.write(b"do it\n")
        await until(lambda: server.proxy.counts["answers_bytes_swallowed"] == 6)
        assert server.heard == [b"do it\n"]
        # what misses bytes cannot go on: the end of the harm is the end of the connection
        server.proxy.hurt(Harm())
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.readline(), WITHIN)


async def test_a_commit_takes_effect_though_its_confirmation_is_swallowed(
    database: Database, pool: Pool
) -> None:
    where = database.service_url.rpartition("@")[2].partition("/")[0]
    target = int(where.rpartition(":")[2])
    proxy = Proxy(ports.free(), target)
    async with await proxy.open():
        through = await asyncpg.connect(database.owner_url.replace(f":{target}/", f":{proxy.port}/"))
        try:
            await through.execute("CREATE TABLE effect (it int)")
            proxy.hurt(Harm(swallow="answers"))
            asking = asyncio.create_task(through.execute("INSERT INTO effect VALUES (1)", timeout=30))
            await until(lambda: proxy.counts["answers_bytes_swallowed"] > 0)
            assert not asking.done()
            own = await asyncpg.connect(database.owner_url)
            assert await own.fetchval("SELECT count(*) FROM effect") == 1
            await own.close()
            proxy.hurt(Harm())
            with pytest.raises((ConnectionError, asyncpg.ConnectionDoesNotExistError)):
                await asyncio.wait_for(asking, WITHIN)
        finally:
            through.terminate()


async def test_swallowed_requests_have_no_effect_and_the_server_does_not_hear_of_the_end() -> None:
    async with behind_door() as server:
        async with client(server.proxy) as (reader, writer):
            writer.write(b"before\n")
            assert await reader.readline() == b"before\n"
            server.proxy.hurt(Harm(swallow="requests"))
            writer.write(b"do it\n")
            await until(lambda: server.proxy.counts["requests_bytes_swallowed"] == 6)
        async with client(server.proxy) as (_, another):
            another.write(b"me too\n")
            await until(lambda: server.proxy.counts["requests_bytes_swallowed"] == 13)
        assert server.heard == [b"before\n"]
        assert server.hung_up == 0
        server.proxy.hurt(Harm())
        await until(lambda: server.hung_up == 2)
        assert server.heard == [b"before\n"]


async def test_a_connection_may_stay_mute_for_good_while_new_ones_work() -> None:
    async with behind_door() as server, client(server.proxy) as (reader, writer):
        server.proxy.hurt(Harm(swallow="answers"))
        writer.write(b"one\n")
        await until(lambda: server.proxy.counts["connections_gone_mute"] == 1)
        server.proxy.hurt(Harm(), mute_for_good=True)
        writer.write(b"two\n")
        await until(lambda: server.proxy.counts["answers_bytes_swallowed"] == 8)
        async with client(server.proxy) as (fresh, another):
            another.write(b"three\n")
            assert await fresh.readline() == b"three\n"
        assert not reader.at_eof()
        assert "connections_reset" not in server.proxy.counts


async def test_an_answer_is_cut_at_the_very_byte() -> None:
    async with behind_door() as server, client(server.proxy) as (reader, writer):
        server.proxy.hurt(Harm(cut_after=9))
        writer.write(b"12345\n")
        assert await reader.readline() == b"12345\n"
        writer.write(b"67890\n")
        assert await asyncio.wait_for(reader.read(), WITHIN) == b"678"
        assert server.heard == [b"12345\n", b"67890\n"]
        assert server.proxy.counts["connections_cut"] == 1


async def test_a_reset_reaches_both_sides_and_leaves_the_door_open() -> None:
    async with behind_door() as server, client(server.proxy) as (reader, writer):
        writer.write(b"one\n")
        assert await reader.readline() == b"one\n"
        server.proxy.reset_all()
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.readline(), WITHIN)
        await until(lambda: server.hung_up == 1)
        async with client(server.proxy) as (fresh, another):
            another.write(b"two\n")
            assert await fresh.readline() == b"two\n"


async def test_each_way_comes_late_by_as_much_as_was_told() -> None:
    async with behind_door() as server, client(server.proxy) as (reader, writer):
        server.proxy.hurt(Harm(delay=0.2))
        began = time.monotonic()
        writer.write(b"late\n")
        assert await asyncio.wait_for(reader.readline(), WITHIN) == b"late\n"
        assert time.monotonic() - began >= 0.4
        assert server.proxy.counts["pieces_delayed"] == 2


async def test_a_trickle_takes_as_long_as_its_rate_says() -> None:
    async with behind_door() as server, client(server.proxy) as (reader, writer):
        server.proxy.hurt(Harm(answers_per_second=2000))
        began = time.monotonic()
        writer.write(b"x" * 999 + b"\n")
        assert len(await asyncio.wait_for(reader.readline(), WITHIN)) == 1000
        assert time.monotonic() - began >= 0.5
        assert server.proxy.counts["bytes_slowed"] == 1000


async def test_doors_in_a_process_of_their_own_obey_and_tell_what_they_did() -> None:
    async with behind_door() as server:
        with ExitStack() as stack:
            # it waits for the process, and must not hold up the server behind the door
            proxies = await asyncio.to_thread(
                stack.enter_context, open_proxies({"there": server.proxy.target}, [server.proxy.port])
            )
            await proxies.hurt("there", Harm(cut_after=2))
            async with client(Proxy(proxies.port["there"], server.proxy.target)) as (reader, writer):
                writer.write(b"hello\n")
                assert await asyncio.wait_for(reader.read(), WITHIN) == b"he"
            assert await proxies.counts("there") == {"connections_cut": 1}
