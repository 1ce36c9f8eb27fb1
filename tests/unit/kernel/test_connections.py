"""Limits of a connection: bytes, pipelined requests, and time in each of its phases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from tests.support.connections import LIMITS, Listening, listening
from tests.support.waiting import until

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\n"
WITH_LENGTH = POST + b"Content-Length: 5\r\n\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
FOREVER = b"GET /forever HTTP/1.1\r\nHost: x\r\n\r\n"
HELD = b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n"


class Application:
    """Records its requests; ``/held`` waits for ``may_answer``, ``/forever`` streams without end."""

    def __init__(self) -> None:
        self.received: list[tuple[list[bytes], bytes]] = []
        self.paths: list[str] = []
        self.may_answer = asyncio.Event()
        self.streams = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.paths.append(scope["path"])
        if scope["path"] == "/forever":
            await StreamingResponse(self._forever())(scope, receive, send)
            return
        if scope["path"] == "/held":
            await self.may_answer.wait()
        body = await request.body()
        self.received.append(([name for name, _ in scope["headers"]], body))
        await PlainTextResponse(b"ok")(scope, receive, send)

    async def _forever(self) -> AsyncIterator[bytes]:
        self.streams += 1
        try:
            while True:
                yield b"x" * 65_536
                await asyncio.sleep(0)
        finally:
            self.streams -= 1


@pytest.fixture
def app() -> Application:
    return Application()


@pytest.fixture
async def there(app: Application) -> AsyncIterator[Listening]:
    async with listening(app) as there:
        yield there


def has_received(there: Listening, count: int) -> bool:
    return sum(it.received for it in there.connections) >= count


async def test_trailers_are_not_merged_into_headers(there: Listening, app: Application) -> None:
    caller = await there.connected()

    await caller.send(CHUNKED, b"3\r\nabc\r\n0\r\nAuthorization: Bearer admin\r\nX-Odd: 1\r\n\r\n", GET)

    assert [await caller.status() for _ in range(2)] == [200, 200]
    assert app.received == [([b"host", b"transfer-encoding"], b"abc"), ([b"host"], b"")]


@pytest.mark.parametrize(
    "endless",
    [b"a:\r\n" * 16_384, b"a: " + b"x" * 65_536, b"x" * 65_536],
    ids=["trailers", "one trailer", "a trailer's name"],
)
async def test_trailers_are_limited_like_headers(there: Listening, endless: bytes, app: Application) -> None:
    caller = await there.connected()

    await caller.send(CHUNKED, b"0\r\n", *[endless] * 8)

    assert await caller.status() == 431
    assert app.received == []


async def test_an_endless_chunk_extension_is_refused(there: Listening) -> None:
    caller = await there.connected()

    await caller.send(CHUNKED, b"1;", *[b"x" * 65_536] * 8)

    assert await caller.status() == 431


async def test_a_head_is_refused_as_soon_as_it_is_too_large(there: Listening) -> None:
    caller = await there.connected()

    await caller.send(GET, b"GET / HTTP/1.1\r\nX: " + b"x" * 66_000)

    assert [await caller.status() for _ in range(2)] == [200, 431]


async def test_large_heads_and_bodies_may_follow_each_other(there: Listening) -> None:
    caller = await there.connected()
    head = b"X-Odd: " + b"x" * 40_000 + b"\r\n"
    large = POST + head + b"Content-Length: 200000\r\n\r\n" + b"x" * 200_000

    await caller.send((large + GET[:-2] + head + b"\r\n") * 3)

    assert [await caller.status() for _ in range(6)] == [200] * 6


async def test_pipelined_requests_are_read_one_after_another(there: Listening, app: Application) -> None:
    caller = await there.connected()
    (connection,) = there.connections

    await caller.send(HELD + GET * 5_000)
    await until(lambda: bool(app.paths) and connection.flow.read_paused)

    assert app.paths == ["/held"]
    assert len(connection.pipeline) == 1
    app.may_answer.set()
    assert [await caller.status() for _ in range(5_001)] == [200] * 5_001
    assert not connection.flow.read_paused


async def test_bodies_of_pipelined_requests_are_not_read_ahead(there: Listening, app: Application) -> None:
    caller = await there.connected()
    (connection,) = there.connections
    big = POST + b"Content-Length: 500000\r\n\r\n" + b"x" * 500_000

    sending = asyncio.create_task(caller.send(HELD + big * 20))
    await until(lambda: connection.flow.read_paused)

    assert sum(len(it.body) for it, _ in connection.pipeline) + len(connection._unread) < 600_000
    app.may_answer.set()
    assert [await caller.status() for _ in range(21)] == [200] * 21
    await sending
    assert [len(body) for _, body in app.received] == [0] + [500_000] * 20


async def test_large_bodies_of_all_connections_together_are_limited_and_small_ones_go_on(
    there: Listening, app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kernel.http.protocol.MAX_LARGE_BODY_BYTES", 1_500_000)
    begun = POST + b"Content-Length: 700000\r\n\r\n" + b"x" * 600_000
    callers = [await there.connected() for _ in range(4)]
    for number, caller in enumerate(callers[:3]):
        await caller.send(begun)
        await until(partial(has_received, there, (number + 1) * len(begun)))

    assert await callers[2].status() == 503
    await callers[3].send(WITH_LENGTH, b"hello")
    assert await callers[3].status() == 200

    for caller in callers[:2]:
        await caller.send(b"x" * 100_000)
        assert await caller.status() == 200
    await callers[3].send(begun, b"x" * 100_000)
    assert await callers[3].status() == 200


async def test_a_refusal_follows_the_responses_before_it(there: Listening, app: Application) -> None:
    caller = await there.connected()

    await caller.send(HELD + GET + b"GET / HTTP/1.1\r\n\r\n" + GET)
    await until(lambda: bool(app.paths))
    app.may_answer.set()

    assert [await caller.status() for _ in range(3)] == [200, 200, 400]
    assert await caller.rest() == b""


async def test_a_disconnect_reaches_the_running_request_although_another_one_waits(
    there: Listening, app: Application
) -> None:
    caller = await there.connected()

    await caller.send(FOREVER + GET)
    await until(lambda: app.streams > 0)
    caller.writer.transport.abort()

    await until(lambda: not app.streams)


@pytest.mark.parametrize(
    ("sent", "limit"),
    [
        ((), LIMITS.head),
        ((b"\r\n",), LIMITS.head),
        ((b"GET / HT",), LIMITS.head),
        ((GET[:-2],), LIMITS.head),
        ((WITH_LENGTH, b"abc"), LIMITS.body),
        ((CHUNKED,), LIMITS.body),
        ((CHUNKED, b"1\r\n \r\n"), LIMITS.body),
        ((CHUNKED, b"0\r\n"), LIMITS.body),
        ((CHUNKED, b"0\r\nX-Odd: a"), LIMITS.body),
        ((HELD,), LIMITS.answer),
        ((HELD, GET), LIMITS.answer),
        ((HELD, b"GET / HT"), LIMITS.head),
        ((HELD, WITH_LENGTH, b"abc"), LIMITS.answer),
    ],
    ids=lambda it: b" ".join(it)[:60] if isinstance(it, tuple) else "",
)
async def test_each_phase_has_a_deadline(
    there: Listening, app: Application, sent: tuple[bytes, ...], limit: float
) -> None:
    caller = await there.connected()
    (connection,) = there.connections
    await caller.send(*sent)
    await until(lambda: connection.received == len(b"".join(sent)))

    there.look(after=limit - 1)
    assert not connection.transport.is_closing()
    there.look(after=limit + 1)
    app.may_answer.set()

    await caller.rest()
    caller.writer.close()
    await until(lambda: not there.connections)


@pytest.mark.parametrize("stray", [b"", b"\r\n", b"\r\n\r\n"])
async def test_the_time_between_two_requests_is_limited_also_with_blank_lines(
    there: Listening, stray: bytes
) -> None:
    caller = await there.connected()
    await caller.send(GET)
    assert await caller.status() == 200

    await caller.send(stray)
    await until(lambda: there.connections[0].received == len(GET + stray))
    there.look(after=LIMITS.request - 1)
    assert not there.connections[0].transport.is_closing()
    there.look(after=LIMITS.request + 1)

    assert await caller.rest() == b""


async def test_a_request_that_has_begun_must_continue(there: Listening) -> None:
    caller = await there.connected()
    await caller.send(GET)
    assert await caller.status() == 200

    await caller.send(b"G")
    await until(lambda: there.connections[0].received == len(GET) + 1)
    there.look(after=LIMITS.head + 1)

    assert await caller.status() == 408


async def test_endless_blank_lines_are_refused(there: Listening) -> None:
    caller = await there.connected()

    await caller.send(GET, *[b"\r\n" * 32_768] * 8)

    assert [await caller.status() for _ in range(2)] == [200, 431]


async def test_a_response_that_is_not_read_is_aborted(there: Listening, app: Application) -> None:
    caller = await there.connected(limit=1024)
    (connection,) = there.connections

    await caller.send(FOREVER)
    await until(lambda: connection.flow.write_paused)
    there.look(after=LIMITS.writing - 1)
    assert there.connections
    there.look(after=LIMITS.writing + 1)

    await until(lambda: not app.streams)
    await until(lambda: not there.connections)


async def test_a_closing_connection_waits_only_for_a_limited_time_for_its_last_bytes(
    there: Listening, app: Application
) -> None:
    caller = await there.connected(limit=1024)
    (connection,) = there.connections
    await caller.send(FOREVER)
    await until(lambda: connection.flow.write_paused)

    connection.transport.close()
    there.look(after=0)
    there.look(after=LIMITS.writing + 1)

    await until(lambda: not there.connections)


async def test_one_connection_too_many_closes_the_one_that_waits_longest(app: Application) -> None:
    async with listening(app, LIMITS._replace(connections=3)) as there:
        customer = await there.connected()
        await customer.send(GET)
        assert await customer.status() == 200
        still = [await there.connected() for _ in range(5)]

        assert await still[0].rest() == b""
        assert len(there.connections) == 3
        await customer.send(GET)
        assert await customer.status() == 200
