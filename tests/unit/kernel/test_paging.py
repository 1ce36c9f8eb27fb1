"""A cursor continues exactly where a page ended, and anything else is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.http.paging import Paging
from kernel.http.problems import Problem

Row = tuple[datetime, UUID]
ROWS = st.lists(st.tuples(st.datetimes(timezones=st.just(UTC)), st.uuids()), unique=True)


def show(row: Row) -> UUID:
    return row[1]


@given(ROWS, st.integers(1, 100))
def test_all_pages_together_are_the_list(rows: list[Row], limit: int) -> None:
    rows.sort()
    items: list[UUID] = []
    cursor: str | None = None
    for _ in range(len(rows) // limit + 1):
        paging = Paging(limit, cursor)
        after = paging.after(datetime, UUID)
        rest = [it for it in rows if after is None or it > after]
        page = paging.page(rest[: paging.more], key=lambda it: it, show=show)
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            break

    assert cursor is None
    assert items == [show(it) for it in rows]


@given(st.text(max_size=200))
def test_an_invalid_cursor_is_refused_with_422(cursor: str) -> None:
    with pytest.raises(Problem) as refused:
        Paging(50, cursor).after(datetime, UUID)
    assert refused.value.status_code == 422


def test_a_cursor_of_another_list_is_refused() -> None:
    other = Paging(1).page(["b", "c"], key=lambda it: [it], show=str).next_cursor
    with pytest.raises(Problem):
        Paging(1, other).after(datetime, UUID)
