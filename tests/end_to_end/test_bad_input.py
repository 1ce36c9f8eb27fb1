"""Every invalid call is refused at once with a code, and changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from itertools import repeat
from typing import Any

import asyncpg
import pytest

from contracts.topology import PUBLISHERS
from tests.end_to_end.bad_calls import BAD, JSON, NO_ID, Bad, Header
from tests.end_to_end.raw_http import exchange, hangs_up, head
from tests.end_to_end.shop_client import Shop
from tests.support.stack import RunningStack

TENANT = "rival"
POSITIONS = "SELECT count(*), (SELECT count(*) FROM timers WHERE tenant = $1) FROM log WHERE tenant = $1"


@pytest.fixture(scope="module")
def there(shop: Shop) -> Mapping[str, str]:
    """Ids for the calls: of the caller's tenant, and of another."""
    ours = shop.of(TENANT)
    product, their_product = ours.sold(1000), shop.sold(1000)
    return {
        "{product}": product["product_id"],
        "{their_product}": their_product["product_id"],
        "{cart}": ours.cart((product, 1))["cart_id"],
        "{their_cart}": shop.cart((their_product, 1))["cart_id"],
        "{no_id}": NO_ID,
    }


def request_of(bad: Bad, there: Mapping[str, str]) -> tuple[str, bytes, bytes]:
    """The service, the head and the body of a call."""
    service, method, path = bad.call.split(" ", 2)
    body = (
        b""
        if bad.body is None
        else bad.body
        if isinstance(bad.body, bytes)
        else json.dumps(bad.body).encode()
    )
    for name, value in there.items():
        path, body = path.replace(name, value), body.replace(name.encode(), value.encode())
    usual: dict[str, Any] = {
        "Host": "x",
        "Authorization": f"Bearer {TENANT}-{bad.role}",
        "Connection": "close",
    }
    if bad.body is not None:
        usual |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    named = {name for name, _ in bad.headers}
    headers = [it for it in usual.items() if it[0] not in named]
    headers += [(name, value) for name, value in bad.headers if value is not None]
    return service, head(method, path, headers), body


async def written(stack: RunningStack) -> list[Any]:
    found: list[Any] = []
    for name in PUBLISHERS:
        connection = await asyncpg.connect(stack.addresses.databases[name])
        found += [tuple(it) for it in await connection.fetch(POSITIONS, TENANT)]
        await connection.close()
    return found


@pytest.fixture(scope="module")
async def nothing_is_written(stack: RunningStack, there: Mapping[str, str]) -> AsyncIterator[None]:
    """After all tests of the module, the tenant has no new rows."""
    before = await written(stack)
    yield
    assert await written(stack) == before


@pytest.mark.usefixtures("nothing_is_written")
@pytest.mark.parametrize("bad", BAD, ids=lambda it: it.what.replace(" ", "-"))
def test_an_invalid_call_is_refused_with_its_code(
    bad: Bad, stack: RunningStack, there: Mapping[str, str]
) -> None:
    service, top, body = request_of(bad, there)

    response = exchange(stack.addresses.urls[service], top, body)

    assert (response.status, response.code) == bad.answer, response.body


POST = ("POST", "/v1/carts")
KEY: Header = ("Authorization", f"Bearer {TENANT}-storefront")
CHUNKED: Header = ("Transfer-Encoding", "chunked")
CHUNK = b"10000\r\n" + b" " * 65536 + b"\r\n"


def test_endless_chunks_are_refused_by_their_size(stack: RunningStack) -> None:
    top = head(*POST, [("Host", "x"), KEY, JSON, CHUNKED])

    response = exchange(stack.addresses.urls["cart"], top, rest=repeat(CHUNK))

    assert (response.status, response.code) == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize(
    "rest",
    [CHUNK, b"1\r\n \r\n" * 1000, b"1;" + b"x" * 65536, b"0\r\n" + b"x: y\r\n" * 10_000],
    ids=["chunks", "small chunks", "an extension", "trailers"],
)
def test_endless_data_after_the_response_ends_the_connection(stack: RunningStack, rest: bytes) -> None:
    top = head("GET", "/livez", [("Host", "x"), CHUNKED])
    more = repeat(rest if rest.startswith(b"1\r\n") or rest is CHUNK else b"x" * 65536)

    assert hangs_up(stack.addresses.urls["cart"], top + rest, more)


async def test_an_incomplete_request_times_out(stack: RunningStack) -> None:
    url = stack.addresses.urls["cart"]
    usual: list[Header] = [("Host", "x"), KEY, JSON]
    beginnings = [
        head(*POST, usual)[:-2],
        head(*POST, [*usual, ("Content-Length", "100")]) + b"{",
        head(*POST, [*usual, CHUNKED]) + b"1\r\n{\r\n",
    ]

    responses = await asyncio.gather(*(asyncio.to_thread(exchange, url, it) for it in beginnings))

    assert [(it.status, it.code) for it in responses] == [
        (408, None),
        (408, "REQUEST_TIMEOUT"),
        (408, "REQUEST_TIMEOUT"),
    ]
