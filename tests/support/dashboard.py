"""The analysts' dashboard as a browser without scripts uses it."""

from __future__ import annotations

import httpx

from tests.support.operator_page import Forms

SIGN_IN = "/sign-in"


async def sign_in(client: httpx.AsyncClient, key: str) -> httpx.Response:
    ((path, fields),) = Forms((await client.get(SIGN_IN)).text).found
    return await client.post(path, data={**fields, "key": key})
