"""Lists in pages: how many, from where, and how to go on."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Query
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from kernel.http.problems import Problem, invalid
from kernel.parsing import Malformed, loads

T = TypeVar("T")
R = TypeVar("R")

LONGEST_CURSOR = 4000


class Page(BaseModel, Generic[T]):
    model_config = ConfigDict(json_schema_extra={"description": "A page of a list."})

    items: list[T]
    next_cursor: str | None = None


class Paging:
    """Use as ``Annotated[Paging, Depends()]``; fetch ``more`` rows, of which the last only tells that the
    page is not the last one."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=100)] = 50,
        cursor: Annotated[str | None, Query(max_length=LONGEST_CURSOR)] = None,
    ) -> None:
        self.limit = limit
        self.more = limit + 1
        self._cursor = cursor

    def after(self, *kinds: Any) -> tuple[Any, ...] | None:
        """The key of the last row of the page before, as these types; None on the first page."""
        if self._cursor is None:
            return None
        try:
            padded = self._cursor + "=" * (-len(self._cursor) % 4)
            raw = urlsafe_b64decode(padded.encode("ascii"))
            loads(raw)
            found: tuple[Any, ...] = TypeAdapter(tuple[kinds]).validate_json(raw, strict=True)  # type: ignore[valid-type]
        except (UnicodeEncodeError, NotBase64, Malformed, ValidationError):
            raise foreign() from None
        return found

    def page(
        self, rows: Sequence[R], key: Callable[[R], Sequence[object]], show: Callable[[R], T]
    ) -> Page[T]:
        """``key`` is what the rows are sorted by, as ``after`` wants it back."""
        shown = rows[: self.limit]
        cursor = _cursor(key(shown[-1])) if len(rows) > self.limit else None
        return Page(items=[show(it) for it in shown], next_cursor=cursor)


def _cursor(values: Sequence[object]) -> str:
    return urlsafe_b64encode(orjson.dumps(list(values))).decode().rstrip("=")


def foreign() -> Problem:
    return invalid("This is no cursor that this list has given out.", "/cursor", "query")


def too_old() -> Problem:
    """What the list was when its first page was read is not known any more."""
    return invalid("This cursor is too old: begin with the first page again.", "/cursor", "query")
