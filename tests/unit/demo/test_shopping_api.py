"""Calling Feira from outside: lists are read to their end, transient failures retried, refusals raised."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from demo.shopping.api import Api, Refusal


class Service:
    """A service that serves three items, and is down for the given number of calls."""

    def __init__(self) -> None:
        self.down_for = 0
        self.seen: list[Request] = []
        self.app = FastAPI()
        self.app.get("/v1/things")(self.things)
        self.app.post("/v1/things")(self.make)

    async def things(self, request: Request, limit: int, cursor: int = 0) -> dict[str, object]:
        self.seen.append(request)
        return {"items": [{"number": cursor}], "next_cursor": str(cursor + 1) if cursor < 2 else None}

    async def make(self, request: Request, response: Response) -> dict[str, object]:
        self.seen.append(request)
        if self.down_for:
            self.down_for -= 1
            response.status_code = 503
            return {"code": "UNAVAILABLE", "detail": "a part is down"}
        if "Feira-Occurred-At" not in request.headers:
            response.status_code = 422
            return {"code": "EMPTY_CART", "detail": "there is nothing in it"}
        return {"made": True}


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
async def api(service: Service) -> AsyncIterator[Api]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app)) as client:
        yield Api(client, {"offer": "http://offer"}, "rival")


async def test_all_pages_of_a_list_are_read_with_the_tenant_s_key(api: Api, service: Service) -> None:
    assert [it["number"] for it in await api.items("offer", "/v1/things", "ops")] == [0, 1, 2]
    assert {it.headers["Authorization"] for it in service.seen} == {"Bearer rival-ops"}


async def test_a_transient_failure_is_retried_with_the_same_key(api: Api, service: Service) -> None:
    service.down_for = 2
    made = await api.post("offer", "/v1/things", "service", "the-key", {}, at="1997-01-01T12:00:00Z")
    assert made == {"made": True}
    assert [it.headers["Idempotency-Key"] for it in service.seen] == ["the-key"] * 3


async def test_a_refusal_is_raised_with_its_code_and_not_retried(api: Api, service: Service) -> None:
    with pytest.raises(Refusal, match="EMPTY_CART: there is nothing in it") as refused:
        await api.post("offer", "/v1/things", "service", "the-key", {})
    assert (refused.value.status, refused.value.code) == (422, "EMPTY_CART")
    assert len(service.seen) == 1
