"""Validation of values in requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from kernel.http.requests import Body, Id, Instant, PathId
from kernel.ids import NIL_ID

ZONES = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(
    lambda it: timezone(timedelta(minutes=it // timedelta(minutes=1)))
)


# bounds without a zone are what the strategy asks for
EARLIEST = datetime.fromisoformat("1970-01-03")
LATEST = datetime.fromisoformat("9999-12-29")


class Example(Body):
    id: Id
    at: Instant
    many: tuple[int, ...] = ()


def parsed(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value)


@given(st.datetimes(EARLIEST, LATEST, timezones=ZONES))
def test_a_time_with_any_offset_is_the_same_moment_in_utc(moment: datetime) -> None:
    text = moment.isoformat()
    assert parsed(Instant, text) == moment
    assert parsed(Instant, text).tzinfo is UTC


@pytest.mark.parametrize(
    "given",
    [
        "2020-01-01",
        "2020-01-01T00:00:00",
        "2020-01-01T00:00Z",
        "2020-13-01T00:00:00Z",
        "2020-01-01T23:59:60Z",
        "9999-12-31T23:59:59-01:00",
        "0001-01-01T00:00:00+01:00",
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59.999999Z",
        "1577836800",
        "2020-01-01T00:00:00Z ",
        "\u0662020-01-01T00:00:00Z",
        1577836800,
        True,
        None,
    ],
)
def test_an_inexact_or_invalid_time_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        parsed(Instant, given)


@given(st.uuids())
def test_an_id_is_accepted_in_its_canonical_form_only(given: UUID) -> None:
    assert parsed(Id, str(given)) == parsed(PathId, str(given)) == given
    for other in (given.hex, given.urn, f"{{{given}}}", given.int):
        with pytest.raises(ValidationError):
            parsed(Id, other)
        assert parsed(PathId, other) == NIL_ID


def test_a_body_can_be_built_in_python_and_is_dumped_as_json() -> None:
    example = Example(id=UUID(int=7), at=datetime(2020, 1, 1, tzinfo=UTC), many=(1,))

    assert example.model_dump(mode="json") == {
        "id": "00000000-0000-0000-0000-000000000007",
        "at": "2020-01-01T00:00:00Z",
        "many": [1],
    }
