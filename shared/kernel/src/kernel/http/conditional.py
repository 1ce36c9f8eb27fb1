"""Conditional reads (RFC 9110, 13.1.2): whether the caller has the present representation already."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, NamedTuple, TypeAlias

from fastapi import Depends, Header, Request

from kernel.http.fast_path import FAST_DEPENDENCIES

MAX_LENGTH = 1000
IF_NONE_MATCH = Header(
    alias="If-None-Match",
    max_length=MAX_LENGTH,
    description="The ETags of the representations that the caller has; 304 if the present one is among them.",
)
TAG = re.compile(r'(?<![^\s,])(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
"""An entity tag; the group is what a weak comparison compares."""
NOT_MODIFIED = 304


class Condition(NamedTuple):
    """``if_none_match``: the header's value; empty without one. What is no entity tag in it matches none."""

    if_none_match: str

    def is_met_by(self, etag: str | None) -> bool:
        """False if the caller has the representation with this tag. ``*`` stands for any that there is."""
        if self.if_none_match.strip() == "*":
            return False
        present = TAG.fullmatch(etag or "")
        return present is None or present[1] not in TAG.findall(self.if_none_match)


async def condition(
    request: Request,
    if_none_match: Annotated[str | None, IF_NONE_MATCH] = None,  # noqa: ARG001  # describes the header
) -> Condition:
    """A header that is repeated is one list."""
    return Condition(", ".join(request.headers.getlist("If-None-Match")))


async def _fast(request: Request, headers: Mapping[bytes, bytes]) -> Condition | None:  # noqa: ARG001
    value = headers.get(b"if-none-match", b"").decode("latin-1")
    return None if len(value) > MAX_LENGTH else Condition(value)


FAST_DEPENDENCIES[condition] = _fast

Unless: TypeAlias = Annotated[Condition, Depends(condition)]
"""A read that is answered with 304 where nothing has changed."""
