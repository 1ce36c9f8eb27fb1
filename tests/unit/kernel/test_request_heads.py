"""Ambiguous request heads are refused before the application sees them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from tests.support.connections import Caller, Listening, listening

HOST = b"Host: x\r\n"
LENGTH = b"Content-Length: 3\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"3\r\nabc\r\n0\r\n\r\n"
UPGRADE = (
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"
)
NEXT = b"GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Responds with path and body, in a response with a length."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(scope["path"].encode() + b" " + body)(scope, receive, send)


@pytest.fixture
async def there() -> AsyncIterator[Listening]:
    async with listening(echo) as there:
        yield there


@pytest.fixture
async def caller(there: Listening) -> Caller:
    return await there.connected()


def request(fields: bytes, start: bytes = b"POST /a HTTP/1.1", body: bytes = b"") -> bytes:
    return start + b"\r\n" + fields + b"\r\n" + body


REFUSED = {
    "no host": (400, request(b"")),
    "two hosts": (400, request(HOST + b"Host: y\r\n")),
    "the same host twice": (400, request(HOST * 2)),
    "an empty host": (400, request(b"Host:\r\n")),
    "a host with a path": (400, request(b"Host: x/y\r\n")),
    "a host with a name before it": (400, request(b"Host: a@x\r\n")),
    "a host with a space": (400, request(b"Host: x y\r\n")),
    "two hosts in one": (400, request(b"Host: x, y:1:2\r\n")),
    "two hosts in HTTP/1.0": (400, request(HOST * 2, b"GET /a HTTP/1.0")),
    "HTTP/0.9": (400, request(b"", b"GET /a")),
    "HTTP/0.9 by name": (400, request(HOST, b"GET /a HTTP/0.9")),
    "HTTP/2.0 by name": (400, request(HOST, b"GET /a HTTP/2.0")),
    "the preface of HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "HTTP/1.2": (400, request(HOST, b"GET /a HTTP/1.2")),
    "a folded header": (400, request(HOST + b"X: a\r\n b\r\n")),
    "a first header that is folded": (400, request(b" X: a\r\n" + HOST)),
    "a space before the colon": (400, request(b"Host : x\r\n")),
    "a header without a name": (400, request(HOST + b": a\r\n")),
    "a bare CR in a header": (400, request(HOST + b"X: a\rb\r\n")),
    "a bare LF after a header": (400, request(HOST + b"X: a\n")),
    "a bare LF after the start": (400, b"GET /a HTTP/1.1\n" + HOST + b"\r\n"),
    "a NUL in a header": (400, request(HOST + b"X: a\0b\r\n")),
    "a NUL in a name": (400, request(HOST + b"X\0: a\r\n")),
    "a NUL in the target": (400, request(HOST, b"GET /a\0b HTTP/1.1")),
    "bytes in the target that are no ASCII": (400, request(HOST, b"GET /\xc3\xa9 HTTP/1.1")),
    "a tab for a space": (400, request(HOST, b"GET\t/a HTTP/1.1")),
    "a length and chunks": (400, request(HOST + LENGTH + CHUNKED, body=CHUNKS)),
    "chunks and a length": (400, request(HOST + CHUNKED + LENGTH, body=CHUNKS)),
    "a length twice": (400, request(HOST + LENGTH * 2, body=b"abc")),
    "two lengths in one": (400, request(HOST + b"Content-Length: 3, 3\r\n", body=b"abc")),
    "a length with a sign": (400, request(HOST + b"Content-Length: +3\r\n", body=b"abc")),
    "an empty length": (400, request(HOST + b"Content-Length:\r\n")),
    "chunked twice": (400, request(HOST + CHUNKED * 2, body=CHUNKS)),
    "chunked twice in one": (400, request(HOST + b"Transfer-Encoding: chunked, chunked\r\n", body=CHUNKS)),
    "chunked over gzip": (400, request(HOST + b"Transfer-Encoding: gzip, chunked\r\n", body=CHUNKS)),
    "gzip over chunked": (400, request(HOST + b"Transfer-Encoding: chunked, gzip\r\n", body=CHUNKS)),
    "no encoding at all": (400, request(HOST + b"Transfer-Encoding: identity\r\n", body=CHUNKS)),
    "nearly chunked": (400, request(HOST + b"Transfer-Encoding: xchunked\r\n", body=CHUNKS)),
    "chunks in HTTP/1.0": (400, request(HOST + CHUNKED, b"POST /a HTTP/1.0", CHUNKS)),
    "a chunk's size in another way": (400, request(HOST + CHUNKED, body=b"0x3\r\nabc\r\n0\r\n\r\n")),
    "a chunk's size with a space": (400, request(HOST + CHUNKED, body=b" 3\r\nabc\r\n0\r\n\r\n")),
    "chunks with bare LF": (400, request(HOST + CHUNKED, body=b"3\nabc\n0\n\n")),
    "a chunk longer than it says": (400, request(HOST + CHUNKED, body=b"3\r\nabcd\r\n0\r\n\r\n")),
    "a tunnel": (400, request(HOST, b"CONNECT x:443 HTTP/1.1")),
    "a star for a path": (400, request(HOST, b"GET * HTTP/1.1")),
    "a target without a slash": (400, request(HOST, b"GET a HTTP/1.1")),
    "a target of another scheme": (400, request(HOST, b"GET ftp://x/a HTTP/1.1")),
    "a fragment": (400, request(HOST, b"GET /a#b HTTP/1.1")),
    "an unknown expectation": (417, request(HOST + LENGTH + b"Expect: more\r\n", body=b"abc")),
    "two expectations": (417, request(HOST + LENGTH + b"Expect: 100-continue\r\n" * 2, body=b"abc")),
}


@pytest.mark.parametrize(("status", "sent"), REFUSED.values(), ids=[it.replace(" ", "-") for it in REFUSED])
async def test_an_ambiguous_head_is_refused_and_nothing_after_it_is_read(
    caller: Caller, status: int, sent: bytes
) -> None:
    await caller.send(sent, NEXT)

    answers = await caller.rest()

    assert answers.startswith(b"HTTP/1.1 %d " % status)
    assert answers.count(b"content-length") == 1


ACCEPTED = {
    "a path": (b"/a ", request(HOST, b"GET /a HTTP/1.1")),
    "a URL, as to a proxy": (b"/a ", request(HOST, b"GET http://elsewhere/a?b HTTP/1.1")),
    "a host with its port": (b"/a ", request(b"Host: shop.example:8001\r\n", b"GET /a HTTP/1.1")),
    "an address of IPv6": (b"/a ", request(b"Host: [::1]:8001\r\n", b"GET /a HTTP/1.1")),
    "HTTP/1.0": (b"/a ", request(b"", b"GET /a HTTP/1.0")),
    "HTTP/1.0 with a host": (b"/a ", request(HOST, b"GET /a HTTP/1.0")),
    "HTTP/1.0 that expects": (b"/a abc", request(LENGTH + b"Expect: more\r\n", b"POST /a HTTP/1.0", b"abc")),
    "blank lines before": (b"/a ", b"\r\n\r\n" + request(HOST, b"GET /a HTTP/1.1")),
    "a body by its length": (b"/a abc", request(HOST + LENGTH, body=b"abc")),
    "a body in chunks": (b"/a abc", request(HOST + CHUNKED, body=CHUNKS)),
    "an upgrade with a body": (b"/a abc", request(HOST + LENGTH + UPGRADE, body=b"abc")),
    "an upgrade with chunks": (b"/a abc", request(HOST + CHUNKED + UPGRADE, body=CHUNKS)),
    "an upgrade without a body": (b"/a ", request(HOST + UPGRADE, b"GET /a HTTP/1.1")),
    "an upgrade with a length of 0": (b"/a ", request(HOST + UPGRADE + b"Content-Length: 0\r\n")),
    "an upgrade to WebSocket": (
        b"/a abc", request(HOST + LENGTH + b"Connection: upgrade\r\nUpgrade: websocket\r\n", body=b"abc"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "byte by byte"])
@pytest.mark.parametrize(("answer", "sent"), ACCEPTED.values(), ids=[it.replace(" ", "-") for it in ACCEPTED])
async def test_a_valid_head_is_accepted_with_its_body(
    caller: Caller, answer: bytes, sent: bytes, at_once: bool
) -> None:
    for piece in [sent] if at_once else [sent[at : at + 1] for at in range(len(sent))]:
        await caller.send(piece)

    assert await caller.answer() == (200, answer)


async def test_after_an_ignored_upgrade_the_next_request_is_answered(caller: Caller) -> None:
    await caller.send(request(HOST + UPGRADE, b"GET /a HTTP/1.1"), NEXT)

    answers = await caller.rest()

    assert answers.count(b"HTTP/1.1 200") == 2
    assert b"101" not in answers


@pytest.mark.parametrize("behind", [NEXT, request(HOST + LENGTH, body=b"def"), b"def"])
@pytest.mark.parametrize(("framing", "body"), [(LENGTH, b"abc"), (CHUNKED, CHUNKS)], ids=["length", "chunks"])
async def test_after_an_upgrade_with_a_body_the_connection_ends(
    caller: Caller, framing: bytes, body: bytes, behind: bytes
) -> None:
    """Its parser cannot read another request; the response says that the connection closes."""
    await caller.send(request(HOST + framing + UPGRADE, body=body) + behind)

    answers = await caller.rest()

    assert answers.count(b"content-length") == 1
    assert b"connection: close" in answers
    assert answers.endswith(b"\r\n\r\n/a abc")


async def test_a_caller_that_expects_it_gets_a_response_100_before_the_body(caller: Caller) -> None:
    await caller.send(request(HOST + LENGTH + b"Expect: 100-continue\r\n"))
    assert await caller.status() == 100

    await caller.send(b"abc")

    assert await caller.status() == 200
