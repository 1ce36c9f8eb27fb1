"""Requests that are refused for a member that no request has: who sent one by a name that is looked for.

That such a request came may say something about its sender, though it changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from fastapi import Request

from kernel.http.auth import Principal, authenticate_fast


def has_unknown_member(faults: Iterable[Any], names: Collection[str]) -> bool:
    """Whether a request was refused for an unknown member of one of the names, as pydantic tells its
    faults."""
    return any(it["type"] == "extra_forbidden" and it["loc"][-1] in names for it in faults)


async def sender_of_unknown_member(
    request: Request, faults: Iterable[Any], names: Collection[str]
) -> Principal | None:
    """None if the request has none of these members, or its sender is not known."""
    if not has_unknown_member(faults, names):
        return None
    return await authenticate_fast(request, request.headers.get("authorization", "").encode())
