"""Lists in pages: how many rows, after which row, and the cursor of the next page."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

import orjson
from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from kernel.http.problems import Problem, invalid
from kernel.parsing import Malformed, loads

T = TypeVar("T")
R = TypeVar("R")

MAX_CURSOR_LENGTH = 4000


class Page(BaseModel, Generic[T]):
    model_config = ConfigDict(json_schema_extra={"description": "A page of a list."})

    items: list[T]
    next_cursor: str | None = None


class Paging:
    """A handler takes it as ``Paged``. Fetch ``more`` rows, one more than a page holds: the last one
    only shows that there is a next page."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=100)] = 50,
        cursor: Annotated[str | None, Query(max_length=MAX_CURSOR_LENGTH)] = None,
    ) -> None:
        self.limit = limit
        self.more = limit + 1
        self._cursor = cursor

    def after(self, *kinds: Any) -> tuple[Any, ...] | None:
        """The sort key of the previous page's last row, as these types; None on the first page."""
        if self._cursor is None:
            return None
        try:
            padded = self._cursor + "=" * (-len(self._cursor) % 4)
            raw = urlsafe_b64decode(padded.encode("ascii"))
            loads(raw)
            values: tuple[Any, ...] = TypeAdapter(tuple[kinds]).validate_json(raw, strict=True)  # type: ignore[valid-type]
        except (UnicodeEncodeError, NotBase64, Malformed, ValidationError):
            raise foreign_cursor() from None
        return values

    def page(
        self, rows: Sequence[R], key: Callable[[R], Sequence[object]], show: Callable[[R], T]
    ) -> Page[T]:
        """``key``: the values that the rows are sorted by, as ``after`` returns them."""
        shown = rows[: self.limit]
        cursor = _cursor(key(shown[-1])) if len(rows) > self.limit else None
        return Page(items=[show(it) for it in shown], next_cursor=cursor)


Paged: TypeAlias = Annotated[Paging, Depends()]


def _cursor(values: Sequence[object]) -> str:
    return urlsafe_b64encode(orjson.dumps(list(values))).decode().rstrip("=")


def foreign_cursor() -> Problem:
    return invalid("This cursor was not issued by this list.", "/cursor", "query")


def expired_cursor() -> Problem:
    """The state of the list at its first page is no longer known."""
    return invalid("This cursor has expired. Start again with the first page.", "/cursor", "query")
